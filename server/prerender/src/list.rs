//! The paths to render, and the check that router and declarations agree on which pages these are.

use anyhow::{Context, Result, ensure};
use app::App;
use app::prerender::{self, PAGES};
use leptos::prelude::{Owner, provide_context};
use leptos_router::location::RequestUrl;
use leptos_router::{PathSegment, RouteList, RouteListing};

use crate::render::Renderer;

/// The paths of all pages, for at most `limit` posts and as many users.
///
/// # Errors
/// When the database cannot be asked.
pub async fn paths(renderer: &Renderer, limit: usize) -> Result<Vec<String>> {
    let context = renderer.context();
    let listed = async {
        let db = context
            .db_async()
            .await
            .map_err(|error| error.to_string())?;
        let paths = prerender::paths(&db, limit).await;
        paths.map_err(|error| error.to_string())
    };
    let paths = listed.await.map_err(anyhow::Error::msg);
    context.close();
    paths.context("the pages cannot be listed")
}

/// The routes of the site.
pub fn routes() -> RouteList {
    Owner::new().with(|| {
        provide_context(RequestUrl::new(""));
        RouteList::generate(App).unwrap_or_default()
    })
}

/// Checks that the static routes are the declared pages.
///
/// # Errors
/// With the path of a static route that is not declared, or of a declared page that has no static route.
pub fn check(routes: &RouteList) -> Result<()> {
    let is_static = |route: &&RouteListing| route.static_route().is_some();
    let routed: Vec<String> = routes.iter().filter(is_static).map(pattern).collect();
    for route in &routed {
        ensure!(
            PAGES.iter().any(|page| page.pattern == route),
            "the route `{route}` is static, but app/src/prerender declares no such page: its files would be served without \
             a check whether they are still current"
        );
    }
    for page in PAGES.iter().filter(|page| page.is_html()) {
        ensure!(
            routed.iter().any(|route| route == page.pattern),
            "app/src/prerender declares the page `{}`, but the router has no such static route",
            page.pattern
        );
    }
    Ok(())
}

/// The path of a route as it is declared.
fn pattern(route: &RouteListing) -> String {
    let segments = route.path().iter().map(|segment| match segment {
        PathSegment::Unit => String::new(),
        PathSegment::Static(text) => text.trim_matches('/').to_owned(),
        PathSegment::Param(name) => format!(":{name}"),
        PathSegment::OptionalParam(name) => format!(":{name}?"),
        PathSegment::Splat(name) => format!("*{name}"),
    });
    let segments: Vec<String> = segments.filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}
