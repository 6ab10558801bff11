//! The router: built once and shared by all requests. What differs between requests is in their context.

use app::{AppError, Problem, ROUTES, context, page_above};
use axum::Router;
use axum::response::Redirect;
use axum::routing::{MethodRouter, get, post};
use http::{Method, Uri};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;

use crate::feeds::Format;
use crate::rejection::Rejection;
use crate::render::render;
use crate::request_info::is_for_programs;
use crate::{accounts, api, feeds, outbox, theme};

/// Every route: its path as axum writes it, and what answers there.
fn routes() -> Vec<(String, MethodRouter)> {
    // Every page is rendered on request, as one body; what was rendered ahead does not come here.
    let mut forms: Vec<_> = accounts::forms();
    let mut pages: Vec<_> = ROUTES
        .iter()
        .map(|route| {
            let path = route.pattern.0;
            let form = forms.iter().position(|(of, _)| *of == path);
            let route = match form.map(|at| forms.swap_remove(at).1) {
                Some(form) => form.get(accounts::page),
                None => get(render),
            };
            (path.to_owned(), route)
        })
        .collect();
    pages.extend(forms.into_iter().map(|(path, form)| {
        let route = match is_for_programs(path) {
            true => form,
            false => form.get(to_page),
        };
        (path.to_owned(), route)
    }));
    let files = [
        ("/theme", post(theme::choose)),
        ("/theme.css", get(theme::style)),
        ("/feed.xml", feeds::of_all(Format::Atom)),
        ("/feed.json", feeds::of_all(Format::Json)),
        ("/feed", get(feeds::elsewhere)),
        ("/rss", get(feeds::elsewhere)),
        ("/rss.xml", get(feeds::elsewhere)),
        ("/users/{handle}/feed.xml", feeds::of_user(Format::Atom)),
        ("/users/{handle}/feed.json", feeds::of_user(Format::Json)),
        ("/sitemap.xml", get(feeds::sitemap)),
        ("/robots.txt", get(feeds::robots)),
    ];
    let files = files.into_iter().chain(outbox::routes());
    let files = files.map(|(path, route)| (path.to_owned(), route));
    pages
        .into_iter()
        .chain(server_functions())
        .chain(files)
        .chain(api::routes())
        .collect()
}

/// Leads whoever reads the address of a form, by a reload or after a sign-in, to the page that has it (303).
async fn to_page(uri: Uri) -> Redirect {
    Redirect::to(page_above(uri.path()))
}

/// The functions that islands call.
fn server_functions() -> impl Iterator<Item = (String, MethodRouter)> {
    let call = |request| handle_server_fns_with_context(context::provide, request);
    server_fn_paths().map(move |(path, method)| {
        let route = match method {
            Method::GET => get(call),
            _ => post(call),
        };
        (path.to_owned(), route)
    })
}

/// The path of every route.
pub fn paths() -> Vec<String> {
    routes().into_iter().map(|(path, _)| path).collect()
}

/// The site.
pub fn router() -> Router {
    let router = routes()
        .into_iter()
        .fold(Router::new(), |router, (path, route)| {
            router.route(&path, route)
        });
    #[cfg(feature = "test_routes")]
    let router = router.merge(crate::test_routes::router());
    router
        .fallback(async || Problem::from(AppError::NotFound))
        .method_not_allowed_fallback(async || Problem::from(Rejection::MethodNotAllowed))
}
