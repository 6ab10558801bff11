//! The cookie of a session. Its name holds browsers to it: this host alone, every path, only over HTTPS (RFC 6265bis, 4.1.3.2).

use accounts::Token;
use app::context::SESSION_COOKIE;
use domain::lifetimes::SESSION_TTL;
use http::HeaderValue;

/// Gives the browser the token of its session.
pub(super) fn set(token: &Token) -> Option<HeaderValue> {
    let seconds = SESSION_TTL.as_secs();
    let text = format!(
        "{SESSION_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}",
        token.as_str()
    );
    HeaderValue::try_from(text).ok()
}

/// Takes the token from the browser.
pub(super) fn clear() -> Option<HeaderValue> {
    let text = format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    HeaderValue::try_from(text).ok()
}
