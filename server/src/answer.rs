//! From a request to its response: what is the same for every page, server function and API handler.
//!
//! Owns the order of things: check, route, give failures a form, collect the body, close the context. A response that is
//! marked [`Streamed`] is not collected: its context is closed after its last byte.

use std::time::Duration;

use app::context::RequestContext;
use app::{AppError, Problem};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION,
    SET_COOKIE, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use leptos::prelude::FromServerFnError;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

use crate::body::limit_body;
use crate::checks::rejection;
use crate::consistency;
use crate::headers::Delivery;
use crate::placeholders;
use crate::rejection::Rejection;
use crate::request_info::RequestInfo;
use crate::route::route;
use crate::scope::Scoped;

/// Extension of a response that is sent while it is made.
#[derive(Clone, Copy)]
pub(crate) struct Streamed;

pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// How long a response is good, unless its handler or its [`Validator`] says otherwise.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// A response, ready to be sent.
pub enum Answer {
    /// All of its body is here, and its context is closed.
    Whole(Response<Bytes>),
    /// Its body is made while it is sent; its context is closed after the last byte.
    Stream(Response),
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Whole(response) => response.map(Body::from),
            Answer::Stream(response) => response,
        }
    }
}

/// The validator of a page whose version is known before it is rendered. Without one, the entity tag is a hash of the body.
pub struct Validator {
    pub etag: HeaderValue,
    pub cache_control: HeaderValue,
}

/// Answers `request` in `context`, and closes the context when the last byte is ready.
pub async fn answer(router: &Router, request: Request<Body>, context: RequestContext) -> Response {
    answer_with(router, request, context, None).await.into()
}

/// Answers as [`answer`] does. A response with status 200 gets its entity tag and its `Cache-Control` from `validator`.
pub async fn answer_with(
    router: &Router,
    request: Request<Body>,
    context: RequestContext,
    validator: Option<Validator>,
) -> Answer {
    Scoped::new(answer_in_scope(router, request, context, validator)).await
}

async fn answer_in_scope(
    router: &Router,
    mut request: Request<Body>,
    context: RequestContext,
    validator: Option<Validator>,
) -> Answer {
    let closing = CloseOnDrop(context.clone());
    let info = RequestInfo::new(&request);
    let mut response = match rejection(&request, context.site()) {
        Some(response) => response,
        None => {
            let body = limit_body(&mut request);
            let response = route(router, request, &context).await;
            match body.rejection(response.status()) {
                Some(reason) => Problem::from(reason).into_response(),
                None => response,
            }
        }
    };
    if let Some(problem) = problem_of(&mut response).await {
        let headers = std::mem::take(response.headers_mut());
        response = info.form(problem, &context).await;
        for name in [ALLOW, LOCATION, VARY, WWW_AUTHENTICATE] {
            if let Some(value) = headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    if info.method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = options(&response);
    }
    set_consistency_cookie(&context, response.headers_mut());
    if context.site().shows_timing
        && let Some(timing) = server_timing(&context)
    {
        response.headers_mut().insert(SERVER_TIMING, timing);
    }
    if response.extensions().get::<Streamed>().is_some() {
        return Answer::Stream(response.map(|body| closed_after(body, closing)));
    }
    let response = finish(response, &info, validator).await;
    drop(closing);
    Answer::Whole(response)
}

/// Leads to another address for good (301).
pub(crate) fn moved(location: String) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response()
}

/// Answers a request whose handling failed before it could answer itself.
pub fn answer_failure(
    request: &Request<Body>,
    error: AppError,
    context: &RequestContext,
) -> impl Future<Output = Response<Bytes>> + use<> {
    // Nothing of the request is kept: its body must not be shared between threads.
    let info = RequestInfo::new(request);
    let problem = Problem::from(error);
    let context = context.clone();
    Scoped::new(async move { finish(info.form(problem, &context).await, &info, None).await })
}

/// Has a visitor who has written something read their own writes from now on.
fn set_consistency_cookie(context: &RequestContext, headers: &mut HeaderMap) {
    let token = context.resolved_db().and_then(|db| db.consistency_token());
    if let (Some(token), Some(secret)) = (token, &context.site().secret)
        && let Some(cookie) = consistency::to_cookie(&token, secret)
    {
        headers.append(SET_COOKIE, cookie);
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-store"));
    }
}

/// Closes the context when it is dropped, for whatever reason.
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

fn options(rejected: &Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let allowed = rejected
        .headers()
        .get(ALLOW)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("GET,HEAD");
    if let Ok(value) = HeaderValue::from_str(&format!("{allowed},OPTIONS")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// Collects the body; an error while it is made becomes status 500.
pub(crate) async fn collect(response: Response) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            log::error!("a response body failed: {error}");
            parts.status = StatusCode::INTERNAL_SERVER_ERROR;
            Bytes::from_static(b"The response could not be made.")
        }
    };
    Response::from_parts(parts, bytes)
}

/// Collects the body and sets the headers that depend on it.
async fn finish(
    response: Response,
    info: &RequestInfo,
    validator: Option<Validator>,
) -> Response<Bytes> {
    let (mut parts, mut bytes) = collect(response).await.into_parts();
    let headers = &mut parts.headers;
    if is_html(headers) {
        bytes = placeholders::as_comments(bytes);
        headers.insert(VARY, HeaderValue::from_static("Cookie"));
    }
    headers.remove(CONTENT_LENGTH);
    let delivery = Delivery::of(headers.get(CONTENT_TYPE), info.accepts_gzip);
    if parts.status == StatusCode::OK && (info.method == Method::GET || info.method == Method::HEAD)
    {
        let etag = match validator {
            Some(validator) => {
                headers.insert(CACHE_CONTROL, validator.cache_control);
                validator.etag
            }
            None => {
                headers.entry(CACHE_CONTROL).or_insert(REVALIDATE);
                etag_of(&bytes)
            }
        };
        let known = info.if_none_match.as_ref();
        if known.is_some_and(|known| names_etag(known, &etag)) {
            parts.status = StatusCode::NOT_MODIFIED;
            headers.remove(CONTENT_TYPE);
            bytes = Bytes::new();
        }
        headers.insert(ETAG, delivery.etag(etag));
        for (name, value) in delivery.headers() {
            headers.insert(name, value);
        }
        if parts.status == StatusCode::NOT_MODIFIED {
            headers.remove(CONTENT_ENCODING);
        }
    } else {
        let no_store = HeaderValue::from_static("no-store");
        headers.entry(CACHE_CONTROL).or_insert(no_store);
    }
    if info.method == Method::HEAD {
        // Unchanged or encoded, the response to GET would have another length, or one that is not known here.
        if parts.status != StatusCode::NOT_MODIFIED && !headers.contains_key(CONTENT_ENCODING) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        bytes = Bytes::new();
    }
    Response::from_parts(parts, bytes)
}

/// The entity tag of a body that has no version.
pub(crate) fn etag_of(bytes: &[u8]) -> HeaderValue {
    let tag = format!("\"{:016x}\"", rapidhash::v3::rapidhash_v3(bytes));
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Tells whether an `If-None-Match` names `etag`; weak and strong tags count alike (RFC 9110, 13.1.2).
pub(crate) fn names_etag(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else {
        return false;
    };
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || strong(one) == strong(etag))
}

fn strong(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

/// `Server-Timing`: what the request has queried.
pub(crate) fn server_timing(context: &RequestContext) -> Option<HeaderValue> {
    let stats = context.resolved_db()?.stats();
    let waited = Duration::from_micros(stats.micros).as_secs_f64() * 1000.0;
    let text = format!(
        "db;dur={waited:.2};desc=\"{} connections, {} round trips, {} statements, {} rows\"",
        stats.connections, stats.round_trips, stats.statements, stats.rows
    );
    HeaderValue::from_str(&text).ok()
}
