//! Searches: reading what was typed, and finding where it matches.
//!
//! Words are runs of letters, digits and the marks that belong to them, folded; Chinese, Japanese, Thai and others write without
//! spaces, so each of their characters is a word of its own, and a run of them is a phrase. One rule makes the text that
//! the engines index ([`Search::index`]), the words that a query asks for, and the pieces that are highlighted.

mod highlight;
#[cfg(test)]
mod tests;
mod token;
mod words;

pub use highlight::{Piece, highlight, snippet};

/// A search: phrases that must all occur, the last one as a beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    text: String,
    phrases: Vec<Phrase>,
}

/// Words in order, next to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    words: Vec<String>,
    is_alone: bool,
    tokens: Vec<String>,
    is_prefix: bool,
}

impl Phrase {
    /// The tokens that stand next to each other in the text of [`Search::index`]; at least one, of small Latin letters and
    /// digits.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// True if the last token may go on.
    pub fn is_prefix(&self) -> bool {
        self.is_prefix
    }

    /// Completes a phrase of which the words are known.
    fn finish(&mut self, is_last: bool) {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        self.tokens = match words.as_slice() {
            [_] => vec![token::of(&words)],
            words => words.windows(2).map(token::of).collect(),
        };
        // The index has such a character alone only at the end of a run, and else with the one after it.
        self.is_prefix = is_last || (self.is_alone && words.len() == 1);
    }
}

impl Search {
    /// Most characters of a search; the rest is ignored.
    pub const MAX_CHARS: usize = 100;
    /// Most words of a search; the rest is ignored.
    pub const MAX_PHRASES: usize = 8;
    /// The most matches that are counted; more are "more than" as many.
    pub const MAX_COUNTED: usize = 1000;
    /// Most bytes of the text for an index. PostgreSQL refuses a text whose distinct words and their places take more than
    /// a megabyte (postgresql.org/docs/current/textsearch-limitations.html): at most 2.5 times this.
    const MAX_INDEX_BYTES: usize = 400_000;

    /// Makes one space of control characters and white space, and removes space at the ends, what is invisible and shapes nothing or turns the
    /// direction of writing, and everything beyond [`Self::MAX_CHARS`].
    pub fn tidy(typed: &str) -> String {
        let visible = typed
            .chars()
            .filter(|c| !is_invisible(*c) || gives_shape(*c));
        let spaced = visible.map(|c| match c {
            c if c.is_control() || c.is_whitespace() => ' ',
            c => c,
        });
        let spaced: String = spaced.collect();
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let cut: String = words.join(" ").chars().take(Self::MAX_CHARS).collect();
        cut.trim_end().to_owned()
    }

    /// Reads typed text, up to [`Self::MAX_CHARS`] and [`Self::MAX_PHRASES`].
    pub fn parse(typed: &str) -> Self {
        let text = Self::tidy(typed);
        let mut phrases: Vec<Phrase> = Vec::new();
        for word in words::words(&text) {
            match phrases.last_mut() {
                Some(phrase) if word.follows => phrase.words.push(word.folded.into_owned()),
                _ => phrases.push(Phrase {
                    words: vec![word.folded.into_owned()],
                    is_alone: word.is_alone,
                    tokens: Vec::new(),
                    is_prefix: false,
                }),
            }
        }
        phrases.truncate(Self::MAX_PHRASES);
        let last = phrases.len().saturating_sub(1);
        for (n, phrase) in phrases.iter_mut().enumerate() {
            phrase.finish(n == last);
        }
        Self { text, phrases }
    }

    /// The typed text, tidied, for the search box.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if nothing was typed. Such a search finds everything.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// True if there is a word to look for. A search that has none and is not empty, of signs alone, finds nothing.
    pub fn has_words(&self) -> bool {
        !self.phrases.is_empty()
    }

    /// The phrases that must all occur.
    pub fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }

    /// The words of `text` as tokens, separated by spaces, for a full-text index; of a very long text, the first ones. They are
    /// small Latin letters and digits, so that engines need no rules of their own for letters, accents or scripts, and
    /// all find the same rows. Characters that are words by themselves are indexed in pairs, and the last of a run alone.
    pub fn index(text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        let mut words = words::words(text).peekable();
        while let Some(word) = words.next() {
            if out.len() > Self::MAX_INDEX_BYTES {
                break;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            match words.peek().filter(|next| next.follows) {
                Some(next) => token::push(&mut out, &[&word.folded, &next.folded]),
                None => token::push(&mut out, &[&word.folded]),
            }
        }
        out
    }
}

/// True for characters that are not seen themselves, but change the look of their neighbours: joiners, variation selectors, and the
/// tags of flags.
fn gives_shape(c: char) -> bool {
    matches!(u32::from(c), 0x180B..=0x180D | 0x200C..=0x200D | 0xFE00..=0xFE0F | 0xE0020..=0xE007F)
}

/// True for characters that are not seen: joiners, direction signs, variation selectors, the soft hyphen (Unicode's
/// Default_Ignorable_Code_Point).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}
