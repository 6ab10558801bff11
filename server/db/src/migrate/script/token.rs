//! The tokens of a script.

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::migrate) enum Kind {
    /// Spaces, a comment, or a command of the engine's client that changes nothing.
    Blank,
    /// An unquoted name or keyword, or a number.
    Word,
    /// A string, with its quotes.
    Text,
    /// A quoted name, with its quotes.
    Name,
    /// One other character.
    Sign,
    /// The beginning or the end of a comment whose content the server runs (`/*!50001 … */`).
    Enclosure,
    /// The end of a statement, wherever nothing encloses it.
    Delimiter,
}

/// A part of a script that is never cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::migrate) struct Token<'a> {
    pub(in crate::migrate) kind: Kind,
    pub(in crate::migrate) text: &'a str,
    /// The line on which it begins, from 1.
    pub(in crate::migrate) line: usize,
}

impl Token<'_> {
    /// True for this keyword, in small or capital letters.
    pub(in crate::migrate) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// True for this one character.
    pub(in crate::migrate) fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    /// The name that it is, without quotes.
    pub(in crate::migrate) fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::Name | Kind::Text => {
                let inner = self.text.get(1..self.text.len() - 1).unwrap_or_default();
                Some(match self.text.chars().next()? {
                    '[' => inner.to_owned(),
                    quote => inner.replace(&format!("{quote}{quote}"), &quote.to_string()),
                })
            }
            Kind::Blank | Kind::Sign | Kind::Enclosure | Kind::Delimiter => None,
        }
    }
}
