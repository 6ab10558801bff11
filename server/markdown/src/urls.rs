//! Which addresses a text may point to, and what an image's address says about its size.

use std::sync::LazyLock;

use url::Url;

/// Stands for the site itself, so that relative addresses resolve as a browser resolves them.
static HERE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://here.invalid/").ok());

/// Schemes that a link may have.
pub(crate) const LINKS: &[&str] = &["http", "https", "mailto"];
/// Schemes that an image may have.
pub(crate) const IMAGES: &[&str] = &["http", "https"];

/// Where an allowed address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// This site, or a program other than the browser.
    Inside,
    /// Another site.
    Outside,
}

/// Longest address in bytes, about what browsers and servers agree on.
const LONGEST: usize = 2_000;

/// Judges an address; `None` when it may not be used.
pub(crate) fn target(address: &str, schemes: &[&str]) -> Option<Target> {
    if address.len() > LONGEST {
        return None;
    }
    let here = HERE.as_ref()?;
    let url = here.join(address).ok()?;
    if !schemes.contains(&url.scheme()) {
        return None;
    }
    let leaves = url.host().is_some() && url.host() != here.host();
    Some(if leaves {
        Target::Outside
    } else {
        Target::Inside
    })
}

/// Takes a size such as `#1200x800` off an image's address: address, width, height in CSS pixels.
/// Without one, 1200 × 800, so that the page does not jump when the image arrives.
pub(crate) fn sized(address: &str) -> (&str, u32, u32) {
    address
        .rsplit_once('#')
        .and_then(|(address, size)| {
            let (width, height) = size.split_once('x')?;
            Some((address, pixels(width)?, pixels(height)?))
        })
        .unwrap_or((address, 1200, 800))
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
    fn an_address_leads_inside_outside_or_nowhere() {
        for (address, expected) in [
            ("/posts/a", Some(Target::Inside)),
            ("#h-a", Some(Target::Inside)),
            ("?q=1", Some(Target::Inside)),
            ("mailto:a@example.com", Some(Target::Inside)),
            ("https://example.com", Some(Target::Outside)),
            ("HTTP://example.com", Some(Target::Outside)),
            ("//example.com/a", Some(Target::Outside)),
            ("/\\example.com", Some(Target::Outside)),
            ("\\\\example.com", Some(Target::Outside)),
            ("javascript:alert(1)", None),
            (" java\tscript:alert(1)", None),
            ("data:text/html,a", None),
            ("vbscript:a", None),
            ("file:///etc/passwd", None),
            ("https://[", None),
        ] {
            assert_eq!(target(address, LINKS), expected, "{address}");
        }
        assert_eq!(target("mailto:a@example.com", IMAGES), None);
        assert_eq!(target(&format!("/{}", "a".repeat(LONGEST)), LINKS), None);
    }

    #[test]
    fn a_size_is_two_whole_numbers() {
        for (address, expected) in [
            ("/a.jpg#640x480", ("/a.jpg", 640, 480)),
            ("/a.jpg", ("/a.jpg", 1200, 800)),
            ("/a.svg#icon", ("/a.svg#icon", 1200, 800)),
            ("/a.jpg#0x480", ("/a.jpg#0x480", 1200, 800)),
            ("/a.jpg#+1x480", ("/a.jpg#+1x480", 1200, 800)),
            ("/a.jpg#999999x1", ("/a.jpg#999999x1", 1200, 800)),
        ] {
            assert_eq!(sized(address), expected, "{address}");
        }
    }
}
