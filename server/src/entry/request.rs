//! From the platform's request to one for the router.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;

use axum::body::Body;
use futures::{Stream, StreamExt, stream};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName,
    IF_MATCH, IF_NONE_MATCH, ORIGIN, REFERER, USER_AGENT,
};
use http::{HeaderValue, Method, Request, Uri};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use worker::send::SendWrapper;

use crate::headers::IDEMPOTENCY_KEY;
use crate::origin::origin_at;
use crate::rejection::Rejection;
use crate::request_info::is_for_programs;

/// The headers that something in the site reads.
pub(super) const HEADERS: [HeaderName; 11] = [
    COOKIE,
    ACCEPT,
    ACCEPT_ENCODING,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    IF_NONE_MATCH,
    ORIGIN,
    REFERER,
    HeaderName::from_static("sec-fetch-site"),
    USER_AGENT,
    CF_CONNECTING_IP,
];

/// The headers that the API reads beside them.
const API_HEADERS: [HeaderName; 3] = [AUTHORIZATION, IF_MATCH, IDEMPOTENCY_KEY];

/// The visitor's address, which Cloudflare sets and nobody else can.
pub(super) const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");

/// Scheme and host of an absolute URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url
        .get(host..)
        .and_then(|rest| rest.find('/'))
        .map_or(url.len(), |at| host + at);
    &url[..end]
}

/// The request for the router, with its body still to be read, and the origin of the site that it asks for: empty where that
/// is no host, so that nothing else becomes one. What no request can be made of is rejected by the router's checks, as what
/// is wrong with a whole one.
pub(super) fn convert(js_request: &web_sys::Request) -> (Request<Body>, String) {
    let url = js_request.url();
    let origin = origin(&url);
    let address = url.get(origin.len()..).unwrap_or_default();
    let address = address.split('#').next().filter(|rest| !rest.is_empty());
    let mut request = Request::new(Body::empty());
    match Method::from_bytes(js_request.method().as_bytes()) {
        Ok(method) => *request.method_mut() = method,
        Err(_) => reject(&mut request, Rejection::MethodNotAllowed),
    }
    match address.unwrap_or("/").parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => reject(&mut request, Rejection::Malformed),
    }
    let headers = js_request.headers();
    let of_api = is_for_programs(request.uri().path());
    let more = API_HEADERS.into_iter().filter(|_| of_api);
    for name in HEADERS.into_iter().chain(more) {
        if let Some(value) = headers.get(name.as_str()).ok().flatten() {
            // What cannot be read must not look as if it were not there.
            let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(""));
            request.headers_mut().insert(name, value);
        }
    }
    let (scheme, host) = origin.split_once("://").unwrap_or_default();
    let site_origin = origin_of_site(origin, scheme, host);
    match (&site_origin, HeaderValue::from_str(host)) {
        (Some(_), Ok(host)) => drop(request.headers_mut().insert(HOST, host)),
        (None | Some(_), _) => reject(&mut request, Rejection::NoHost),
    }
    if !request.method().is_safe() {
        *request.body_mut() = body(js_request);
    }
    (request, site_origin.unwrap_or_default())
}

/// The origin of the site, which is parsed again only when another one is asked for.
fn origin_of_site(origin: &str, scheme: &str, host: &str) -> Option<String> {
    thread_local! {
        static LAST: RefCell<(String, Option<String>)> = RefCell::default();
    }
    LAST.with_borrow_mut(|(last, site)| {
        if last != origin {
            *site = origin_at(scheme, host);
            origin.clone_into(last);
        }
        site.clone()
    })
}

/// The cookies of a request. Bytes that are no text do not hide the cookies beside them.
pub(super) fn cookies(request: &Request<Body>) -> Cow<'_, str> {
    let value = request.headers().get(COOKIE);
    value.map_or(Cow::Borrowed(""), |value| {
        String::from_utf8_lossy(value.as_bytes())
    })
}

fn reject(request: &mut Request<Body>, reason: Rejection) {
    request.extensions_mut().insert(reason);
}

/// The body as a stream. Nobody takes hold of it before somebody reads: workerd sends no response to a request whose body
/// was cancelled unread.
fn body(js_request: &web_sys::Request) -> Body {
    let Some(stream) = js_request.body() else {
        return Body::empty();
    };
    let parts = stream::once(async move { parts(stream) }).flatten();
    let mut parts = SendWrapper::new(Box::pin(parts));
    Body::from_stream(stream::poll_fn(move |task| parts.poll_next_unpin(task)))
}

/// The parts of a body; none when another instance, lost by a panic, has begun to read it.
fn parts(stream: web_sys::ReadableStream) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let stream = wasm_streams::ReadableStream::from_raw(stream.unchecked_into());
    let Ok(parts) = stream.try_into_stream() else {
        return stream::empty().right_stream();
    };
    let bytes = parts.map(|part| match part.map(JsCast::dyn_into::<Uint8Array>) {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(other)) | Err(other) => Err(io::Error::other(format!("{other:?}"))),
    });
    bytes.left_stream()
}
