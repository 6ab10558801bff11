//! Checks that every request passes before routing.

use app::Problem;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, Request};

use crate::limits::{MAX_ADDRESS_BYTES, has_too_large_body};
use crate::rejection::Rejection;

type Check = fn(&Request<Body>) -> Result<(), Stop>;

/// The checks in their order. The first that fails answers the request.
const CHECKS: [Check; 6] = [
    |request| {
        require(
            address(request).len() <= MAX_ADDRESS_BYTES,
            Rejection::AddressTooLong,
        )
    },
    |request| require(is_encoded_text(address(request)), Rejection::Malformed),
    |request| require(may_write(request), Rejection::CrossSite),
    |request| require(!has_too_large_body(request), Rejection::BodyTooLarge),
    |request| require(accepts_answers(request), Rejection::NotAcceptable),
    has_no_slash_at_its_end,
];

/// The reason why a request does not reach the router.
enum Stop {
    Reject(Rejection),
    /// Its page is at this address.
    Redirect(String),
}

/// The response to a request that fails a check; none for one that the router may see.
pub(crate) fn rejection(request: &Request<Body>) -> Option<Response> {
    let failed = CHECKS.into_iter().find_map(|check| check(request).err())?;
    Some(match failed {
        Stop::Reject(reason) => Problem::from(reason).into_response(),
        Stop::Redirect(address) => Redirect::permanent(&address).into_response(),
    })
}

fn require(passes: bool, reason: Rejection) -> Result<(), Stop> {
    if passes {
        Ok(())
    } else {
        Err(Stop::Reject(reason))
    }
}

fn may_write(request: &Request<Body>) -> bool {
    request.method().is_safe() || !is_cross_site(request.headers())
}

fn accepts_answers(request: &Request<Body>) -> bool {
    !request.uri().path().starts_with("/api/") || accepts_json(request.headers())
}

/// `/posts/` leads to `/posts`.
fn has_no_slash_at_its_end(request: &Request<Body>) -> Result<(), Stop> {
    let path = request.uri().path();
    let short = path.strip_suffix('/');
    let Some(short) = short.filter(|short| !short.is_empty() && !short.starts_with("//")) else {
        return Ok(());
    };
    let query = &address(request)[path.len()..];
    Err(Stop::Redirect(format!(
        "{}{query}",
        short.trim_end_matches('/')
    )))
}

/// The path and the query.
fn address(request: &Request<Body>) -> &str {
    request
        .uri()
        .path_and_query()
        .map_or("", |address| address.as_str())
}

/// Tells whether a browser says that another site sent the request. Other programs say nothing, and carry no cookie that somebody
/// else could use.
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

/// Tells whether `Accept` allows JSON.
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

/// Tells whether every percent sign begins a byte, and the bytes are UTF-8 without NUL.
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
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_failed_check_answers() {
        let status = |request: http::request::Builder| {
            let request = request.body(Body::empty()).expect("a request");
            rejection(&request).map(|response| response.status().as_u16())
        };
        let post = |uri: &str| Request::post(uri).header("sec-fetch-site", "cross-site");
        let long = format!("/%zz{}", "x".repeat(MAX_ADDRESS_BYTES));
        assert_eq!(status(post(&long)), Some(414));
        assert_eq!(status(post("/%zz")), Some(400));
        let large = |request: http::request::Builder| request.header("content-length", "1000001");
        assert_eq!(status(large(post("/theme"))), Some(403));
        let html = |uri: &str| large(Request::get(uri).header("accept", "text/html"));
        assert_eq!(status(html("/api/v1/posts/")), Some(413));
        assert_eq!(
            status(Request::get("/api/v1/posts/").header("accept", "text/html")),
            Some(406)
        );
        assert_eq!(status(Request::get("/api/v1/posts/")), Some(308));
        assert_eq!(status(Request::get("/")), None);
    }

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
