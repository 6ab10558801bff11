//! Checks that every request passes before routing.

use app::Problem;
use app::context::SiteConfig;
use app::redirects::of_this_site;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use http::Request;

use crate::accept::accepts_json;
use crate::limits::MAX_ADDRESS_BYTES;
use crate::origin::is_cross_site;
use crate::query::{is_encoded_text, is_readable_query};
use crate::rejection::Rejection;
use crate::request_info::is_for_programs;

type Check = fn(&Request<Body>, &SiteConfig) -> Result<(), Stop>;

/// The checks in their order. The first that fails answers the request, of which no byte of the body has been read.
const CHECKS: [Check; 6] = [
    |request, _| match request.extensions().get::<Rejection>() {
        Some(reason) => Err(Stop::Reject(*reason)),
        None => Ok(()),
    },
    |request, _| {
        require(
            address(request).len() <= MAX_ADDRESS_BYTES,
            Rejection::AddressTooLong,
        )
    },
    |request, _| require(is_readable(request), Rejection::Malformed),
    |request, site| require(may_write(request, site), Rejection::CrossSite),
    |request, _| require(accepts_answers(request), Rejection::NotAcceptable),
    |request, _| has_no_slash_at_its_end(request),
];

/// The reason why a request does not reach the router.
enum Stop {
    Reject(Rejection),
    /// Its page is at this address.
    Redirect(String),
}

/// The response to a request that fails a check; none for one that the router may see. An entry that could not make a
/// request of what it was given has noted the rejection among its extensions.
pub(crate) fn rejection(request: &Request<Body>, site: &SiteConfig) -> Option<Response> {
    let mut checks = CHECKS.into_iter();
    let failed = checks.find_map(|check| check(request, site).err())?;
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

fn is_readable(request: &Request<Body>) -> bool {
    let uri = request.uri();
    is_encoded_text(uri.path()) && uri.query().is_none_or(is_readable_query)
}

fn may_write(request: &Request<Body>, site: &SiteConfig) -> bool {
    request.method().is_safe() || !is_cross_site(request.headers(), &site.origin)
}

fn accepts_answers(request: &Request<Body>) -> bool {
    !is_for_programs(request.uri().path()) || accepts_json(request.headers())
}

/// `/posts/` leads to `/posts`.
fn has_no_slash_at_its_end(request: &Request<Body>) -> Result<(), Stop> {
    let path = request.uri().path();
    let short = path.trim_end_matches('/');
    if short.len() == path.len() || short.is_empty() {
        return Ok(());
    }
    let query = &address(request)[path.len()..];
    match of_this_site(&format!("{short}{query}")) {
        Some(address) => Err(Stop::Redirect(address.to_owned())),
        None => Ok(()),
    }
}

/// The path and the query.
fn address(request: &Request<Body>) -> &str {
    request
        .uri()
        .path_and_query()
        .map_or("", |address| address.as_str())
}

#[cfg(test)]
mod tests {
    use app::context::Registration;

    use super::*;

    #[test]
    fn the_first_failed_check_answers() {
        let site = SiteConfig {
            origin: "https://site.example".to_owned(),
            dev_events: None,
            shows_timing: false,
            secret: None,
            registration: Registration::Closed,
        };
        let status = |request: http::request::Builder| {
            let request = request.body(Body::empty()).expect("a request");
            rejection(&request, &site).map(|response| response.status().as_u16())
        };
        let post = |uri: &str| Request::post(uri).header("sec-fetch-site", "cross-site");
        let long = format!("/%zz{}", "x".repeat(MAX_ADDRESS_BYTES));
        assert_eq!(status(post(&long)), Some(414));
        assert_eq!(status(post("/%zz")), Some(400));
        let large = |request: http::request::Builder| request.header("content-length", "1000001");
        assert_eq!(status(large(post("/theme"))), Some(403));
        let html = |uri: &str| Request::get(uri).header("accept", "text/html");
        assert_eq!(status(html("/api/v1/posts/")), Some(406));
        assert_eq!(status(large(html("/api/v1/posts/"))), Some(406));
        assert_eq!(status(Request::get("/api/v1/posts/")), Some(308));
        assert_eq!(status(Request::get("/")), None);
    }
}
