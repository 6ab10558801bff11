//! Problem details (RFC 9457): everything that may be said outside about a failure.
//!
//! Pages, server functions and the JSON API all say it with this one type. Absent: the causes (`error`, and the server's
//! rejections), which turn themselves into a [`Problem`], and the page that shows one (`failure`).

mod encoding;
#[cfg(feature = "ssr")]
mod response;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use encoding::ProblemJson;

/// Seconds after which another try makes sense when the site is unavailable.
const UNAVAILABLE_RETRY_AFTER: u32 = 5;

/// Details of a failed request (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// Identifies the kind of problem: `urn:problem:` followed by `code`. It is a name, not an address to fetch.
    #[serde(rename = "type")]
    #[schema(format = "uri", example = "urn:problem:not_found")]
    pub kind: String,
    /// A short summary, the same for every problem of this type.
    #[schema(example = "This path leads nowhere")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    pub status: u16,
    /// An explanation for people: what happened this time, and what to do about it.
    #[schema(example = "There is nothing at this address.")]
    pub detail: String,
    /// The error code, a stable identifier for programs: `invalid`, `malformed`, `unauthenticated`, `invalid_token`,
    /// `insufficient_scope`, `forbidden`, `cross_site`, `not_found`, `method_not_allowed`, `not_acceptable`, `conflict`, `gone`,
    /// `precondition_failed`, `too_large`, `uri_too_long`, `unsupported_media_type`, `precondition_required`, `too_many`, `internal`
    /// or `unavailable`.
    #[schema(example = "not_found")]
    pub code: String,
    /// One sentence for each field or parameter that is not valid, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub fields: BTreeMap<String, String>,
    /// The id under which the server's log has the cause. Only with status 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<String>,
    /// Seconds to wait before trying again, as in the header `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after: Option<u32>,
    /// An explanation for the site's operators: what happened, and how to mend it. Readers get `detail`.
    #[serde(skip)]
    #[schema(ignore)]
    pub for_operators: Option<String>,
}

impl Problem {
    /// A problem without `fields`, `id`, `retry_after` and `for_operators`.
    pub fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: ["urn:problem:", code].concat(),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            code: code.to_owned(),
            fields: BTreeMap::new(),
            id: None,
            retry_after: None,
            for_operators: None,
        }
    }

    /// The problem as the site's operators see it: with all that they need to mend it.
    #[must_use]
    pub fn for_operators(mut self) -> Self {
        if let Some(detail) = self.for_operators.take() {
            self.detail = detail;
        }
        self
    }

    /// The problem of a request whose `fields` are not valid, with a sentence for each.
    pub fn invalid(fields: BTreeMap<String, String>) -> Self {
        let sentences: Vec<&str> = fields.values().map(String::as_str).collect();
        let detail = match sentences.is_empty() {
            true => "The request is not valid.".to_owned(),
            false => sentences.join(" "),
        };
        Self {
            fields,
            ..Self::new(400, "invalid", "This address is not understood", detail)
        }
    }

    /// The problem of a site that cannot answer now.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self {
            retry_after: Some(UNAVAILABLE_RETRY_AFTER),
            ..Self::new(503, "unavailable", "The site cannot answer now", reason)
        }
    }
}
