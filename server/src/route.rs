//! From a request to a route: what the router is asked, and the addresses that lead to another.

use app::context::RequestContext;
use app::redirects::of_this_site;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, REFERER};
use http::{Method, Request};
use tower::ServiceExt;

use crate::query;

/// The router's response. HEAD is asked as GET. What is not found as it is typed is looked for in lower case, as all
/// addresses are.
pub(crate) async fn route(
    router: &Router,
    mut request: Request<Body>,
    context: &RequestContext,
) -> Response {
    request.extensions_mut().insert(context.clone());
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    if let Some(uri) = query::without_unreadable(request.uri()) {
        *request.uri_mut() = uri;
    }
    if request.uri().path().starts_with("/fn/") {
        // Leptos answers whoever takes HTML by a redirect to the referrer, wherever that is. An island takes JSON, and no
        // form is sent here.
        request.headers_mut().remove(ACCEPT);
        request.headers_mut().remove(REFERER);
    }
    let lower_case = in_lower_case(&request);
    let response = ask(router, request).await;
    let Some((address, mut other)) = lower_case.filter(|_| is_missing(&response)) else {
        return response;
    };
    other.extensions_mut().insert(context.clone());
    let found = ask(router, other).await;
    if is_missing(&found) {
        response
    } else if found.status().is_server_error() {
        found
    } else {
        Redirect::permanent(&address).into_response()
    }
}

async fn ask(router: &Router, request: Request<Body>) -> Response {
    let routed = router.clone().oneshot(request).await;
    routed.unwrap_or_else(|never| match never {})
}

fn is_missing(response: &Response) -> bool {
    response.status().as_u16() == 404
}

/// The address with its path in lower case, and the request for it; none when it would be the same, or is not one to read.
fn in_lower_case(request: &Request<Body>) -> Option<(String, Request<Body>)> {
    let path = request.uri().path();
    // Capitals of a percent-encoding are not the reader's.
    let has_capitals = path.bytes().any(|byte| byte.is_ascii_uppercase()) && !path.contains('%');
    if *request.method() != Method::GET || !has_capitals {
        return None;
    }
    let query = request.uri().query().map(|query| format!("?{query}"));
    let address = format!("{}{}", path.to_ascii_lowercase(), query.unwrap_or_default());
    let mut other = Request::get(of_this_site(&address)?)
        .body(Body::empty())
        .ok()?;
    request.headers().clone_into(other.headers_mut());
    Some((address, other))
}
