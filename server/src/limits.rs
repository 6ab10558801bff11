//! The size that a request may have.

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request};

/// The longest path and query, in bytes.
pub(crate) const MAX_ADDRESS_BYTES: usize = 2_000;

/// The largest body, in bytes.
pub const MAX_BODY_BYTES: usize = 1_000_000;

/// Extension of a request whose body was larger than [`MAX_BODY_BYTES`] and was not kept. Such a request is rejected before
/// routing.
#[derive(Clone, Copy)]
pub struct BodyTooLarge;

/// Tells whether an entry should read the body of a request: not for a safe method, nor when it is declared to be too large.
pub fn should_read_body<B>(request: &Request<B>) -> bool {
    !request.method().is_safe() && !declares_too_much(request.headers())
}

pub(crate) fn has_too_large_body<B>(request: &Request<B>) -> bool {
    declares_too_much(request.headers()) || request.extensions().get::<BodyTooLarge>().is_some()
}

fn declares_too_much(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    length.is_some_and(|length| length > MAX_BODY_BYTES)
}
