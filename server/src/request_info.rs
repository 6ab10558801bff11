//! Facts about a request that outlive it, and the form of a failure that its client wants.

use app::context::{self, RequestContext};
use app::{error_page, shell};
use axum::body::Body;
use axum::response::Response;
use http::header::IF_NONE_MATCH;
use http::{HeaderValue, Method, Request};

use crate::refusal::Failure;

/// The facts of a request that its response needs after the router has taken the request.
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

    /// The response for a failure: JSON below `/api` and `/fn`, else a page.
    pub(crate) async fn form(&self, failure: &Failure, context: &RequestContext) -> Response {
        if self.wants_json {
            return failure.as_json();
        }
        let notice = failure.notice();
        let retry = failure
            .as_json()
            .headers()
            .get(http::header::RETRY_AFTER)
            .cloned();
        let mut request = Request::new(Body::empty());
        if let Ok(uri) = self.path.parse() {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(context.clone());
        let notice = std::sync::Mutex::new(Some(notice));
        let notice = std::sync::Arc::new(notice);
        let page = move || {
            let taken = notice
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take();
            shell(move || taken.map(error_page))
        };
        let mut response =
            leptos_axum::render_app_async_with_context(context::provide, page)(request).await;
        *response.status_mut() = failure.status;
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, seconds);
        }
        response
    }
}
