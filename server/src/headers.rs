//! The headers that every response has.

use app::assets::SPECULATION_JSON;
use app::context::SiteConfig;

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
