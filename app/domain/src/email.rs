//! E-mail addresses, as far as a text can tell. Only a sent mail tells whether one exists.

use std::fmt;

use serde::Serialize;

use crate::names::names;
use crate::{FieldRule, InvalidName};

names! {
    /// An e-mail address in lower case: `dot-atom@domain` (RFC 5322), at most 254 characters (RFC 5321). It holds nothing by which
    /// a header of a mail would end or begin.
    Email;
}

const FORM: InvalidName = InvalidName(Email::RULE.sentence);

impl Email {
    /// The most characters of an address (RFC 5321).
    pub const MAX: usize = 254;

    /// The rule of a field where one is typed.
    pub const RULE: FieldRule = FieldRule {
        pattern: Some(r"\s*\S+@\S+\.\S+\s*"),
        min: 0,
        sentence: "An e-mail address looks like name@example.com.",
    };

    /// Takes `text` as an address; surrounding space goes, letters become lower-case.
    ///
    /// # Errors
    /// When it is not a name and a domain, each of ASCII letters, digits and a few marks, or too long.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(FORM)?;
        if !text.is_ascii() {
            return Err(if local.is_ascii() {
                InvalidName(
                    "Please write the domain of the address as mail servers do: it begins with xn-- then.",
                )
            } else {
                InvalidName(
                    "The part before the @ has a letter that mail servers do not know. Please use another address.",
                )
            });
        }
        if text.len() <= Self::MAX && is_local(local) && is_domain(domain) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(FORM)
        }
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

/// A dot-atom of at most 64 characters: quoted names, which may hold anything, are none.
fn is_local(text: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    text.len() <= 64 && text.split('.').all(is_atom)
}

/// A host's name with a top-level domain, which has a letter; so an IP address is none.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let top = text.rsplit_once('.').map(|(_, top)| top);
    top.is_some_and(|top| top.len() >= 2 && top.bytes().any(|b| b.is_ascii_alphabetic()))
        && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lowered() {
        for (text, address) in [
            (" Ada@Example.COM ", "ada@example.com"),
            (
                "ada+site.news@mail.example.co.uk",
                "ada+site.news@mail.example.co.uk",
            ),
            (
                "o'hara@xn--bcher-kva.example",
                "o'hara@xn--bcher-kva.example",
            ),
            ("a@b.io", "a@b.io"),
        ] {
            assert_eq!(Email::parse(text).map(String::from), Ok(address.to_owned()));
        }
        let longest = format!("{}@{}.example", "a".repeat(64), "b".repeat(63));
        assert_eq!(
            Email::parse(&longest).map(|email| email.local().len()),
            Ok(64)
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "",
            "ada",
            "ada@",
            "@x.org",
            "a b@x.org",
            "a@x",
            "a@.x",
            "a@x.org.",
            "a@x..org",
            "a@-x.org",
            "a@x-.org",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@b@c.org",
            "a@x.org\0",
            ".a@x.org",
            "a.@x.org",
            "a..b@x.org",
            "\"a b\"@x.org",
            "Ada <ada@x.org>",
            "ada@x.org,bob@x.org",
            "ada@x.org;bob@x.org",
            "ada@x_y.org",
            "ада@x.org",
            "ada@bücher.example",
            "ad\u{200b}a@x.org",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Email::parse(&format!("{}@x.org", "a".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.org", "b".repeat(64))).is_err());
        assert!(Email::parse(&format!("a@{}org", "bbbbbbb.".repeat(40))).is_err());
    }

    #[test]
    fn no_address_begins_another_header() {
        for injected in [
            "ada@x.org\r\nBcc: all@x.org",
            "ada@x.org\nBcc: all@x.org",
            "ada@x.org%0aBcc:all@x.org",
            "\r\nBcc: all@x.org\r\n@x.org",
            "ada\u{2028}@x.org",
            "ada\u{85}@x.org",
            "ada(\r\n )@x.org",
        ] {
            assert!(Email::parse(injected).is_err(), "{injected:?}");
        }
    }

    #[test]
    fn the_sentence_says_what_to_do() {
        let says = |text| Email::parse(text).map_err(|error| error.to_string());
        assert!(says("ada@bücher.example").is_err_and(|text| text.contains("xn--")));
        assert!(says("адa@x.org").is_err_and(|text| text.contains("before the @")));
    }
}
