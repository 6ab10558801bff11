//! Names the request that panicked, for `entry.js`.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static POLLED: Cell<u32> = const { Cell::new(0) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = reportPanic)]
    fn panicked(number: u32) -> Result<(), JsValue>;
}

/// Names the request that is being polled. Without `entry.js` nobody listens, and nothing is lost.
pub(super) fn report() {
    let _ = panicked(POLLED.get());
}

/// A request's future, with the number that `entry.js` gave the request.
pub(super) struct Numbered<F> {
    number: u32,
    future: Pin<Box<F>>,
}

impl<F> Numbered<F> {
    pub(super) fn new(number: u32, future: F) -> Self {
        Self {
            number,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Numbered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        POLLED.set(self.number);
        self.future.as_mut().poll(task)
    }
}
