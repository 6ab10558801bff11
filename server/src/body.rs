//! Bodies of requests, which end at the limit while they are read.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use http::Request;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::limits::MAX_BODY_BYTES;
use crate::rejection::Rejection;

/// The reason why a body could not be read to its end, known after somebody has tried.
#[derive(Clone, Default)]
pub(crate) struct BodyFailure(Arc<OnceLock<Rejection>>);

impl BodyFailure {
    pub(crate) fn rejection(&self) -> Option<Rejection> {
        self.0.get().copied()
    }
}

/// Has the body of `request` end at the limit, while it is read: whoever answers without reading it never waits for it.
/// Nothing reads the body of a safe method.
pub(crate) fn limit_body(request: &mut Request<Body>) -> BodyFailure {
    let failure = BodyFailure::default();
    let body = std::mem::take(request.body_mut());
    if !request.method().is_safe() {
        let noted = failure.clone();
        let limited = Limited::new(body, MAX_BODY_BYTES).map_err(move |error| {
            let reason = match error.is::<LengthLimitError>() {
                true => Rejection::BodyTooLarge,
                false => Rejection::BodyIncomplete,
            };
            // The first reason is the one.
            let _ = noted.0.set(reason);
            error
        });
        *request.body_mut() = Body::new(limited);
    }
    failure
}
