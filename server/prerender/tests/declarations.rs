//! Pages whose files nobody would check again fail the run, with their path.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use app::context::{DatabaseProvider, Registration, RequestContext, SiteConfig};
use app::prerender::PAGES;
use axum::routing::get;
use axum::{Extension, Router};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{BoxFuture, Db, DbError};
use prerender::render::Renderer;

struct Memory;

impl DatabaseProvider for Memory {
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>> {
        Box::pin(async {
            Ok(Db::new(SqliteConnector::Open(Arc::new(
                Sqlite::in_memory()?
            ))))
        })
    }
}

fn renderer(router: Router) -> Renderer {
    let site = SiteConfig {
        origin: "https://site.test".to_owned(),
        dev_events: None,
        shows_timing: false,
        secret: None,
        registration: Registration::Closed,
    };
    Renderer::new(router, Arc::new(site), Arc::new(Memory))
}

#[tokio::test]
async fn a_page_that_is_declared_without_rows_must_not_read_any() {
    let query = async |Extension(context): Extension<RequestContext>| {
        let db = context.db_async().await.unwrap();
        db.run(&db::Statement::plain("SELECT 1")).await.unwrap();
        "about"
    };
    let renderer = renderer(Router::new().route("/about", get(query)));
    let why = renderer.render("/about").await.err().unwrap();
    assert!(why.contains("it queried the database"), "{why}");
}

#[tokio::test]
async fn a_page_that_is_not_declared_is_not_rendered() {
    let renderer = renderer(Router::new().route("/tags/{tag}", get("a tag")));
    let why = renderer.render("/tags/bread").await.err().unwrap();
    assert!(why.contains("does not declare this page"), "{why}");
}

#[tokio::test]
async fn a_declared_page_that_has_no_route_fails() {
    let renderer = renderer(Router::new());
    let why = renderer.render("/about").await.err().unwrap();
    assert!(why.contains("404"), "{why}");
}

/// Otherwise the platform answers other methods there, and does not say which are allowed.
#[test]
fn the_worker_runs_first_for_pages_that_are_files() {
    let config = include_str!("../../../wrangler.jsonc");
    let first = config.split("\"run_worker_first\": [").nth(1).unwrap();
    let first = first.split(']').next().unwrap();
    let files: Vec<&str> = PAGES
        .into_iter()
        .filter(|page| page.is_fixed())
        .map(|page| page.pattern.0)
        .collect();
    assert!(!files.is_empty());
    for path in files {
        assert!(first.contains(&format!("\"{path}\"")), "{path}: {first}");
    }
}
