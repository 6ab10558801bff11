//! A reactive scope for each request.
//!
//! Leptos keeps the owner of what is being rendered in a thread-local, sets it when a page begins, and reads it again
//! when the page's data has come. Requests take turns in between, so without this a page that waited for its database
//! would put its `<meta>` elements into whichever page began last.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use leptos::prelude::Owner;

/// A future that finds the reactive owner as it left it, even if other futures ran in between.
pub(crate) struct Scoped<F> {
    owner: Owner,
    future: Pin<Box<F>>,
}

impl<F: Future> Scoped<F> {
    pub(crate) fn new(future: F) -> Self {
        Self {
            owner: Owner::default(),
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let (owner, future) = (&mut this.owner, this.future.as_mut());
        owner.clone().with(|| {
            let answer = future.poll(task);
            if let Some(left) = Owner::current() {
                *owner = left;
            }
            answer
        })
    }
}
