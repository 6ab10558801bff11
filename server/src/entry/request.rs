//! From the platform's request to one for the router.

use axum::body::Body;
use http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName, IF_NONE_MATCH, ORIGIN, REFERER,
};
use http::{HeaderValue, Method, Request};
use js_sys::Uint8Array;

use super::js;
use crate::limits::{BodyTooLarge, MAX_BODY_BYTES, should_read_body};
use crate::rejection::Rejection;

/// The headers that something in the site reads.
const HEADERS: [HeaderName; 8] = [
    COOKIE,
    ACCEPT,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    IF_NONE_MATCH,
    ORIGIN,
    REFERER,
    HeaderName::from_static("sec-fetch-site"),
];

/// Scheme and host of an absolute URL.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url
        .get(host..)
        .and_then(|rest| rest.find('/'))
        .map_or(url.len(), |at| host + at);
    &url[..end]
}

/// The request with its whole body, as far as it may have one.
pub(super) async fn convert(js_request: &web_sys::Request) -> Result<Request<Body>, Rejection> {
    let url = js_request.url();
    let origin = origin(&url);
    let address = url
        .get(origin.len()..)
        .filter(|rest| !rest.is_empty())
        .unwrap_or("/");
    let method = js_request.method();
    let mut request = Request::new(Body::empty());
    *request.method_mut() =
        Method::from_bytes(method.as_bytes()).map_err(|_| Rejection::MethodNotAllowed)?;
    *request.uri_mut() = address
        .split('#')
        .next()
        .unwrap_or("/")
        .parse()
        .map_err(|_| Rejection::Malformed)?;
    let headers = js_request.headers();
    for name in HEADERS {
        if let Some(value) = headers.get(name.as_str()).ok().flatten()
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            request.headers_mut().insert(name, value);
        }
    }
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    if let Ok(host) = HeaderValue::from_str(host) {
        request.headers_mut().insert(HOST, host);
    }
    if should_read_body(&request) {
        let buffer = js::settled(js_request.array_buffer()).await;
        let bytes = Uint8Array::new(&buffer.map_err(|_| Rejection::Malformed)?);
        if bytes.length() as usize > MAX_BODY_BYTES {
            request.extensions_mut().insert(BodyTooLarge);
        } else {
            *request.body_mut() = Body::from(bytes.to_vec());
        }
    }
    Ok(request)
}
