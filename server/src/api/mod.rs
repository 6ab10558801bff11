//! The JSON API, read side: `/api/v1/…`, `/api/health`, `/api/openapi.json`.

mod comments;
mod health;
mod list;
mod posts;
mod users;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::OpenApi;

use crate::refusal::Failure;

/// The API's routes below `/api`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/v1/users", get(users::list))
        .route("/v1/users/{handle}", get(users::read))
        .route("/v1/posts", get(posts::list))
        .route("/v1/posts/{slug}", get(posts::read))
        .route("/v1/posts/{slug}/comments", get(comments::list))
        .route("/health", get(health::read))
        .route("/openapi.json", get(document))
}

/// The API's description, generated from the handlers and types.
#[derive(OpenApi)]
#[openapi(
    paths(users::list, users::read, posts::list, posts::read, comments::list, health::read),
    components(schemas(ErrorBody)),
    tags((name = "users"), (name = "posts"), (name = "site"))
)]
struct Description;

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    document.info.title = app::site::NAME.to_owned();
    document.info.description = Some(app::site::API_DESCRIPTION.to_owned());
    document
}

async fn document() -> Result<Response, Failure> {
    json(&openapi())
}

/// An error: a sentence for people, a word for programs.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename = "Error")]
#[schema(as = Error)]
struct ErrorBody {
    /// A sentence for people.
    error: String,
    /// A word for programs.
    code: String,
    /// Under which the log has the cause; only for status 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<std::collections::BTreeMap<String, String>>,
}

/// A JSON response.
fn json(value: &impl Serialize) -> Result<Response, Failure> {
    let text = serde_json::to_string(value).map_err(|error| app::AppError::internal(&error))?;
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}
