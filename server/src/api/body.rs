//! The parts of requests that write something: a body of JSON, and the key by which a second sending is known.

use app::{AppError, Problem};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use domain::UserId;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use mediatype::MediaType;
use serde::de::{DeserializeOwned, IgnoredAny};
use uuid::Uuid;

use super::problems::not_taken;
use crate::headers::IDEMPOTENCY_KEY;
use crate::rejection::Rejection;

/// A body of JSON. What is no JSON is 400, and what has other members than `T`, or of another type, 422.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Rejection::UnsupportedMediaType.into());
        }
        let bytes = Bytes::from_request(request, state).await;
        // What is too large, or did not arrive, is known where the body was read.
        let bytes = bytes.map_err(|_| Rejection::BodyIncomplete)?;
        // A list could stand for the members in their order.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            let any = serde_json::from_slice::<IgnoredAny>(&bytes);
            return Err(any.map_or_else(
                |_| Rejection::NotJson.into(),
                |_| not_taken([("body", "The body is a JSON object.")]),
            ));
        }
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let body = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            if !error.inner().is_data() {
                return Rejection::NotJson.into();
            }
            let member = match error.path().to_string() {
                path if path == "." => "body".to_owned(),
                path => path,
            };
            not_taken([(member, error.inner().to_string())])
        })?;
        json.end().map_err(|_| Rejection::NotJson)?;
        Ok(Self(body))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let Some(kind) = value.and_then(|value| MediaType::parse(value).ok()) else {
        return false;
    };
    let is = |name: mediatype::Name<'_>| name.as_str().eq_ignore_ascii_case("json");
    kind.ty.as_str().eq_ignore_ascii_case("application")
        && (is(kind.subty) || kind.suffix.is_some_and(is))
}

/// The id of the account that a request makes, however often it is sent.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct IdempotencyKey {
    /// A UUID of your own, so that the request can be sent again within ten minutes, when its response was lost. It becomes the id of the
    /// account.
    #[param(rename = "Idempotency-Key", value_type = String, required = false, format = "uuid")]
    pub(super) id: UserId,
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(key) = parts.headers.get(IDEMPOTENCY_KEY) else {
            return Ok(Self { id: UserId::new() });
        };
        let key = key.to_str().ok().and_then(|key| Uuid::try_parse(key).ok());
        let id =
            key.ok_or_else(|| AppError::invalid("Idempotency-Key", "Idempotency-Key is a UUID."))?;
        Ok(Self { id: UserId(id) })
    }
}
