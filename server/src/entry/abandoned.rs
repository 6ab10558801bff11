//! Requests whose client has gone away: what is under way for them is dropped, with its connections and its memory.

use std::cell::RefCell;
use std::collections::HashMap;

use futures::future::{AbortHandle, abortable};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// Ends of the requests that are under way, by the number that `entry.js` gave each.
    static UNDER_WAY: RefCell<HashMap<u32, AbortHandle>> = RefCell::default();
}

/// Ends the request with this number, if it is under way; `entry.js` calls it.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "JavaScript calls it")]
pub fn abandon(number: u32) {
    let found = UNDER_WAY.with_borrow_mut(|requests| requests.remove(&number));
    // It may wake the request at once, which looks itself up again.
    if let Some(request) = found {
        request.abort();
    }
}

/// The output of `future`; none when its request was abandoned before.
pub(super) async fn unless_abandoned<T>(number: u32, future: impl Future<Output = T>) -> Option<T> {
    let (future, handle) = abortable(future);
    UNDER_WAY.with_borrow_mut(|requests| requests.insert(number, handle));
    let output = future.await;
    UNDER_WAY.with_borrow_mut(|requests| requests.remove(&number));
    output.ok()
}
