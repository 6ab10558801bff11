//! Source text as the parser gets it: without illegal characters, and with marks that the parser
//! lacks switches for. The marks are noncharacters, which authors cannot write; `restore` undoes them.

use std::borrow::Cow;

use crate::characters::{Spacing, clean, is_east_asian, is_legal};

/// Stands beside a delimiter and is neither space nor punctuation, so that the delimiter may open
/// and close emphasis there.
const LETTER: char = '\u{fdd0}';
/// A tilde that strikes nothing out.
const TILDE: char = '\u{fdd1}';

/// Prepares Markdown for the parser.
///
/// Emphasis: CommonMark lets `**「a」**b` neither open nor close, because it takes the space between
/// words for granted. Beside a letter or sign of Chinese, Japanese or Korean text a delimiter may do
/// both, as <https://github.com/tats-u/markdown-cjk-friendly> specifies it, and so it may in Thai and
/// other scripts that write no spaces.
///
/// Tildes: one is a tilde ("3~5 days"), two strike out.
pub(crate) fn prepare(markdown: &str) -> Cow<'_, str> {
    let source = clean(markdown);
    if !source.contains(['*', '~']) {
        return source;
    }
    let mut out = String::with_capacity(source.len() + source.len() / 8);
    let mut rest = source.as_ref();
    let mut before = None;
    while let Some(at) = rest.find(['*', '~']) {
        let (text, tail) = rest.split_at(at);
        before = last_letter(text).or(before.filter(|_| text.is_empty()));
        out.push_str(text);
        let delimiter = &tail[..1];
        let length = tail.len() - tail.trim_start_matches(delimiter).len();
        let (run, tail) = tail.split_at(length);
        let is_escaped = before == Some('\\');
        let can_be_both = match (before, tail.chars().next()) {
            (Some(before), Some(after)) => {
                !before.is_whitespace()
                    && !after.is_whitespace()
                    && (has_no_spaces(before) || has_no_spaces(after))
            }
            _ => false,
        };
        match run {
            "~" if !is_escaped => out.push(TILDE),
            _ if can_be_both => {
                if !is_escaped {
                    out.push(LETTER);
                }
                out.push_str(run);
                out.push(LETTER);
            }
            _ => out.push_str(run),
        }
        before = delimiter.chars().next();
        rest = tail;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn has_no_spaces(letter: char) -> bool {
    !letter.is_ascii() && (is_east_asian(letter) || Spacing::of(letter) != Spacing::Words)
}

/// Returns the last character that is not a variation selector, which belongs to the one before it.
fn last_letter(text: &str) -> Option<char> {
    let is_selector =
        |letter: &char| matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    text.chars().rev().find(|letter| !is_selector(letter))
}

/// Turns text of the parser back into text of the author. Illegal characters that were written as
/// entities are removed.
pub(crate) fn restore(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(clean(&text.replace(TILDE, "~")).into_owned())
}
