//! Rendering of documents, compiled once: what differs between them travels with the request.

use std::sync::{Arc, PoisonError};

use app::{context, document};
use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use hydration_context::SsrSharedContext;
use leptos::prelude::{Owner, provide_context};
use leptos::reactive::computed::ScopedFuture;
use leptos_axum::ResponseOptions;

/// Renders the document of a request: its page, or that of the [`app::Problem`] among its extensions. A [`app::form::FormState`] there
/// is the state of the page's form. It is whole, as one body; status and headers are those that the page set.
///
/// Leptos' own handlers stream, which costs a quarter of a page's CPU, for pages whose data is there before their first byte is.
pub(crate) async fn render(request: Request<Body>) -> Response {
    // Only islands are hydrated, and no data is serialised for them.
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let options = ResponseOptions::default();
    let (parts, _) = request.into_parts();
    let document = owner.with(|| {
        provide_context(parts);
        provide_context(options.clone());
        context::provide();
        ScopedFuture::new_untracked(document())
    });
    let mut response = Response::new(Body::from(document.await));
    owner.unset_with_forced_cleanup();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    let mut set = options.0.write().unwrap_or_else(PoisonError::into_inner);
    response
        .headers_mut()
        .extend(std::mem::take(&mut set.headers));
    if let Some(status) = set.status {
        *response.status_mut() = status;
    }
    drop(set);
    response
}
