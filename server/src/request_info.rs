//! What a request is, before anybody answers it: what it accepts, and whether any route should see it.

use app::context::{self, RequestContext};
use app::{Problem, error_page, shell};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_LENGTH, HOST, IF_NONE_MATCH, LOCATION, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::answer::LARGEST_BODY;
use crate::rejection::Rejection;

/// The longest address that is looked at, in bytes.
const LONGEST_ADDRESS: usize = 2_000;

/// What is known of a request once it has been given away.
pub(crate) struct RequestInfo {
    pub(crate) method: Method,
    wants_json: bool,
    pub(crate) if_none_match: Option<HeaderValue>,
    path: String,
}

impl RequestInfo {
    pub(crate) fn of(request: &Request<Body>) -> Self {
        let path = request.uri().path().to_owned();
        Self {
            method: request.method().clone(),
            wants_json: path.starts_with("/api/") || path == "/api" || path.starts_with("/fn/"),
            if_none_match: request.headers().get(IF_NONE_MATCH).cloned(),
            path,
        }
    }

    /// The response to a request that no route should see.
    pub(crate) fn rejection(&self, request: &Request<Body>) -> Option<Response> {
        let reject = |rejection: Rejection| Some(Problem::from(rejection).into_response());
        let address = request
            .uri()
            .path_and_query()
            .map_or("", |address| address.as_str());
        if address.len() > LONGEST_ADDRESS {
            return reject(Rejection::AddressTooLong);
        }
        if !is_encoded_text(address) {
            return reject(Rejection::Malformed);
        }
        if !self.method.is_safe() && is_cross_site(request.headers()) {
            return reject(Rejection::CrossSite);
        }
        let length = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|text| text.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > LARGEST_BODY) {
            return reject(Rejection::BodyTooLarge);
        }
        if self.path.starts_with("/api/") && !accepts_json(request.headers()) {
            return reject(Rejection::NotAcceptable);
        }
        self.without_slash(address)
    }

    /// `/posts/` is `/posts`.
    fn without_slash(&self, address: &str) -> Option<Response> {
        let short = self
            .path
            .strip_suffix('/')
            .filter(|short| !short.is_empty() && !short.starts_with("//"))?;
        let location = format!(
            "{}{}",
            short.trim_end_matches('/'),
            &address[self.path.len()..]
        );
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        response
            .headers_mut()
            .insert(LOCATION, HeaderValue::from_str(&location).ok()?);
        Some(response)
    }

    /// A problem as the client wants it: JSON for programs, a page for people.
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

/// Whether a browser says that another site made it send this. Programs that are no browser say nothing, and carry no
/// cookie that somebody else could use.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site != "same-origin" && site != "none";
    }
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_none_or(|(_, from)| from != host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Whether `Accept` leaves room for JSON.
fn accepts_json(headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(ACCEPT).and_then(|value| value.to_str().ok()) else {
        return true;
    };
    accept.split(',').any(|range| {
        let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
        let is_refused = parameters
            .split(';')
            .any(|one| matches!(one.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        !is_refused
            && matches!(
                kind.trim(),
                "application/json" | "application/*" | "*/*" | ""
            )
    })
}

/// Whether every percent sign begins a byte, and the bytes are UTF-8 without NUL.
fn is_encoded_text(address: &str) -> bool {
    if !address.contains('%') {
        return true;
    }
    let mut decoded = Vec::with_capacity(address.len());
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => decoded.push(u8::try_from(high * 16 + low).unwrap_or(0)),
            _ => return false,
        }
    }
    !decoded.contains(&0) && std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_must_be_text() {
        for (address, valid) in [
            ("/posts", true),
            ("/%E5%A4%9C", true),
            ("/%FF", false),
            ("/%", false),
            ("/%4", false),
            ("/%zz", false),
            ("/%00", false),
        ] {
            assert_eq!(is_encoded_text(address), valid, "{address}");
        }
    }

    #[test]
    fn accept_headers() {
        for (accept, accepted) in [
            ("application/json", true),
            ("text/html, */*;q=0.1", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("application/*", true),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepts_json(&headers), accepted, "{accept}");
        }
        assert!(accepts_json(&HeaderMap::new()));
    }
}
