//! The short texts that people write about themselves.

use std::fmt;

use serde::Serialize;

use crate::InvalidName;
use crate::names::names;

names! {
    /// A short text about a user: at most 500 characters, plain, in one paragraph. It may be empty.
    Bio;
}

impl Bio {
    /// The most characters.
    pub const MAX: usize = 500;

    /// Takes `text` as a short text; blanks around it go, those within and the ends of lines become single spaces, as pages show them.
    ///
    /// # Errors
    /// When it is too long, or has a character that nobody sees and no database keeps.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > Self::MAX {
            return Err(InvalidName("A text about you has at most 500 characters."));
        }
        if text.contains(char::is_control) {
            return Err(InvalidName(
                "The text has a character that is not seen. Please type it anew.",
            ));
        }
        Ok(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_paragraph() {
        for (typed, kept) in [
            ("", ""),
            (" \r\n ", ""),
            (" Walks.\r\n\r\nWrites. ", "Walks. Writes."),
            ("<b>夜</b> 👩\u{200d}💻", "<b>夜</b> 👩\u{200d}💻"),
        ] {
            assert_eq!(Bio::parse(typed).map(String::from), Ok(kept.to_owned()));
        }
    }

    #[test]
    fn its_length_is_in_characters_of_what_is_kept() {
        assert!(Bio::parse(&"夜".repeat(500)).is_ok());
        assert!(Bio::parse(&format!("{}\r\n", "夜".repeat(500))).is_ok());
        assert!(Bio::parse(&"a".repeat(501)).is_err_and(|why| why.0.contains("at most 500")));
        assert!(Bio::parse("a\0b").is_err_and(|why| why.0.contains("not seen")));
    }
}
