//! The JSON API for reading: `/api/v1/…`, `/api/health`, `/api/openapi.json`.

mod comments;
mod health;
mod list;
mod posts;
mod problems;
mod users;

use app::context::RequestContext;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use axum::{Extension, Json};
use utoipa::openapi::{HttpMethod, Server};
use utoipa::{OpenApi, Path};
use utoipa_axum::PathItemExt;

/// Makes the routes and the document of these handlers. A handler's path and method stand in its `#[utoipa::path]` alone, so
/// that what is served and what is documented cannot differ.
///
/// `utoipa_axum::routes!` builds the documentation together with the routes. A fresh isolate would pay for it with its
/// first request: 10 ms instead of 2 ms for the routes (V8, cold). Here the document is built when it is asked for.
macro_rules! operations {
    ($($module:ident::$handler:ident),+ $(,)?) => { pastey::paste! {
        #[derive(OpenApi)]
        #[openapi(
            paths($($module::$handler),+),
            tags(
                (name = "users", description = "The people who write."),
                (name = "posts", description = "Published posts and their comments."),
                (name = "site", description = "The site itself.")
            )
        )]
        struct Document;

        fn documented_routes() -> Vec<(String, MethodRouter)> {
            vec![$((
                $module::[<__path_ $handler>]::path(),
                on(method_filter::<$module::[<__path_ $handler>]>(), $module::$handler),
            )),+]
        }
    }};
}

operations!(
    users::list,
    users::find,
    posts::list,
    posts::find,
    comments::list,
    health::check,
);

/// The documented methods of an operation.
fn method_filter<P: Path>() -> MethodFilter {
    let methods = P::methods();
    let filters = methods.iter().map(HttpMethod::to_method_filter);
    filters
        .reduce(MethodFilter::or)
        .unwrap_or(MethodFilter::GET)
}

/// The API's routes: paths, and what answers there.
pub(crate) fn routes() -> impl Iterator<Item = (String, MethodRouter)> {
    let document = ("/api/openapi.json".to_owned(), get(openapi));
    documented_routes().into_iter().chain([document])
}

/// The description of the API (OpenAPI 3.1).
async fn openapi(Extension(context): Extension<RequestContext>) -> Json<utoipa::openapi::OpenApi> {
    let mut document = Document::openapi();
    document.servers = Some(vec![Server::new(&context.site().origin)]);
    // Everybody may read.
    document.security = Some(Vec::new());
    document.info.title = app::site::NAME.to_owned();
    document.info.description = Some(app::site::API_DESCRIPTION.to_owned());
    problems::add_common(&mut document);
    Json(document)
}
