//! Allowed URLs, and the image size in a URL's fragment.

use std::sync::LazyLock;

use url::Url;

/// Stands for the site itself, so that relative URLs resolve as in a browser.
static BASE_URL: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://site.invalid/").ok());

pub(crate) const LINK_SCHEMES: &[&str] = &["http", "https", "mailto"];
pub(crate) const IMAGE_SCHEMES: &[&str] = &["http", "https"];

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

/// Classifies a URL; `None` if it is not allowed.
pub(crate) fn classify(address: &str, schemes: &[&str]) -> Option<LinkTarget> {
    if address.len() > MAX_URL_BYTES {
        return None;
    }
    let base = BASE_URL.as_ref()?;
    let url = base.join(address).ok()?;
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

/// Splits a size such as `#1200x800` off an image URL: URL, width and height in CSS pixels.
/// The default is 1200 × 800, so that the layout does not shift when the image loads.
pub(crate) fn split_size(url: &str) -> (&str, u32, u32) {
    url.rsplit_once('#')
        .and_then(|(url, size)| {
            let (width, height) = size.split_once('x')?;
            Some((url, pixels(width)?, pixels(height)?))
        })
        .unwrap_or((url, 1200, 800))
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
        ] {
            assert_eq!(classify(url, LINK_SCHEMES), expected, "{url}");
        }
        assert_eq!(classify("mailto:a@example.com", IMAGE_SCHEMES), None);
        assert_eq!(
            classify(&format!("/{}", "a".repeat(MAX_URL_BYTES)), LINK_SCHEMES),
            None
        );
    }

    #[test]
    fn image_sizes_are_two_positive_integers() {
        for (url, expected) in [
            ("/a.jpg#640x480", ("/a.jpg", 640, 480)),
            ("/a.jpg", ("/a.jpg", 1200, 800)),
            ("/a.svg#icon", ("/a.svg#icon", 1200, 800)),
            ("/a.jpg#0x480", ("/a.jpg#0x480", 1200, 800)),
            ("/a.jpg#+1x480", ("/a.jpg#+1x480", 1200, 800)),
            ("/a.jpg#999999x1", ("/a.jpg#999999x1", 1200, 800)),
        ] {
            assert_eq!(split_size(url), expected, "{url}");
        }
    }
}
