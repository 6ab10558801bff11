//! `/api/health`.

use app::Problem;
use axum::Json;
use db::queries::health;
use http::HeaderName;
use http::header::CACHE_CONTROL;
use serde::Serialize;

use crate::extract::RequestDb;

/// The state of a site that can answer.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// Always `ok`: the database answers, its migrations are applied, and what pages need can be read.
    #[schema(example = "ok")]
    database: &'static str,
}

/// Check whether the site and its database can answer.
#[utoipa::path(
    get, path = "/api/health", tag = "site", operation_id = "check_health",
    responses((status = 200, description = "The site can answer.", body = Health))
)]
pub(super) async fn check(
    RequestDb(db): RequestDb,
) -> Result<([(HeaderName, &'static str); 1], Json<Health>), Problem> {
    health::check(&db).await?;
    let health = Health {
        status: "ok",
        database: "ok",
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(health)))
}
