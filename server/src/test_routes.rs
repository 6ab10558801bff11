//! Routes of test builds alone: what a browser never asks for, and a test must see from inside.

// It names a driver, and so is at home with the Worker's entry.
#[cfg(target_arch = "wasm32")]
#[path = "entry/log_in.rs"]
mod log_in;

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
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/test/context", get(seen_by_a_handler))
        .route("/test/contract", get(contract_names))
        .route("/test/contract/{name}", get(contract))
        .route("/test/panic", get(panic))
        .route("/test/slow", get(slow))
        .route("/test/error", get(error))
        .route("/test/increment", post(increment))
        .merge(log_in::router())
}

/// What a request sees of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seen {
    /// Who is signed in.
    handle: Option<String>,
    /// How often a database was opened.
    connections: u64,
    /// How many statements were run.
    statements: u64,
}

/// Looks at the session, asks several things one after the other and at the same time, and looks again.
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

/// The same, seen by a server function.
#[server(prefix = "/fn", endpoint = "test_context", input = GetUrl, output = JsonOutput)]
async fn seen_by_a_server_function() -> Result<Seen, Problem> {
    Ok(look(&context::request()?).await?)
}

async fn contract_names() -> Json<Vec<&'static str>> {
    Json(CASES.iter().map(|case| case.name).collect())
}

/// Runs one case; the entry says where clients come from, and of which engine.
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
struct When {
    after_await: bool,
}

async fn panic(
    Query(when): Query<When>,
    Extension(context): Extension<RequestContext>,
) -> Result<(), Problem> {
    if when.after_await {
        health::check(&context.db()?).await?;
    }
    panic!("a test route was asked to panic");
}

/// Is under way while others panic.
async fn slow(
    Extension(context): Extension<RequestContext>,
) -> Result<Json<&'static str>, Problem> {
    let db = context.db()?;
    for _ in 0..20 {
        wait(Duration::from_millis(25)).await;
        health::check(&db).await?;
    }
    Ok(Json("done"))
}

#[derive(Deserialize)]
struct Increment {
    slug: String,
    by: u32,
}

/// Adds to a number that pages show: one statement for each 1, all as one write.
async fn increment(
    Query(asked): Query<Increment>,
    Extension(context): Extension<RequestContext>,
) -> Result<Json<&'static str>, Problem> {
    let slug = Slug::parse(&asked.slug).map_err(|_| AppError::NotFound)?;
    let one = Statement::plain(format!(
        "UPDATE posts SET reading_minutes = reading_minutes + 1 WHERE slug = '{slug}'"
    ));
    let statements = vec![one; asked.by as usize];
    context.db()?.write(&statements).await?;
    Ok(Json("done"))
}

async fn error() -> Problem {
    AppError::internal(&"a secret cause that stays in the log").into()
}

#[cfg(target_arch = "wasm32")]
use crate::entry::wait;

/// Natively nobody measures that, and the driver may not be there.
#[cfg(not(target_arch = "wasm32"))]
mod log_in {
    pub(super) fn router<S: Clone + Send + Sync + 'static>() -> axum::Router<S> {
        axum::Router::new()
    }
}

#[cfg(not(target_arch = "wasm32"))]
async fn wait(_: Duration) {
    futures::future::ready(()).await;
}
