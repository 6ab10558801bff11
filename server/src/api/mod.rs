//! The JSON API: `/api/v1/…`, `/api/health`, `/api/openapi.json`. Everybody reads what is public; [`auth`] knows for whom a request
//! with a token is made.

mod auth;
mod body;
mod comments;
mod health;
mod list;
mod me;
mod posts;
mod problems;
mod users;

use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use http::header::CONTENT_TYPE;
use utoipa::openapi::{HttpMethod, OpenApi as OpenApiDocument, Server};
use utoipa::{OpenApi, Path};
use utoipa_axum::PathItemExt;

/// The site's name in `openapi.json`, and its description of the API: they are its own.
const NAME: &str = "{name}";
const DESCRIPTION: &str = "{description}";

/// Makes the routes and the document of these handlers. A handler's path and method stand in its `#[utoipa::path]` alone, so
/// that what is served and what is documented cannot differ.
///
/// `utoipa_axum::routes!` builds the documentation together with the routes. A fresh isolate would pay for it with its
/// first request: 10 ms instead of 2 ms for the routes (V8, cold). Here the document is built by a test.
macro_rules! operations {
    ($($module:ident::$handler:ident),+ $(,)?) => { pastey::paste! {
        #[derive(OpenApi)]
        #[openapi(
            paths($($module::$handler),+),
            tags(
                (name = "users", description = "The people who write."),
                (name = "me", description = "The account of the owner of a token."),
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
    users::create,
    me::get,
    me::change,
    me::close,
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
    let documented = documented_routes().into_iter().map(|(path, route)| {
        let route = match path.starts_with(problems::TOKENS_ARE_READ_BELOW) {
            true => route.layer(from_fn(auth::authenticate)),
            false => route,
        };
        (path, route)
    });
    documented.chain([document])
}

/// The description of the API (OpenAPI 3.1), as [`description`] builds it.
async fn openapi() -> Response {
    let named = include_str!("openapi.json")
        .replacen(NAME, &json_text(app::site::NAME), 1)
        .replacen(DESCRIPTION, &json_text(app::site::API_DESCRIPTION), 1);
    ([(CONTENT_TYPE, "application/json")], named).into_response()
}

/// A text in JSON, without its quotes.
fn json_text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Builds the description from the handlers. It is kept in `openapi.json`, so that no Worker has the code that builds it; a test
/// compares them.
pub fn description() -> OpenApiDocument {
    let mut document = Document::openapi();
    // Below the address of the description itself.
    document.servers = Some(vec![Server::new("/")]);
    // Where no operation says otherwise, nobody needs a token.
    document.security = Some(Vec::new());
    document.info.title = NAME.to_owned();
    document.info.description = Some(DESCRIPTION.to_owned());
    problems::add_common(&mut document);
    document
}
