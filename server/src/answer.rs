//! From a request to its response: what is the same for every page, server function and API handler.
//!
//! Owns the order of things: refuse what is malformed, route, give failures a form, send one body, close the context.
//! A response whose extensions hold [`Streams`] is not collected: its context is closed after its last byte.

use std::time::Duration;

use app::context::RequestContext;
use app::{AppError, Problem};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::StreamExt;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, SET_COOKIE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use leptos::prelude::FromServerFnError;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use tower::ServiceExt;

use crate::consistency::cookie_of;
use crate::rejection::Rejection;
use crate::request_info::RequestInfo;
use crate::scope::Scoped;

/// Marks a response that is sent while it is made.
#[derive(Clone, Copy)]
pub(crate) struct Streams;

pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The largest body that is taken, in bytes.
pub const LARGEST_BODY: usize = 1_000_000;

/// Answers `request` in `context`, and closes the context when the last byte is ready.
pub async fn answer(router: &Router, request: Request<Body>, context: RequestContext) -> Response {
    Scoped::new(answer_in_scope(router, request, context)).await
}

async fn answer_in_scope(
    router: &Router,
    mut request: Request<Body>,
    context: RequestContext,
) -> Response {
    let closing = CloseOnDrop(context.clone());
    let asked = RequestInfo::of(&request);
    request.extensions_mut().insert(context.clone());
    if asked.method == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let mut response = match asked.rejection(&request) {
        Some(rejection) => rejection,
        None => router
            .clone()
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {}),
    };
    if let Some(problem) = problem_of(&mut response).await {
        let kept = std::mem::take(response.headers_mut());
        response = asked.form(problem, &context).await;
        for name in [ALLOW, LOCATION] {
            if let Some(value) = kept.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    if asked.method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = options(&response);
    }
    remember(&context, response.headers_mut());
    if context.site().shows_timing
        && let Some(timing) = server_timing(&context)
    {
        response.headers_mut().insert(SERVER_TIMING, timing);
    }
    if response.extensions().get::<Streams>().is_some() {
        return response.map(|body| closed_after(body, closing));
    }
    let response = one_body(response, &asked).await;
    drop(closing);
    response
}

/// Answers a request whose handling failed before it could answer itself.
pub fn answer_failure(
    request: &Request<Body>,
    error: AppError,
    context: &RequestContext,
) -> impl Future<Output = Response> + use<> {
    // Nothing of the request is kept: its body must not be shared between threads.
    let asked = RequestInfo::of(request);
    let problem = Problem::from(error);
    let context = context.clone();
    Scoped::new(async move { one_body(asked.form(problem, &context).await, &asked).await })
}

/// Who has written reads his own writes from now on.
fn remember(context: &RequestContext, headers: &mut HeaderMap) {
    let mark = context.resolved_db().and_then(|db| db.consistency_token());
    if let (Some(mark), Some(secret)) = (mark, &context.site().secret)
        && let Some(cookie) = cookie_of(&mark, secret)
    {
        headers.append(SET_COOKIE, cookie);
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-store"));
    }
}

/// Closes the context whatever happens to whoever holds this.
struct CloseOnDrop(RequestContext);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn closed_after(body: Body, closing: CloseOnDrop) -> Body {
    Body::from_stream(body.into_data_stream().map(move |chunk| {
        let _open_until_here = &closing;
        chunk
    }))
}

/// The problem that a handler or a server function answered with, or that the router met without one: a wrong method, or
/// a query that cannot be read.
async fn problem_of(response: &mut Response) -> Option<Problem> {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let status = response.status();
    let headers = response.headers();
    // Leptos knows no other status for it than 500; its body is the problem.
    if headers.contains_key(SERVER_FN_ERROR_HEADER) && !status.is_redirection() {
        let body = std::mem::take(response.body_mut()).collect().await.ok()?;
        return Some(Problem::de(body.to_bytes()));
    }
    let is_bare = headers
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match status {
        StatusCode::METHOD_NOT_ALLOWED if is_bare => Some(Rejection::MethodNotAllowed.into()),
        StatusCode::BAD_REQUEST if is_bare => Some(Rejection::Malformed.into()),
        _ => None,
    }
}

fn options(refused: &Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let allowed = refused
        .headers()
        .get(ALLOW)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("GET,HEAD");
    if let Ok(value) = HeaderValue::from_str(&format!("{allowed},OPTIONS")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// The whole response at once, with what depends on its bytes.
async fn one_body(response: Response, asked: &RequestInfo) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            log::error!("a response body failed: {error}");
            parts.status = StatusCode::INTERNAL_SERVER_ERROR;
            Bytes::from_static(b"The response could not be made.")
        }
    };
    if is_html(&parts.headers) {
        bytes = without_trailing_scripts(bytes);
        parts
            .headers
            .insert(VARY, HeaderValue::from_static("Cookie"));
    }
    parts.headers.remove(CONTENT_LENGTH);
    if parts.status == StatusCode::OK
        && (asked.method == Method::GET || asked.method == Method::HEAD)
    {
        let tag = format!("\"{:016x}\"", rapidhash::v3::rapidhash_v3(&bytes));
        let is_known = asked
            .if_none_match
            .as_ref()
            .is_some_and(|known| names_tag(known, &tag));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            parts.headers.insert(ETAG, tag);
        }
        parts
            .headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(
                "public, max-age=0, must-revalidate",
            ));
        if is_known {
            parts.status = StatusCode::NOT_MODIFIED;
            parts.headers.remove(CONTENT_TYPE);
            bytes = Bytes::new();
        }
    } else {
        parts
            .headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    if asked.method == Method::HEAD {
        let length = bytes.len();
        parts
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
        bytes = Bytes::new();
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Leptos adds inline scripts after the document for resources to hydrate; Waypost's pages have none, and its policy
/// allows nothing inline.
fn without_trailing_scripts(bytes: Bytes) -> Bytes {
    const END: &[u8] = b"</html>";
    match bytes.windows(END.len()).rposition(|window| window == END) {
        Some(at) => bytes.slice(..at + END.len()),
        None => bytes,
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Whether an `If-None-Match` names `tag`; weak and strong count alike (RFC 9110, 13.1.2).
pub(crate) fn names_tag(known: &HeaderValue, tag: &str) -> bool {
    let Ok(known) = known.to_str() else {
        return false;
    };
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// `Server-Timing` for what the request asked of its database.
pub(crate) fn server_timing(context: &RequestContext) -> Option<HeaderValue> {
    let stats = context.resolved_db()?.stats();
    let waited = Duration::from_micros(stats.micros).as_secs_f64() * 1000.0;
    let text = format!(
        "db;dur={waited:.2};desc=\"{} connections, {} round trips, {} statements, {} rows\"",
        stats.connections, stats.round_trips, stats.statements, stats.rows
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_scripts_go() {
        let page = Bytes::from_static(b"<html></html><script>x</script>");
        assert_eq!(
            without_trailing_scripts(page),
            Bytes::from_static(b"<html></html>")
        );
    }
}
