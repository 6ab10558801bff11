//! What a log-in to PostgreSQL costs in computing, for `cargo x bench drivers`.

use app::{AppError, Problem};
use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use db::drivers::postgres::log_in_bench::{Way, log_in};
use serde::Deserialize;

/// The most log-ins of one request.
const MOST: u32 = 100_000;

pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/test/log-in", get(many))
}

#[derive(Deserialize)]
struct RequestInfo {
    way: String,
    times: u32,
}

/// Computes the client's side of so many log-ins, in one of the ways.
async fn many(Query(asked): Query<RequestInfo>) -> Result<Json<&'static str>, Problem> {
    let way = Way::named(&asked.way).ok_or(AppError::NotFound)?;
    log_in(way, asked.times.min(MOST))
        .await
        .map_err(|error| AppError::internal(&error))?;
    Ok(Json("done"))
}
