//! Who has written reads his own writes: how far a visitor has seen the database, in a signed cookie.
//!
//! The cookie is signed because it names a place in the database (D1's bookmark) or keeps a visitor off the cache: nobody
//! else should be able to make one. It says nothing about the visitor.

use app::context::{Secret, cookie};
use db::{CACHE_TTL, ConsistencyToken};
use domain::Timestamp;
use http::HeaderValue;

/// The cookie's name.
const COOKIE: &str = "__Host-seen";

/// For how long a bookmark is kept, in seconds: D1's replicas are behind by seconds at most.
const BOOKMARK_LASTS: u64 = 600;

/// What the signature is for: no other signature with the same secret is one of these.
const PURPOSE: &str = "seen";

/// The mark in a `Cookie` header; none when there is none, or when it was not made here.
pub fn mark_of(cookies: &str, secret: Option<&Secret>) -> Option<ConsistencyToken> {
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

/// The `Set-Cookie` for a mark.
pub(crate) fn cookie_of(mark: &ConsistencyToken, secret: &Secret) -> Option<HeaderValue> {
    let (text, lasts) = match mark {
        ConsistencyToken::Bookmark(bookmark) if is_bookmark(bookmark) => {
            (format!("bookmark.{bookmark}"), BOOKMARK_LASTS)
        }
        ConsistencyToken::Bookmark(_) => return None,
        ConsistencyToken::Until(then) => {
            (format!("until.{}", then.as_millis()), CACHE_TTL.as_secs())
        }
    };
    let signature = secret.sign(PURPOSE, &text);
    HeaderValue::from_str(&format!(
        "{COOKIE}={text}.{signature}; Path=/; Max-Age={lasts}; Secure; HttpOnly; SameSite=Lax"
    ))
    .ok()
}

/// What can stand in a cookie; D1's bookmarks are numbers in hex.
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

    fn kept(mark: &ConsistencyToken) -> String {
        let header = cookie_of(mark, &secret()).expect("a cookie");
        let header = header.to_str().expect("text").to_owned();
        assert!(
            header.ends_with("; Secure; HttpOnly; SameSite=Lax"),
            "{header}"
        );
        header.split(';').next().expect("a pair").to_owned()
    }

    #[test]
    fn a_mark_comes_back() {
        for mark in [
            ConsistencyToken::Bookmark(
                "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683".into(),
            ),
            ConsistencyToken::Until(Timestamp::from_millis(1_800_000_000_123)),
        ] {
            let cookies = format!("theme=dark; {}", kept(&mark));
            assert_eq!(mark_of(&cookies, Some(&secret())), Some(mark));
        }
    }

    #[test]
    fn nobody_else_can_make_one() {
        let good = kept(&ConsistencyToken::Until(Timestamp::from_millis(5)));
        for bad in [
            good.replace("until.5", "until.6"),
            good.replace("until", "bookmark"),
            good[..good.len() - 1].to_owned(),
            "__Host-seen=until.5.".to_owned(),
            "__Host-seen=".to_owned(),
        ] {
            assert_eq!(mark_of(&bad, Some(&secret())), None, "{bad}");
        }
        let other = Secret::new("another secret of at least 32 characters".to_owned());
        assert_eq!(mark_of(&good, other.as_ref()), None);
        assert_eq!(mark_of(&good, None), None);
        assert!(cookie_of(&ConsistencyToken::Bookmark("a; Path=/x".into()), &secret()).is_none());
    }
}
