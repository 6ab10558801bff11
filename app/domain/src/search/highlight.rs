//! Finding where a search matches a text: the pieces to mark, and the part of a long text that shows why it was found.

use unicode_segmentation::UnicodeSegmentation;

use super::words::{Word, words};
use super::{Phrase, Search};

/// A piece of text, matched or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The text, as it stands in the original.
    pub text: &'a str,
    /// Set where the search matched.
    pub is_match: bool,
}

/// Cuts `text` into pieces, those that `search` matches marked. Joined again, the pieces are `text`.
pub fn highlight<'a>(text: &'a str, search: &Search) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut add = |from: usize, until: usize, is_match| {
        if let Some(text) = text.get(from..until).filter(|text| !text.is_empty()) {
            pieces.push(Piece { text, is_match });
        }
    };
    let mut plain_from = 0;
    for (from, until) in Matches::new(text, search) {
        add(plain_from, from, false);
        add(from, until, true);
        plain_from = until;
    }
    add(plain_from, text.len(), false);
    if pieces.is_empty() {
        let is_match = false;
        pieces.push(Piece { text, is_match });
    }
    pieces
}

/// The part of `text` around the first match, of at most `max` characters and on whole words where the script has spaces; with an
/// ellipsis where it was cut. `None` where nothing matches.
pub fn snippet(text: &str, search: &Search, max: usize) -> Option<String> {
    let (from, until) = Matches::new(text, search).next()?;
    let (before, after) = (text.get(..from)?, text.get(from..)?);
    // A third of the part stands before the match.
    let lead: Vec<(usize, &str)> = before.grapheme_indices(true).rev().take(max / 3).collect();
    let start = match lead.last() {
        Some((at, _)) if *at > 0 => {
            let spaces = lead.iter().rev().filter(|(_, one)| one.trim().is_empty());
            spaces.map(|(at, one)| at + one.len()).next().unwrap_or(*at)
        }
        Some(_) => 0,
        None => from,
    };
    let led = lead.iter().filter(|(at, _)| *at >= start).count();
    let mut follow = after.grapheme_indices(true).skip(max.saturating_sub(led));
    let end = match follow.next() {
        None => text.len(),
        Some((at, _)) => {
            let cut = after.get(..at).unwrap_or(after);
            let space = cut
                .rfind(char::is_whitespace)
                .filter(|space| from + space >= until);
            from + space.unwrap_or(at)
        }
    };
    let part = text.get(start..end)?.trim();
    let (head, tail) = (
        if start > 0 { "…" } else { "" },
        if end < text.len() { "…" } else { "" },
    );
    Some(format!("{head}{part}{tail}"))
}

/// The places where a search matches, from the first on, none of them within another.
struct Matches<'a, 's> {
    words: Vec<Word<'a>>,
    search: &'s Search,
    at: usize,
}

impl<'a, 's> Matches<'a, 's> {
    fn new(text: &'a str, search: &'s Search) -> Self {
        let words = if search.has_words() {
            words(text).collect()
        } else {
            Vec::new()
        };
        Self {
            words,
            search,
            at: 0,
        }
    }
}

impl Iterator for Matches<'_, '_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        while let Some(here) = self.words.get(self.at..).filter(|here| !here.is_empty()) {
            let phrases = self.search.phrases.iter();
            let longest = phrases
                .filter(|phrase| begins(here, phrase))
                .map(|phrase| phrase.words.len())
                .max();
            match longest.and_then(|length| here.get(..length)) {
                Some([first, .., last]) => {
                    self.at += longest.unwrap_or(1);
                    return Some((first.start, last.end));
                }
                Some([word]) => {
                    self.at += 1;
                    return Some((word.start, word.end));
                }
                Some([]) | None => self.at += 1,
            }
        }
        None
    }
}

/// True if `phrase` stands at the beginning of `words`.
fn begins(words: &[Word<'_>], phrase: &Phrase) -> bool {
    words.len() >= phrase.words.len()
        && phrase.words.iter().enumerate().all(|(n, wanted)| {
            let word = &words[n];
            let may_go_on = phrase.is_prefix && n + 1 == phrase.words.len();
            (n == 0 || word.follows)
                && (word.folded == wanted.as_str()
                    || (may_go_on && word.folded.starts_with(wanted.as_str())))
        })
}
