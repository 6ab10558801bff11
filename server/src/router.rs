//! The router: built once and shared by all requests. What differs between requests is in their context.

use app::{App, AppError, Problem, context, shell};
use axum::Router;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use leptos_router::SsrMode;

use crate::rejection::Rejection;
use crate::{api, feeds, theme};

/// The routes of pages. Static ones are rendered on request like the others: what was rendered ahead does not come here.
fn routes() -> Vec<AxumRouteListing> {
    let on_request = |route: AxumRouteListing| {
        let methods: Vec<_> = route.methods().collect();
        AxumRouteListing::new(route.path().to_owned(), SsrMode::Async, methods, [])
    };
    generate_route_list(App)
        .into_iter()
        .map(on_request)
        .collect()
}

/// Every route of the site.
pub fn router() -> Router {
    // Reads nothing from the environment: a Worker has no files, and the assets' addresses are compiled in.
    let options = LeptosOptions::builder().output_name("client").build();
    let router = Router::new()
        .leptos_routes_with_context(&options, routes(), context::provide, || shell(App))
        .route("/theme", post(theme::choose))
        .route("/theme.css", get(theme::style))
        .route("/feed.xml", get(feeds::all))
        .route("/users/{handle}/feed.xml", get(feeds::of_user))
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/robots.txt", get(feeds::robots))
        .merge(api::router());
    #[cfg(feature = "test_routes")]
    let router = router.merge(crate::test_routes::router());
    router
        .fallback(async || Problem::from(AppError::NotFound))
        .method_not_allowed_fallback(async || Problem::from(Rejection::MethodNotAllowed))
        .with_state(options)
}
