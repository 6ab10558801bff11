//! Requests that are turned away before a page or a handler has a say, and failures on their way out.

use std::collections::BTreeMap;
use std::ops::Deref;

use app::{AppError, Notice};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// Why a request is turned away by what it is, whatever it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The address is not valid percent-encoded UTF-8.
    Malformed,
    /// The address is too long.
    TooLong,
    /// The body is too large.
    TooLarge,
    /// The address does not take this method.
    Method,
    /// The client takes nothing that can be given.
    NotAcceptable,
    /// The body is of a kind that is not taken.
    MediaType,
    /// Another site sent it.
    CrossSite,
}

impl Refusal {
    const fn parts(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "This address is not understood",
                "The address is not valid: it has a broken percent sign or bytes that are no text.",
            ),
            Self::TooLong => (
                StatusCode::URI_TOO_LONG,
                "uri_too_long",
                "This address is too long",
                "An address here has at most 2,000 characters.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "This is too much at once",
                "What was sent is larger than 1 MB.",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This cannot be done here",
                "This address does not take this method; Allow says which it takes.",
            ),
            Self::NotAcceptable => (
                StatusCode::NOT_ACCEPTABLE,
                "not_acceptable",
                "Not in this form",
                "This address answers with application/json; the request does not accept that.",
            ),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Not in this form",
                "The body is of a kind that this address does not take.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "cross_site",
                "This came from another site",
                "Changes are taken only from this site's own pages.",
            ),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (status, code, heading, text) = refusal.parts();
        Self(Box::new(Said {
            status,
            code,
            heading,
            text: text.to_owned(),
            page: text.to_owned(),
            id: None,
            fields: BTreeMap::new(),
            retry_after: None,
        }))
    }
}

/// A failure on its way out; [`crate::answer`] gives it the form that the client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Box<Said>);

/// What a failure says.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    code: &'static str,
    heading: &'static str,
    /// For programs.
    text: String,
    /// For people; often longer.
    page: String,
    id: Option<String>,
    fields: BTreeMap<String, String>,
    retry_after: Option<u32>,
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let Notice {
            status,
            heading,
            text: page,
            id,
        } = Notice::from(&error);
        let (code, text, retry_after) = (error.code(), error.message(), error.retry_after());
        let fields = match error {
            AppError::Invalid { fields } => fields,
            AppError::Conflict { ref field } => BTreeMap::from([(field.clone(), text.clone())]),
            AppError::NotFound
            | AppError::Gone
            | AppError::Unauthenticated
            | AppError::Forbidden
            | AppError::TooMany { .. }
            | AppError::Unavailable { .. }
            | AppError::Internal { .. } => BTreeMap::new(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Box::new(Said {
            status,
            code,
            heading,
            text,
            page,
            id,
            fields,
            retry_after,
        }))
    }
}

impl From<db::DbError> for Failure {
    fn from(error: db::DbError) -> Self {
        AppError::from(error).into()
    }
}

#[derive(Serialize)]
struct FailureBody<'a> {
    error: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: &'a BTreeMap<String, String>,
}

impl Deref for Failure {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.0
    }
}

impl Failure {
    /// As JSON, for programs.
    pub(crate) fn as_json(&self) -> Response {
        let body = FailureBody {
            error: &self.text,
            code: self.code,
            id: self.id.as_deref(),
            fields: &self.fields,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        self.with(Body::from(text), "application/json")
    }

    /// What its page says.
    pub(crate) fn notice(&self) -> Notice {
        Notice {
            status: self.status.as_u16(),
            heading: self.heading,
            text: self.page.clone(),
            id: self.id.clone(),
        }
    }

    fn with(&self, body: Body, kind: &'static str) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Failure {
    /// An empty response that carries the failure.
    fn into_response(self) -> Response {
        let mut response = self.with(Body::empty(), "text/plain");
        response.headers_mut().remove(CONTENT_TYPE);
        response.extensions_mut().insert(self);
        response
    }
}
