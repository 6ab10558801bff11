//! `/api/health`: whether the site can answer.

use app::context::RequestContext;
use axum::Extension;
use axum::response::Response;
use db::queries::health;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde::Serialize;

use super::{ErrorBody, json};
use crate::refusal::Failure;

/// That all is well.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
    /// `ok`: the database answers, and its migrations are applied.
    database: &'static str,
}

/// Asks the database.
#[utoipa::path(
    get, path = "/api/health", tag = "site",
    responses((status = 200, body = Health), (status = 503, body = ErrorBody))
)]
pub(super) async fn read(
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    health::check(&context.db()?).await?;
    let mut response = json(&Health {
        status: "ok",
        database: "ok",
    })?;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
