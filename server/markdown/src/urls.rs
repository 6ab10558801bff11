//! Allowed URLs, and the image size in a URL's fragment.

use std::borrow::Cow;
use std::sync::LazyLock;

use html_escape::decode_html_entities;
use pulldown_cmark_escape::escape_href;
use url::{ParseError, Url};

/// Stands for the site itself, so that relative URLs resolve as in a browser.
static BASE_URL: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://site.invalid/").ok());

pub(crate) const LINK_SCHEMES: &[&str] = &["http", "https", "mailto"];

/// Target of an allowed URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkTarget {
    /// This site, or a program other than the browser (`mailto:`).
    Internal,
    /// Another site.
    External,
}

/// Maximum URL length in bytes that browsers and servers commonly accept.
const MAX_URL_BYTES: usize = 2_000;

/// Escapes a URL for an attribute.
pub(crate) fn escape(address: &str) -> String {
    let mut escaped = String::with_capacity(address.len());
    let _infallible = escape_href(&mut escaped, address);
    escaped
}

/// Parses a URL as a browser does; `None` if it is too long.
fn parse(address: &str) -> Option<Url> {
    if address.len() > MAX_URL_BYTES {
        return None;
    }
    BASE_URL.as_ref()?.join(address).ok()
}

/// Returns true if `text` is the whole URL of another site as people write it, and leads to where `address` leads.
pub(crate) fn is_same_page(text: &str, address: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.has_host() && Some(url) == parse(address))
}

/// Classifies a URL; `None` if it is not allowed, or if it is no URL any more once it is escaped.
pub(crate) fn classify(address: &str, schemes: &[&str]) -> Option<LinkTarget> {
    let base = BASE_URL.as_ref()?;
    let url = parse(address).filter(|_| survives_escaping(address))?;
    if !schemes.contains(&url.scheme()) {
        return None;
    }
    let is_external = url.host().is_some() && url.host() != base.host();
    Some(if is_external {
        LinkTarget::External
    } else {
        LinkTarget::Internal
    })
}

/// Returns the URL that a picture is loaded from; `None` if it is not allowed. Pages load nothing over
/// `http:`, and a site that has pictures there has them at `https:` as well, unless at a port of its own.
pub(crate) fn image_source(address: &str) -> Option<Cow<'_, str>> {
    let mut url = parse(address).filter(|_| !address.is_empty())?;
    let source = match url.scheme() {
        "https" => Cow::Borrowed(address),
        "http" if url.port().is_none() => {
            url.set_scheme("https").ok()?;
            Cow::Owned(url.into())
        }
        _ => return None,
    };
    survives_escaping(&source).then_some(source)
}

/// Returns true if a URL is still one when it is escaped, also without a page that it is relative to:
/// so the sanitiser reads it.
fn survives_escaping(address: &str) -> bool {
    let escaped = escape(address);
    let written = decode_html_entities(&escaped);
    let is_valid = matches!(
        Url::parse(&written),
        Ok(_) | Err(ParseError::RelativeUrlWithoutBase)
    );
    is_valid && parse(&written).is_some()
}

/// Splits a size such as `#1200x800` off an image URL: URL, and width and height in CSS pixels.
pub(crate) fn split_size(url: &str) -> (&str, Option<(u32, u32)>) {
    url.rsplit_once('#')
        .and_then(|(url, size)| {
            let (width, height) = size.split_once('x')?;
            Some((url, Some((pixels(width)?, pixels(height)?))))
        })
        .unwrap_or((url, None))
}

fn pixels(text: &str) -> Option<u32> {
    let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_number
        .then(|| text.parse().ok())
        .flatten()
        .filter(|pixels| *pixels > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_internal_external_or_rejected() {
        for (url, expected) in [
            ("/posts/a", Some(LinkTarget::Internal)),
            ("#h-a", Some(LinkTarget::Internal)),
            ("?q=1", Some(LinkTarget::Internal)),
            ("mailto:a@example.com", Some(LinkTarget::Internal)),
            ("https://example.com", Some(LinkTarget::External)),
            ("HTTP://example.com", Some(LinkTarget::External)),
            ("//example.com/a", Some(LinkTarget::External)),
            ("/\\example.com", Some(LinkTarget::External)),
            ("\\\\example.com", Some(LinkTarget::External)),
            ("javascript:alert(1)", None),
            (" java\tscript:alert(1)", None),
            ("data:text/html,a", None),
            ("vbscript:a", None),
            ("file:///etc/passwd", None),
            ("https://[", None),
            ("https://[::1]/", None),
            ("https:", None),
            ("https:example.com", Some(LinkTarget::Internal)),
        ] {
            assert_eq!(classify(url, LINK_SCHEMES), expected, "{url}");
        }
        assert_eq!(
            classify(&format!("/{}", "a".repeat(MAX_URL_BYTES)), LINK_SCHEMES),
            None
        );
    }

    #[test]
    fn image_sources_are_https() {
        for (url, expected) in [
            ("/a.png", Some("/a.png")),
            ("//example.com/a.png", Some("//example.com/a.png")),
            ("http://example.com", Some("https://example.com/")),
            ("http://example.com:8080/a.png", None),
            ("mailto:a@example.com", None),
            ("data:image/png;base64,a", None),
            ("", None),
        ] {
            assert_eq!(image_source(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn image_sizes_are_two_positive_integers() {
        for (url, expected) in [
            ("/a.jpg#640x480", ("/a.jpg", Some((640, 480)))),
            ("/a.jpg", ("/a.jpg", None)),
            ("/a.svg#icon", ("/a.svg#icon", None)),
            ("/a.jpg#0x480", ("/a.jpg#0x480", None)),
            ("/a.jpg#+1x480", ("/a.jpg#+1x480", None)),
            ("/a.jpg#999999x1", ("/a.jpg#999999x1", None)),
        ] {
            assert_eq!(split_size(url), expected, "{url}");
        }
    }
}
