//! Names that appear in addresses: slugs and handles.

use std::fmt;

use serde::Serialize;

use crate::FieldRule;

/// An error for a name that is not valid, as a sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidName(pub &'static str);

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidName {}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    )+};
}

pub(crate) use names;

names! {
    /// The last part of a post's address: `[a-z0-9]+(-[a-z0-9]+)*`, at most 80 characters.
    Slug;
    /// A user's name in addresses: as a slug, 2 to 30 characters.
    Handle;
}

/// Words of lower-case ASCII letters and digits, joined by single hyphens.
fn is_kebab(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

impl Slug {
    /// Most characters of a slug.
    pub const MAX: usize = 80;

    /// Takes `text` as a slug, unchanged.
    ///
    /// # Errors
    /// When it is not lower-case words joined by hyphens, or too long.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.len() <= Self::MAX && is_kebab(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName(
                "A slug is lower-case letters and digits joined by hyphens, at most 80 characters.",
            ))
        }
    }
}

impl Handle {
    /// The fewest characters.
    const MIN: usize = 2;

    /// The most characters.
    pub const MAX: usize = 30;

    /// The rule of a field where one is typed; blanks around it go.
    pub const RULE: FieldRule = FieldRule {
        pattern: Some(r"\s*[a-z0-9]+(-[a-z0-9]+)*\s*"),
        min: Self::MIN,
        sentence: "A handle is lower-case letters and digits joined by hyphens, 2 to 30 characters.",
    };

    /// Takes `text` as a handle, unchanged.
    ///
    /// # Errors
    /// When it is not lower-case words joined by hyphens, too short or too long.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if (Self::MIN..=Self::MAX).contains(&text.len()) && is_kebab(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName(Self::RULE.sentence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for (text, valid) in [
            ("a", true),
            ("a-post-2", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("a--b", false),
            ("A", false),
            ("ä", false),
            ("a b", false),
            ("a/b", false),
        ] {
            assert_eq!(Slug::parse(text).is_ok(), valid, "{text:?}");
        }
        assert!(Slug::parse(&"a".repeat(80)).is_ok());
        assert!(Slug::parse(&"a".repeat(81)).is_err());
    }

    #[test]
    fn handles_have_two_to_thirty_characters() {
        assert!(Handle::parse("jo").is_ok());
        assert!(Handle::parse("j").is_err());
        assert!(Handle::parse(&"a".repeat(31)).is_err());
    }
}
