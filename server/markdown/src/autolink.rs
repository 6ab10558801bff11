//! Addresses in text, such as `https://example.com/a`, without the signs of the sentence around them.

use std::ops::Range;

use url::Url;

use crate::characters::{is_format, is_punctuation};
use crate::typography;

/// Finds the web addresses in text, in order. Every step consumes all that it has scanned.
pub(crate) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut scanned = 0;
    while let Some(at) = text[scanned..].find("://") {
        let at = scanned + at;
        let end = at + length(&text[at..]);
        let start = scheme_start(&text[scanned..at]).map(|start| scanned + start);
        let is_address = |start: usize| {
            let typed = typography::as_typed(&text[start..end]);
            Url::parse(&typed).is_ok_and(|url| url.has_host())
        };
        match start {
            Some(start) if end > at + "://".len() && is_address(start) => found.push(start..end),
            Some(_) | None => {}
        }
        scanned = end;
    }
    found
}

/// Finds `http` or `https` at the end of text, as a word of its own.
fn scheme_start(text: &str) -> Option<usize> {
    let before = text.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric());
    let scheme = &text[before.len()..];
    let is_web = ["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web));
    is_web.then_some(before.len())
}

/// Returns the length of the address that begins with `://`. Signs of other scripts end it: quotation
/// marks, brackets, full stops and commas. Only dots and hyphens within names may be part of it.
fn length(text: &str) -> usize {
    let ends = |letter: char| {
        letter.is_whitespace()
            || "<>\"\\^`{|}".contains(letter)
            || typography::is_double_quote(letter)
            || is_format(letter)
            || (!letter.is_ascii() && is_punctuation(letter) && !"·・･‐–".contains(letter))
    };
    let address = &text[..text.find(ends).unwrap_or(text.len())];
    let mut unopened = [('(', ')'), ('[', ']')].map(|(open, close)| {
        let opened = address.matches(open).count();
        (close, address.matches(close).count().saturating_sub(opened))
    });
    let is_of_the_sentence = |letter: char| {
        let closing = unopened.iter_mut().find(|(close, _)| *close == letter);
        match closing {
            Some((_, count)) => {
                let is_unopened = *count > 0;
                *count = count.saturating_sub(1);
                is_unopened
            }
            None if letter.is_ascii() => "?!.,:;'*_~([".contains(letter),
            None => is_punctuation(letter) || typography::is_sign(letter),
        }
    };
    let end = address.trim_end_matches(is_of_the_sentence).len();
    end.max("://".len())
}
