//! Read your own writes: the consistency token of a visitor who has written something, in a signed cookie.
//!
//! The cookie is signed because it names a state of the database (D1's bookmark) or keeps a visitor off the cache: nobody
//! else should be able to make one. It says nothing about the visitor.

use app::context::{Secret, cookie};
use db::{CACHE_TTL, ConsistencyToken};
use domain::Timestamp;
use http::HeaderValue;

const COOKIE: &str = "__Host-seen";

/// The seconds that a bookmark is kept: D1's replicas are behind by seconds at most.
const BOOKMARK_MAX_AGE: u64 = 600;

/// The purpose that is signed, so that no signature by the same secret for something else is valid here.
const PURPOSE: &str = "seen";

/// The token in a `Cookie` header; none when there is none, or when it was not signed here.
pub fn from_cookies(cookies: &str, secret: Option<&Secret>) -> Option<ConsistencyToken> {
    let value = cookie(cookies, COOKIE)?;
    let (text, signature) = value.rsplit_once('.')?;
    if !secret?.has_signed(PURPOSE, text, signature) {
        return None;
    }
    match text.split_once('.')? {
        ("bookmark", bookmark) => Some(ConsistencyToken::Bookmark(bookmark.to_owned())),
        ("until", millis) => Some(ConsistencyToken::Until(Timestamp::from_millis(
            millis.parse().ok()?,
        ))),
        _ => None,
    }
}

/// The `Set-Cookie` for a token.
pub(crate) fn to_cookie(token: &ConsistencyToken, secret: &Secret) -> Option<HeaderValue> {
    let (text, max_age) = match token {
        ConsistencyToken::Bookmark(bookmark) if is_bookmark(bookmark) => {
            (format!("bookmark.{bookmark}"), BOOKMARK_MAX_AGE)
        }
        ConsistencyToken::Bookmark(_) => return None,
        ConsistencyToken::Until(then) => {
            (format!("until.{}", then.as_millis()), CACHE_TTL.as_secs())
        }
    };
    let signature = secret.sign(PURPOSE, &text);
    HeaderValue::from_str(&format!(
        "{COOKIE}={text}.{signature}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=Lax"
    ))
    .ok()
}

/// Tells whether a bookmark can stand in a cookie. Those of D1 are numbers in hex.
fn is_bookmark(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new("0123456789abcdef0123456789abcdef".to_owned()).expect("long enough")
    }

    fn cookie_pair(token: &ConsistencyToken) -> String {
        let header = to_cookie(token, &secret()).expect("a cookie");
        let header = header.to_str().expect("text").to_owned();
        assert!(
            header.ends_with("; Secure; HttpOnly; SameSite=Lax"),
            "{header}"
        );
        header.split(';').next().expect("a pair").to_owned()
    }

    #[test]
    fn a_token_comes_back() {
        for token in [
            ConsistencyToken::Bookmark(
                "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683".into(),
            ),
            ConsistencyToken::Until(Timestamp::from_millis(1_800_000_000_123)),
        ] {
            let cookies = format!("theme=dark; {}", cookie_pair(&token));
            assert_eq!(from_cookies(&cookies, Some(&secret())), Some(token));
        }
    }

    #[test]
    fn nobody_else_can_make_a_token() {
        let good = cookie_pair(&ConsistencyToken::Until(Timestamp::from_millis(5)));
        for bad in [
            good.replace("until.5", "until.6"),
            good.replace("until", "bookmark"),
            good[..good.len() - 1].to_owned(),
            "__Host-seen=until.5.".to_owned(),
            "__Host-seen=".to_owned(),
        ] {
            assert_eq!(from_cookies(&bad, Some(&secret())), None, "{bad}");
        }
        let other = Secret::new("another secret of at least 32 characters".to_owned());
        assert_eq!(from_cookies(&good, other.as_ref()), None);
        assert_eq!(from_cookies(&good, None), None);
        assert!(to_cookie(&ConsistencyToken::Bookmark("a; Path=/x".into()), &secret()).is_none());
    }
}
