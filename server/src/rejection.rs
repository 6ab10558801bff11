//! Rejections: requests that are turned away by what they are, before or instead of routing.

use app::Problem;

use crate::limits::{MAX_ADDRESS_BYTES, MAX_BODY_BYTES};

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The address is not valid percent-encoded UTF-8, or its query cannot be read.
    Malformed,
    AddressTooLong,
    /// The request does not say, or says more than once, at which host it looks for the site.
    NoHost,
    BodyTooLarge,
    /// The body is no JSON.
    NotJson,
    /// The body did not arrive as a whole.
    BodyIncomplete,
    /// The address does not accept this method.
    MethodNotAllowed,
    /// The client accepts no media type that the address can answer with.
    NotAcceptable,
    /// The body has a media type that the address does not accept.
    UnsupportedMediaType,
    /// Another site made the browser send this.
    CrossSite,
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Malformed => Self::new(
                400,
                "malformed",
                "This address is not understood",
                "The address is not valid: it contains a broken percent-encoding, bytes that are not UTF-8 text, or a query \
                 that cannot be read.",
            ),
            Rejection::NoHost => Self::new(
                400,
                "malformed",
                "This address is not understood",
                "The request must name the site's host once, in the Host header: a domain or an address, with or without a \
                 port.",
            ),
            Rejection::NotJson => Self::new(
                400,
                "malformed",
                "This is not understood",
                "The body of the request is not JSON.",
            ),
            Rejection::BodyIncomplete => Self::new(
                400,
                "malformed",
                "This did not arrive",
                "The body of the request did not arrive as a whole. Please send it again.",
            ),
            Rejection::CrossSite => Self::new(
                403,
                "cross_site",
                "This came from another site",
                "Changes are accepted only from this site's own pages.",
            ),
            Rejection::MethodNotAllowed => Self::new(
                405,
                "method_not_allowed",
                "This cannot be done here",
                "This address does not accept this method. The Allow header lists the methods that it accepts.",
            ),
            Rejection::NotAcceptable => Self::new(
                406,
                "not_acceptable",
                "Not in this form",
                "This address answers with application/json, which the request's Accept header excludes.",
            ),
            Rejection::BodyTooLarge => Self::new(
                413,
                "too_large",
                "This is too much at once",
                format!(
                    "The body is larger than {} MB, the most that is accepted.",
                    MAX_BODY_BYTES / 1_000_000
                ),
            ),
            Rejection::AddressTooLong => Self::new(
                414,
                "uri_too_long",
                "This address is too long",
                format!("An address here has at most {MAX_ADDRESS_BYTES} characters."),
            ),
            Rejection::UnsupportedMediaType => Self::new(
                415,
                "unsupported_media_type",
                "Not in this form",
                "The body has a media type that this address does not accept.",
            ),
        }
    }
}
