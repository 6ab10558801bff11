//! Origins: where a request came from and where it goes to.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName};
use url::{Host, Url};

/// The origin of a site that is reached at this host, from the value of a `Host` field; none when it names no host.
///
/// Stricter than RFC 3986, which allows `a&b`: a host is a domain or an address, with or without a port.
pub fn origin_at(scheme: &str, host: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if !host.bytes().all(is_plain) {
        return None;
    }
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    match url.host()? {
        Host::Domain(domain) => {
            let domain = domain.strip_suffix('.').unwrap_or(domain);
            let is_whole = domain.split('.').all(|label| !label.is_empty());
            is_whole.then(|| url.origin().ascii_serialization())
        }
        Host::Ipv4(_) | Host::Ipv6(_) => Some(url.origin().ascii_serialization()),
    }
}

/// Tells whether a browser says that another site than the one at `own` sent the request. Other programs say nothing, and
/// carry no cookie that somebody else could use. What cannot be read is another site.
pub(crate) fn is_cross_site(headers: &HeaderMap, own: &str) -> bool {
    const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site != "same-origin" && site != "none";
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => false,
        (Some(origin), None) => {
            let origin = origin.to_str().ok().and_then(serialized_origin);
            origin.is_none_or(|origin| serialized_origin(own) != Some(origin))
        }
        (Some(_), Some(_)) => true,
    }
}

/// The origin that is written as scheme, host and port, and nothing else (RFC 6454, 6.2).
fn serialized_origin(text: &str) -> Option<url::Origin> {
    let (scheme, authority) = text.split_once("://")?;
    if authority.contains(['/', '\\', '?', '#', '@']) || text.contains(char::is_whitespace) {
        return None;
    }
    let url = Url::parse(&format!("{scheme}://{authority}/")).ok()?;
    Some(url.origin()).filter(url::Origin::is_tuple)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_host_is_a_domain_or_an_address() {
        for (host, origin) in [
            ("example.com", Some("http://example.com")),
            ("Example.COM:80", Some("http://example.com")),
            ("example.com.:8080", Some("http://example.com.:8080")),
            ("a_b.example", Some("http://a_b.example")),
            ("127.0.0.1:8787", Some("http://127.0.0.1:8787")),
            ("[::1]:8787", Some("http://[::1]:8787")),
            (
                "xn--bcher-kva.example",
                Some("http://xn--bcher-kva.example"),
            ),
            ("", None),
            (":80", None),
            ("a&b", None),
            ("a'b", None),
            ("a b", None),
            ("a/b", None),
            ("a\\b", None),
            ("a?b", None),
            ("user@a", None),
            ("a%26b", None),
            ("a,b", None),
            ("a..b", None),
            (".", None),
            ("a:b", None),
            ("a:99999", None),
            ("[::1", None),
            ("256.1.1.1", None),
            ("bücher.example", None),
        ] {
            assert_eq!(origin_at("http", host).as_deref(), origin, "{host}");
        }
    }

    #[test]
    fn scheme_host_and_port_make_an_origin() {
        let own = "https://site.example";
        for (origin, is_foreign) in [
            ("https://site.example", false),
            ("https://site.example:443", false),
            ("HTTPS://Site.Example", false),
            ("http://site.example", true),
            ("https://site.example:8443", true),
            ("https://site.example.evil.example", true),
            ("https://sub.site.example", true),
            ("https://evil.example", true),
            ("https://site.example/", true),
            ("https://evil@site.example", true),
            ("https://evil.example\\@site.example", true),
            ("https://site.example https://site.example", true),
            ("site.example", true),
            ("://site.example", true),
            ("null", true),
            ("", true),
        ] {
            let value = HeaderValue::from_str(origin).expect("a value");
            let headers = HeaderMap::from_iter([(ORIGIN, value)]);
            assert_eq!(is_cross_site(&headers, own), is_foreign, "{origin}");
        }
        assert!(!is_cross_site(&HeaderMap::new(), own));
        let bytes = HeaderValue::from_bytes(b"https://site.example\xff").expect("a value");
        assert!(is_cross_site(&HeaderMap::from_iter([(ORIGIN, bytes)]), own));
        let mut twice = HeaderMap::new();
        for origin in [own, "https://evil.example"] {
            twice.append(ORIGIN, HeaderValue::from_static(origin));
        }
        assert!(is_cross_site(&twice, own));
        // Without an origin of its own, the site knows nobody as itself.
        let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(own))]);
        assert!(is_cross_site(&headers, ""));
        let local = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static("http://[::1]:8787"))]);
        assert!(!is_cross_site(&local, "http://[::1]:8787"));
        assert!(is_cross_site(&local, "http://[::1]:8788"));
    }
}
