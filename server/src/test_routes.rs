//! Routes that only test builds have: a look from inside at what no response of the site shows.

// It names the platform and a driver, and so stands with the Worker's entry.
#[cfg(target_arch = "wasm32")]
#[path = "entry/test_platform.rs"]
mod platform;
// Natively nobody waits, and the driver may be missing.
#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use app::AppError;

    pub(super) async fn wait(_: std::time::Duration) {}

    pub(super) fn trap() {}

    pub(super) fn memory() -> usize {
        0
    }

    pub(super) async fn log_in_often(_: &str, _: u32) -> Result<(), AppError> {
        Err(AppError::NotFound)
    }
}

use std::time::Duration;

use app::context::{self, RequestContext};
use app::{AppError, Problem};
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use db::Statement;
use db::contract::{CASES, Clients};
use db::queries::{health, posts};
use domain::{PageRequest, Search, Slug};
use futures::future::join_all;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json as JsonOutput};
use serde::{Deserialize, Serialize};

/// The routes below `/test`.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/test/context", get(seen_by_a_handler))
        .route("/test/contract", get(contract_names))
        .route("/test/contract/{name}", get(contract))
        .route("/test/panic", get(panic))
        .route("/test/slow", get(slow))
        .route("/test/error", get(error))
        .route("/test/increment", post(increment))
        .route("/test/memory", get(async || platform::memory().to_string()))
        .route("/test/log-in", get(log_in))
}

/// A request's view of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    /// The user who is signed in.
    handle: Option<String>,
    connections: u64,
    statements: u64,
}

/// Reads the session, queries several things one after the other and at the same time, and reads the session again.
async fn look(context: &RequestContext) -> Result<Seen, AppError> {
    let db = context.db()?;
    let before = context.session().await?;
    health::check(&db).await?;
    let newest = posts::list(&db, &Search::default(), &PageRequest::first(2)).await?;
    let all = join_all((0..3).map(|_| health::check(&db))).await;
    all.into_iter().collect::<Result<Vec<_>, _>>()?;
    let after = context.session().await?;
    if before != after || newest.rows.is_empty() {
        return Err(AppError::internal(&"the session changed within a request"));
    }
    let stats = db.stats();
    Ok(Seen {
        handle: after.map(|session| session.handle),
        connections: stats.connections,
        statements: stats.statements,
    })
}

async fn seen_by_a_handler(
    Extension(context): Extension<RequestContext>,
) -> Result<Json<Seen>, Problem> {
    Ok(Json(look(&context).await?))
}

#[server(prefix = "/fn", endpoint = "test_context", input = GetUrl, output = JsonOutput)]
async fn seen_by_a_server_function() -> Result<Seen, Problem> {
    Ok(look(&context::request()?).await?)
}

/// The topic and the name of each case.
async fn contract_names() -> Json<Vec<[&'static str; 2]>> {
    Json(CASES.iter().map(|case| [case.topic, case.name]).collect())
}

/// Runs one case, with the clients that the entry provides.
async fn contract(
    Path(name): Path<String>,
    Extension(clients): Extension<Clients>,
) -> Result<Json<Option<String>>, Problem> {
    let case = CASES
        .iter()
        .find(|case| case.name == name)
        .ok_or(AppError::NotFound)?;
    Ok(Json((case.run)(clients).await.err()))
}

#[derive(Deserialize)]
struct PanicQuery {
    after_await: bool,
    /// By a trap that no hook hears of, such as an overflow of the stack.
    #[serde(default)]
    is_trap: bool,
}

async fn panic(
    Query(query): Query<PanicQuery>,
    Extension(context): Extension<RequestContext>,
) -> Result<(), Problem> {
    if query.after_await {
        health::check(&context.db()?).await?;
    }
    if query.is_trap {
        platform::trap();
    }
    panic!("a test route was asked to panic");
}

/// Takes half a second, so that it is under way while another request panics.
async fn slow(
    Extension(context): Extension<RequestContext>,
) -> Result<Json<&'static str>, Problem> {
    let db = context.db()?;
    for _ in 0..20 {
        platform::wait(Duration::from_millis(25)).await;
        health::check(&db).await?;
    }
    Ok(Json("done"))
}

#[derive(Deserialize)]
struct Increment {
    slug: String,
    by: u32,
}

/// Adds to a number that pages show: one statement for each 1, all in one write.
async fn increment(
    Query(increment): Query<Increment>,
    Extension(context): Extension<RequestContext>,
) -> Result<Json<&'static str>, Problem> {
    let slug = Slug::parse(&increment.slug).map_err(|_| AppError::NotFound)?;
    let one = Statement::plain(format!(
        "UPDATE posts SET reading_minutes = reading_minutes + 1 WHERE slug = '{slug}'"
    ));
    let statements = vec![one; increment.by as usize];
    context.db()?.write(&statements).await?;
    Ok(Json("done"))
}

async fn error() -> Problem {
    AppError::internal(&"a secret cause that stays in the log").into()
}

#[derive(Deserialize)]
struct LogIns {
    way: String,
    times: u32,
}

async fn log_in(Query(log_ins): Query<LogIns>) -> Result<Json<&'static str>, Problem> {
    platform::log_in_often(&log_ins.way, log_ins.times).await?;
    Ok(Json("done"))
}
