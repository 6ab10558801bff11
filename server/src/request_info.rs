//! Facts about a request that outlive it, and the form of a problem that its client wants.

use app::context::{self, RequestContext};
use app::{Problem, error_page, shell};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::IF_NONE_MATCH;
use http::{HeaderValue, Method, Request};

/// Facts about a request that its response needs after the router has taken it.
pub(crate) struct RequestInfo {
    pub(crate) method: Method,
    wants_json: bool,
    pub(crate) if_none_match: Option<HeaderValue>,
    path: String,
}

impl RequestInfo {
    pub(crate) fn new(request: &Request<Body>) -> Self {
        let path = request.uri().path().to_owned();
        Self {
            method: request.method().clone(),
            wants_json: path.starts_with("/api/") || path == "/api" || path.starts_with("/fn/"),
            if_none_match: request.headers().get(IF_NONE_MATCH).cloned(),
            path,
        }
    }

    /// The response for a problem: JSON below `/api` and `/fn`, else a page.
    pub(crate) async fn form(&self, problem: Problem, context: &RequestContext) -> Response {
        if self.wants_json {
            return problem.into_response();
        }
        let mut request = Request::new(Body::empty());
        if let Ok(uri) = self.path.parse() {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(context.clone());
        let page = move || {
            let problem = problem.clone();
            shell(move || error_page(problem))
        };
        leptos_axum::render_app_async_with_context(context::provide, page)(request).await
    }
}
