//! Facts about a request that outlive it, and the form of a problem that its client wants.

use app::Problem;
use app::context::RequestContext;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::IF_NONE_MATCH;
use http::{HeaderValue, Method, Request};

use crate::accept::accepts_gzip;
use crate::render::render;

/// The address where operators look, and learn in every environment what they can mend.
const HEALTH: &str = "/api/health";

/// Facts about a request that its response needs after the router has taken it.
pub(crate) struct RequestInfo {
    pub(crate) method: Method,
    wants_json: bool,
    pub(crate) if_none_match: Option<HeaderValue>,
    pub(crate) accepts_gzip: bool,
    path: String,
}

/// Tells whether programs call the address, which answers with JSON.
pub(crate) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/api" || path.starts_with("/fn/")
}

impl RequestInfo {
    pub(crate) fn new(request: &Request<Body>) -> Self {
        let path = request.uri().path().to_owned();
        Self {
            method: request.method().clone(),
            wants_json: is_for_programs(&path),
            if_none_match: request.headers().get(IF_NONE_MATCH).cloned(),
            accepts_gzip: accepts_gzip(request.headers()),
            path,
        }
    }

    /// The response for a problem: JSON below `/api` and `/fn`, else a page.
    pub(crate) async fn form(&self, problem: Problem, context: &RequestContext) -> Response {
        let is_for_operators = context.site().shows_timing || self.path == HEALTH;
        let problem = match is_for_operators {
            true => problem.for_operators(),
            false => problem,
        };
        if self.wants_json {
            return problem.into_response();
        }
        let mut request = Request::new(Body::empty());
        if let Ok(uri) = self.path.parse() {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(context.clone());
        request.extensions_mut().insert(problem);
        render(request).await
    }
}
