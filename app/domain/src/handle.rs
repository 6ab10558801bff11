//! Handles that somebody may take: as every handle, and neither reserved for the site nor made to look so.
//!
//! Absent: whether somebody else has it, which the database knows.

use crate::{Handle, InvalidName};

/// Handles that are reserved, in the order of the alphabet: words of addresses, and names under which somebody could speak for
/// the site.
const RESERVED: &[&str] = &[
    "about",
    "abuse",
    "access",
    "account",
    "accounts",
    "admin",
    "administration",
    "administrator",
    "admins",
    "all",
    "anonymous",
    "api",
    "app",
    "archive",
    "assets",
    "atom",
    "auth",
    "author",
    "authors",
    "billing",
    "blog",
    "bot",
    "cdn",
    "comment",
    "comments",
    "contact",
    "dashboard",
    "deleted",
    "dev",
    "docs",
    "download",
    "edit",
    "editor",
    "editors",
    "email",
    "error",
    "errors",
    "everyone",
    "favicon",
    "feed",
    "feeds",
    "fn",
    "former-member",
    "ftp",
    "guest",
    "health",
    "help",
    "home",
    "hostmaster",
    "image",
    "images",
    "imap",
    "index",
    "info",
    "invite",
    "invites",
    "json",
    "legal",
    "login",
    "logout",
    "mail",
    "mailer-daemon",
    "me",
    "media",
    "member",
    "members",
    "mod",
    "moderation",
    "moderator",
    "moderators",
    "mods",
    "my",
    "new",
    "news",
    "newsletter",
    "no-reply",
    "nobody",
    "noreply",
    "null",
    "official",
    "openapi",
    "operator",
    "outbox",
    "owner",
    "passkey",
    "passkeys",
    "password",
    "pkg",
    "pop",
    "post",
    "postmaster",
    "posts",
    "privacy",
    "profile",
    "public",
    "reader",
    "readers",
    "register",
    "reset",
    "robots",
    "root",
    "rss",
    "search",
    "security",
    "session",
    "sessions",
    "settings",
    "setup",
    "sign-in",
    "sign-out",
    "sign-up",
    "signin",
    "signout",
    "signup",
    "site",
    "sitemap",
    "smtp",
    "somebody",
    "ssl",
    "staff",
    "static",
    "status",
    "style",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "tag",
    "tags",
    "team",
    "terms",
    "test",
    "theme",
    "token",
    "tokens",
    "undefined",
    "unknown",
    "user",
    "users",
    "verify",
    "webmaster",
    "well-known",
    "write",
    "writer",
    "writers",
    "www",
    "xml",
];

impl Handle {
    /// Takes `text` as the handle of a new account, or as the new one of an account. `site` is the name of the site, under which
    /// nobody else may speak.
    ///
    /// # Errors
    /// When it is no handle, reserved, or made to look like one that is.
    pub fn claim(text: &str, site: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let handle = Self::parse(text).map_err(|error| {
            if text.is_ascii() {
                error
            } else {
                InvalidName(
                    "A handle has the letters a to z, digits and hyphens. One of yours is another letter, or a mark that is not seen.",
                )
            }
        })?;
        let site = site.to_lowercase();
        let mut reserved = RESERVED.iter().copied().chain([site.as_str()]);
        if reserved.any(|word| resembles(text, word)) {
            return Err(InvalidName(
                "This handle is reserved for the site, or looks like one that is. Please choose another.",
            ));
        }
        Ok(handle)
    }
}

/// True if a reader could take `handle` for `word`: hyphens do not count, and some characters pass for others.
fn resembles(handle: &str, word: &str) -> bool {
    let plain = |text: &str| text.replace('-', "").replace("rn", "m").replace("vv", "w");
    let (handle, word) = (plain(handle), plain(word));
    // In a short word, one letter more or less makes another word.
    let is_long = word.len() > 4;
    handle.len() == word.len()
        && handle.bytes().zip(word.bytes()).all(|pair| match pair {
            (a, b) if a == b => true,
            (b'0', b'o') | (b'1', b'i' | b'l') | (b'3', b'e') | (b'4', b'a') => true,
            (b'5', b's') | (b'6', b'b' | b'g') | (b'7', b't') | (b'8', b'b') | (b'9', b'g') => true,
            (b'i', b'l') | (b'l', b'i') => is_long,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> bool {
        Handle::claim(text, "Example").is_ok()
    }

    #[test]
    fn handles_may_be_taken_unless_they_speak_for_the_site() {
        for free in [
            "ada",
            "ada-lovelace",
            "apl",
            "ap1x",
            "test-pilot",
            "administer",
            "feeder",
            "mia",
            "tim",
        ] {
            assert!(claims(free), "{free}");
        }
        for reserved in [
            "admin",
            "api",
            "fn",
            "write",
            "settings",
            "setup",
            "me",
            "example",
            "ex-ample",
            "former-member",
            "formermember",
            "well-known",
        ] {
            assert!(!claims(reserved), "{reserved}");
        }
    }

    #[test]
    fn what_looks_reserved_is_refused() {
        for alike in [
            "adm1n", "adrnin", "ad-min", "admln", "4dm1n", "supp0rt", "5ettings", "vvrite",
            "exarnple", "m0d", "1ogin",
        ] {
            assert!(!claims(alike), "{alike}");
        }
    }

    #[test]
    fn letters_of_other_scripts_and_hidden_marks_are_refused_with_a_reason() {
        for (text, what) in [
            ("аda", "Cyrillic"),
            ("αda", "Greek"),
            ("ada\u{200b}", "zero width"),
            ("a\u{200d}da", "joiner"),
            ("ada\u{202e}", "override"),
            ("ａda", "full width"),
            ("ad\u{e1}", "an accent"),
            ("夜", "Chinese"),
        ] {
            let error = Handle::claim(text, "Example");
            assert!(
                error.is_err_and(|error| error.0.contains("not seen")),
                "{what}"
            );
        }
        for wrong in ["a", "Ada", "a_b", "a b", "-a-", "a/b"] {
            assert!(!claims(wrong), "{wrong}");
        }
        assert!(claims(" ada\n"));
    }

    #[test]
    fn reserved_handles_are_in_order_and_are_handles() {
        assert!(RESERVED.is_sorted());
        for word in RESERVED {
            assert!(Handle::parse(word).is_ok(), "{word}");
        }
    }
}
