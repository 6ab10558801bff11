//! Bodies of requests, which end at the limit while they are read.

use std::io;
use std::sync::{Arc, OnceLock};

use axum::body::{Body, Bytes};
use futures::stream;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::limits::{MAX_BODY_BYTES, declares_too_much};
use crate::rejection::Rejection;

/// The reason why a body could not be read to its end, known after somebody has tried.
#[derive(Clone, Default)]
pub(crate) struct BodyFailure {
    met: Arc<OnceLock<Rejection>>,
    /// The request says that its body is too large, and its method gives nobody a reason to read it.
    is_unread_and_too_large: bool,
}

impl BodyFailure {
    /// The reason to answer with, where the response without it would have `status`. Whatever else is wrong with a request
    /// whose body nobody reads is said first.
    pub(crate) fn rejection(&self, status: StatusCode) -> Option<Rejection> {
        let unread = (self.is_unread_and_too_large && status.is_success())
            .then_some(Rejection::BodyTooLarge);
        self.met.get().copied().or(unread)
    }
}

/// Has the body of `request` end at the limit, while it is read: whoever answers without reading it never waits for it. One
/// that is declared to be larger fails at once. Nothing reads the body of a safe method.
pub(crate) fn limit_body(request: &mut Request<Body>) -> BodyFailure {
    let is_safe = request.method().is_safe();
    let is_too_large = declares_too_much(request.headers());
    let failure = BodyFailure {
        is_unread_and_too_large: is_safe && is_too_large,
        ..BodyFailure::default()
    };
    let mut body = std::mem::take(request.body_mut());
    if is_safe {
        return failure;
    }
    let met = Arc::clone(&failure.met);
    if is_too_large {
        body = Body::from_stream(stream::once(async move {
            // The first reason is the one.
            let _ = met.set(Rejection::BodyTooLarge);
            Err::<Bytes, _>(io::Error::other("the body is declared to be too large"))
        }));
    } else {
        let limited = Limited::new(body, MAX_BODY_BYTES).map_err(move |error| {
            let reason = match error.is::<LengthLimitError>() {
                true => Rejection::BodyTooLarge,
                false => Rejection::BodyIncomplete,
            };
            let _ = met.set(reason);
            error
        });
        body = Body::new(limited);
    }
    *request.body_mut() = body;
    failure
}
