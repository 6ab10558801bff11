//! The headers that every response has, and those by which some are delivered in another way.

use app::assets::SPECULATION_JSON;
use app::context::SiteConfig;
use http::header::{CONTENT_ENCODING, VARY};
use http::{HeaderName, HeaderValue};

/// The header by which a request to the API that is sent again is known.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The constant headers of a site.
///
/// Source: OWASP's cheat sheets for HTTP headers and for content security policy. Nothing inline is allowed; wasm is.
pub fn constant_headers(site: &SiteConfig) -> Vec<(&'static str, String)> {
    let connect = site
        .dev_events
        .as_ref()
        .map(|events| format!(" {events}"))
        .unwrap_or_default();
    vec![
        (
            "content-security-policy",
            format!(
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' https: data:; \
                 font-src 'self'; connect-src 'self'{connect}; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'none'"
            ),
        ),
        (
            "strict-transport-security",
            "max-age=63072000; includeSubDomains".to_owned(),
        ),
        ("x-content-type-options", "nosniff".to_owned()),
        (
            "referrer-policy",
            "strict-origin-when-cross-origin".to_owned(),
        ),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()".to_owned(),
        ),
        ("cross-origin-opener-policy", "same-origin".to_owned()),
        ("cross-origin-resource-policy", "same-origin".to_owned()),
        ("speculation-rules", format!("\"{SPECULATION_JSON}\"")),
    ]
}

/// The media type of Atom feeds.
const ATOM: &str = "application/atom+xml";
/// The media type of JSON feeds.
const JSON_FEED: &str = "application/feed+json";

/// The way in which a representation is delivered, by its media type.
///
/// Feeds are shown by other sites, which the constant headers forbid. And Cloudflare compresses every other text that is sent
/// here but neither `application/atom+xml` nor `application/feed+json` (developers.cloudflare.com/speed/optimization/content/compression). So
/// their responses say `Content-Encoding: gzip`, and the entry, or its platform, encodes their bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Plain,
    Feed { is_encoded: bool },
}

impl Delivery {
    pub(crate) fn of(media_type: Option<&HeaderValue>, accepts_gzip: bool) -> Self {
        let is_feed = media_type.is_some_and(|kind| {
            let is = |name: &str| kind.as_bytes().starts_with(name.as_bytes());
            is(ATOM) || is(JSON_FEED)
        });
        match is_feed {
            true => Self::Feed {
                is_encoded: accepts_gzip,
            },
            false => Self::Plain,
        }
    }

    /// The entity tag, weak where the same tag stands for other bytes as well.
    pub(crate) fn etag(self, strong: HeaderValue) -> HeaderValue {
        match self {
            Self::Feed { is_encoded: true } => {
                let weak = [b"W/", strong.as_bytes()].concat();
                HeaderValue::from_bytes(&weak).unwrap_or(strong)
            }
            Self::Feed { is_encoded: false } | Self::Plain => strong,
        }
    }

    /// The headers that the response has beside those of every other.
    pub(crate) fn headers(self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        const POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
        let (is_feed, is_encoded) = match self {
            Self::Plain => (false, false),
            Self::Feed { is_encoded } => (true, is_encoded),
        };
        let of_feeds = [(VARY, "Accept-Encoding"), (POLICY, "cross-origin")];
        let all = of_feeds.into_iter().filter(move |_| is_feed);
        all.chain(is_encoded.then_some((CONTENT_ENCODING, "gzip")))
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
    }
}
