//! Token lengths. Each function consumes all that it scans, so time stays linear.

use super::{Token, TokenKind};
use crate::languages::Quote;

/// Returns the first_char character, or a space if there is none.
pub(super) fn first_char(text: &str) -> char {
    text.chars().next().unwrap_or(' ')
}

/// Returns the length of the matching prefix.
pub(super) fn run_length(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.find(|c| !matches(c)).unwrap_or(text.len())
}

pub(super) fn block_comment_length(text: &str, open: &str, close: &str, nests: bool) -> usize {
    let (mut at, mut depth) = (open.len(), 1_usize);
    while depth > 0 {
        let Some(end) = text[at..].find(close) else {
            return text.len();
        };
        let opened = if nests {
            text[at..at + end].matches(open).count()
        } else {
            0
        };
        depth = depth + opened - 1;
        at += end + close.len();
    }
    at
}

pub(super) fn string_length(text: &str, quote: &Quote) -> usize {
    let bytes = text.as_bytes();
    let mut at = quote.open.len();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote.has_escapes => at += 1,
            b'\n' if !quote.is_multiline => return at,
            _ if bytes[at..].starts_with(quote.close.as_bytes()) => return at + quote.close.len(),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Returns the length of a number_length with fraction, exponent and unit, or of a hexadecimal colour.
pub(super) fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        let is_next_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let is_exponent =
            matches!(bytes[at - 1], b'e' | b'E') && bytes[0] != b'#' && !text.starts_with("0x");
        match byte {
            b'.' | b'_' if is_next_digit => {}
            b'+' | b'-' if is_exponent && is_next_digit => {}
            b'_' | b'%' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {}
            _ => break,
        }
        at += 1;
    }
    at
}

/// Reads a token that only Rust has: a lifetime, character, raw string or raw identifier.
pub(super) fn rust_token(text: &str) -> Option<Token> {
    let body = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - body.len();
    if let Some(after) = body.strip_prefix('\'') {
        let mut letters = after.chars();
        let letter = letters.next()?;
        if letter == '\\' || letters.next() == Some('\'') {
            let quote = Quote {
                open: "'",
                close: "'",
                has_escapes: true,
                is_multiline: false,
            };
            let length = if letter == '\'' {
                2
            } else {
                string_length(body, &quote)
            };
            return Some((prefix + length, Some(TokenKind::String)));
        }
        let name = run_length(after, |c| c.is_alphanumeric() || c == '_');
        return (name > 0 && prefix == 0).then_some((1 + name, Some(TokenKind::Type)));
    }
    let after = body.strip_prefix('r')?;
    let hashes = run_length(after, |c| c == '#');
    let marks = prefix + 1 + hashes;
    if after[hashes..].starts_with('"') {
        let close = format!("\"{}", &after[..hashes]);
        let end = text[marks + 1..]
            .find(&close)
            .map_or(text.len(), |end| marks + 1 + end + close.len());
        return Some((end, Some(TokenKind::String)));
    }
    let name = run_length(&after[hashes..], |c| c.is_alphanumeric() || c == '_');
    (hashes == 1 && name > 0).then_some((marks + name, None))
}
