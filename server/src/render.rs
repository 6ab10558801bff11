//! Rendering of documents, compiled once: what differs between them travels with the request.

use app::{context, document};
use axum::body::Body;
use axum::response::Response;
use http::Request;

/// Renders the document of a request: its page, or that of the [`app::Problem`] among its extensions. A [`app::form::FormState`] there
/// is the state of the page's form. It is whole, as one body.
pub(crate) async fn render(request: Request<Body>) -> Response {
    leptos_axum::render_app_async_with_context(context::provide, document)(request).await
}
