//! The router: built once and shared by all requests. What differs between requests is in their context.

use app::{App, AppError, Problem, context, shell};
use axum::Router;
use axum::routing::{get, post};
use http::Method;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{
    generate_route_list, handle_server_fns_with_context, render_app_async_with_context,
};

use crate::rejection::Rejection;
use crate::{api, feeds, theme};

/// The pages. Every one is rendered on request, as one body; what was rendered ahead does not come here.
fn pages() -> Router {
    // `LeptosRoutes` would do this, with code for each other way of streaming a page.
    let page = render_app_async_with_context(context::provide, || shell(App));
    generate_route_list(App)
        .iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path(), get(page.clone()))
        })
}

/// The functions that islands call.
fn server_functions() -> Router {
    let call = |request| handle_server_fns_with_context(context::provide, request);
    server_fn_paths().fold(Router::new(), |router, (path, method)| {
        let route = match method {
            Method::GET => get(call),
            _ => post(call),
        };
        router.route(path, route)
    })
}

/// Every route of the site.
pub fn router() -> Router {
    let router = pages()
        .merge(server_functions())
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
}
