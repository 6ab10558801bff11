//! The size that a request may have.

use http::HeaderMap;
use http::header::CONTENT_LENGTH;

/// The longest path and query, in bytes.
pub(crate) const MAX_ADDRESS_BYTES: usize = 2_000;

/// The largest body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1_000_000;

/// Tells whether a request says that its body is too large: nobody needs to read it.
pub(crate) fn declares_too_much(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
    length.is_some_and(|length| length > MAX_BODY_BYTES)
}
