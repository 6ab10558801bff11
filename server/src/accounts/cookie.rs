//! The cookies of accounts. Their names hold browsers to them: this host alone, every path, only over HTTPS (RFC 6265bis, 4.1.3.2).

use std::time::Duration;

use accounts::Token;
use app::context::{CODE_COOKIE, KNOWN_COOKIE, OWNER_COOKIE, SESSION_COOKIE};
use domain::lifetimes::{CONFIRMATION_TTL, KNOWN_BROWSER_TTL, SESSION_TTL, VERIFICATION_TTL};
use http::HeaderValue;

/// Gives the browser the token of its session.
pub(super) fn set(token: &Token) -> Option<HeaderValue> {
    cookie(SESSION_COOKIE, token.as_str(), SESSION_TTL)
}

/// Takes the token from the browser.
pub(super) fn clear() -> Option<HeaderValue> {
    cookie(SESSION_COOKIE, "", Duration::ZERO)
}

/// Tells scripts that the browser got or lost a session, beside the cookie `session` that gives or takes it and that no script can
/// read. It says no more, and nothing believes it: scripts ask for the name of who is signed in only where it is.
pub(super) fn hint(session: &HeaderValue) -> Option<HeaderValue> {
    let value = session.to_str().ok()?.strip_prefix(SESSION_COOKIE)?;
    let (value, ttl) = match value.starts_with("=;") {
        true => ("", Duration::ZERO),
        false => ("1", SESSION_TTL),
    };
    let seconds = ttl.as_secs();
    let text = format!("signed-in={value}; Path=/; Secure; SameSite=Lax; Max-Age={seconds}");
    HeaderValue::try_from(text).ok()
}

/// Gives the browser the secret by which codes know it. It lasts as long as the code that lasts longest.
pub(super) fn set_code(token: &Token) -> Option<HeaderValue> {
    cookie(CODE_COOKIE, token.as_str(), VERIFICATION_TTL)
}

/// Notes in the browser who has signed in there.
pub(super) fn set_known(signature: &str) -> Option<HeaderValue> {
    cookie(KNOWN_COOKIE, signature, KNOWN_BROWSER_TTL)
}

/// Gives the browser the proof of who owns an account that waits to be erased.
pub(super) fn set_owner(proof: &str) -> Option<HeaderValue> {
    cookie(OWNER_COOKIE, proof, CONFIRMATION_TTL)
}

/// Takes the proof from the browser.
pub(super) fn clear_owner() -> Option<HeaderValue> {
    cookie(OWNER_COOKIE, "", Duration::ZERO)
}

fn cookie(name: &str, value: &str, ttl: Duration) -> Option<HeaderValue> {
    let seconds = ttl.as_secs();
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    HeaderValue::try_from(text).ok()
}
