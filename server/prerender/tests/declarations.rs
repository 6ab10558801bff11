//! Pages whose files nobody would check again fail the run, with their path.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use app::context::{DatabaseProvider, Registration, RequestContext, SiteConfig};
use app::prerender::PAGES;
use axum::routing::get;
use axum::{Extension, Router};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{BoxFuture, Db, DbError};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router as Routes};
use leptos_router::location::RequestUrl;
use leptos_router::static_routes::StaticRoute;
use leptos_router::{RouteList, SsrMode, path};
use prerender::list;
use prerender::render::Renderer;

/// A site whose author declared nothing.
#[component]
fn Undeclared() -> impl IntoView {
    let tag = || SsrMode::Static(StaticRoute::new());
    view! {
        <Routes>
            <FlatRoutes fallback=|| ()>
                <Route path=path!("/") view=|| () ssr=SsrMode::Async/>
                <Route path=path!("/tags/:tag") view=|| () ssr=tag()/>
            </FlatRoutes>
        </Routes>
    }
}

/// A site that renders none of the declared pages.
#[component]
fn Unrouted() -> impl IntoView {
    view! {
        <Routes>
            <FlatRoutes fallback=|| ()>
                <Route path=path!("/posts/:slug") view=|| () ssr=SsrMode::Async/>
            </FlatRoutes>
        </Routes>
    }
}

fn routes<V: IntoView + 'static>(app: impl FnOnce() -> V) -> RouteList {
    Owner::new().with(|| {
        provide_context(RequestUrl::new(""));
        RouteList::generate(|| app().into_view()).unwrap()
    })
}

#[test]
fn static_routes_are_the_declared_pages() {
    list::check(&list::routes()).unwrap();
    let undeclared = list::check(&routes(Undeclared)).unwrap_err().to_string();
    assert!(
        undeclared.contains(
            "the route `/tags/:tag` is static, but app/src/prerender declares no such page"
        ),
        "{undeclared}"
    );
    let unrouted = list::check(&routes(Unrouted)).unwrap_err().to_string();
    assert!(
        unrouted.contains("declares the page `/about`, but the router has no such static route"),
        "{unrouted}"
    );
}

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

/// Otherwise the platform answers other methods there, and does not say which are allowed.
#[test]
fn the_worker_runs_first_for_pages_that_are_files() {
    let config = include_str!("../../../wrangler.jsonc");
    let first = config.split("\"run_worker_first\": [").nth(1).unwrap();
    let first = first.split(']').next().unwrap();
    let files: Vec<&str> = PAGES
        .into_iter()
        .filter(|page| page.is_fixed())
        .map(|page| page.pattern)
        .collect();
    assert!(!files.is_empty());
    for path in files {
        assert!(first.contains(&format!("\"{path}\"")), "{path}: {first}");
    }
}
