//! Interpolation: writes parameters into a statement as literals.
//!
//! A literal has the same meaning in every SQL mode and character set, because the mode of a pooled connection is not
//! known for certain. A backslash is never written: it is an escape in one mode and an ordinary character under
//! `NO_BACKSLASH_ESCAPES`, and it can be the second byte of a character in GBK and Shift JIS. Text with a backslash is
//! written in hexadecimal; quotes are doubled.
//!
//! The statement itself comes from the program and is trusted. Its placeholders are found by the rules of MySQL's
//! default mode.

use std::io::Write as _;

use uuid::Uuid;

use crate::{Error, datetime};

/// A value for a placeholder.
#[derive(Clone, Copy, PartialEq)]
pub enum Param<'a> {
    /// SQL's NULL.
    Null,
    /// 1 or 0.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A DOUBLE, exact; infinity and NaN are refused.
    Float(f64),
    /// Text, NUL included.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Milliseconds since 1970, as a DATETIME(3) in UTC; the years 1000 to 9999.
    Time(i64),
    /// A UUID, as text of 36 characters.
    Uuid(Uuid),
}

impl std::fmt::Debug for Param<'_> {
    /// Shows the type without the value, which may be private.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Int(_) => "Int",
            Self::Float(_) => "Float",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Time(_) => "Time",
            Self::Uuid(_) => "Uuid",
        })
    }
}

/// Appends `sql` with a literal in place of each `?` outside of quotes and comments.
///
/// # Errors
/// [`Error::Refused`] if the numbers of placeholders and `params` differ, if a quote or comment is not closed, if MySQL
/// would execute a comment (`/*! … */`), if a placeholder touches a name, a number, a quote or a minus, and for a value
/// that MySQL cannot store. The content that was appended before the error is meaningless.
pub fn interpolate(out: &mut Vec<u8>, sql: &str, params: &[Param<'_>]) -> Result<(), Error> {
    write_statement(out, sql, params, false)
}

/// Appends `sql` as [`interpolate`] does, as the next of several statements in one query text, for a session that allows
/// multiple statements. The server sends one result per statement and stops at the first that fails.
///
/// # Errors
/// As [`interpolate`], and [`Error::Refused`] for a semicolon outside of quotes and comments: it would shift the results,
/// so that one is taken for that of another statement.
pub fn interpolate_next(out: &mut Vec<u8>, sql: &str, params: &[Param<'_>]) -> Result<(), Error> {
    if !out.is_empty() {
        // On a line of its own, because the previous statement may end in a comment.
        out.extend_from_slice(b"\n;\n");
    }
    write_statement(out, sql, params, true)
}

fn write_statement(
    out: &mut Vec<u8>,
    sql: &str,
    params: &[Param<'_>],
    is_multi_statement: bool,
) -> Result<(), Error> {
    let bytes = sql.as_bytes();
    out.reserve(bytes.len() + params.len() * 24);
    let mut params = params.iter();
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'\'' | b'"' => after_quoted(bytes, at, true)?,
            b'`' => after_quoted(bytes, at, false)?,
            b'#' => after_line(bytes, at),
            b'-' if is_dash_comment(bytes, at) => after_line(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => after_comment(bytes, at)?,
            b';' if is_multi_statement => {
                return Err(refuse(
                    "a semicolon in a statement that is sent with others",
                ));
            }
            b'?' => {
                if !is_separate(bytes, at) {
                    return Err(refuse(
                        "a placeholder next to a name, a number, a quote or a minus",
                    ));
                }
                let param = params
                    .next()
                    .ok_or_else(|| refuse("more placeholders than parameters"))?;
                out.extend_from_slice(&bytes[copied..at]);
                write_literal(out, param)?;
                copied = at + 1;
                copied
            }
            _ => at + 1,
        };
    }
    out.extend_from_slice(&bytes[copied..]);
    match params.next() {
        None => Ok(()),
        Some(_) => Err(refuse("more parameters than placeholders")),
    }
}

fn refuse(reason: &str) -> Error {
    Error::Refused(reason.to_owned())
}

/// Returns the position after the quoted text that begins at `from`. A doubled quote counts as the end of one text and
/// the beginning of another, which makes no difference here.
fn after_quoted(bytes: &[u8], from: usize, has_escapes: bool) -> Result<usize, Error> {
    let quote = bytes[from];
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == quote {
            return Ok(at);
        }
        if *byte == b'\\' && has_escapes {
            at += 1;
        }
    }
    Err(refuse("an unclosed quote in the statement"))
}

fn after_line(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| from + length + 1)
}

/// Two dashes begin a comment if a space, a control character or nothing follows.
fn is_dash_comment(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b'-')
        && bytes
            .get(at + 2)
            .is_none_or(|next| *next <= b' ' || *next == 0x7f)
}

fn after_comment(bytes: &[u8], from: usize) -> Result<usize, Error> {
    let inside = &bytes[from + 2..];
    if inside.starts_with(b"!") || inside.starts_with(b"M!") {
        return Err(refuse("a comment that MySQL executes"));
    }
    inside
        .windows(2)
        .position(|pair| pair == b"*/")
        .map(|length| from + 2 + length + 2)
        .ok_or_else(|| refuse("an unclosed comment in the statement"))
}

/// Checks that a literal at this position keeps its meaning: after `N` it would be a national string, after `'a'` a part
/// of that string, and a minus in front of a negative number would begin a comment.
fn is_separate(bytes: &[u8], at: usize) -> bool {
    let touches = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'_' | b'$' | b'@' | b'.' | b'?' | b'\'' | b'"' | b'`')
    };
    let before = at.checked_sub(1).map(|before| bytes[before]);
    !before.is_some_and(|byte| touches(byte) || byte == b'-')
        && !bytes.get(at + 1).is_some_and(|byte| touches(*byte))
}

fn write_literal(out: &mut Vec<u8>, param: &Param<'_>) -> Result<(), Error> {
    match param {
        Param::Null => out.extend_from_slice(b"NULL"),
        Param::Bool(is_true) => out.push(if *is_true { b'1' } else { b'0' }),
        // Writing into a vector cannot fail.
        Param::Int(number) => _ = write!(out, "{number}"),
        Param::Float(number) if !number.is_finite() => {
            return Err(refuse("an infinite number or NaN"));
        }
        // With an exponent it is a DOUBLE; without one, MySQL would parse a DECIMAL.
        Param::Float(number) => _ = write!(out, "{number:e}"),
        Param::Text(text) => write_text(out, text),
        Param::Bytes(bytes) => write_hexadecimal(out, bytes),
        Param::Time(milliseconds) => {
            out.push(b'\'');
            datetime::write(out, *milliseconds)
                .ok_or_else(|| refuse("a date outside of the years 1000 to 9999"))?;
            out.push(b'\'');
        }
        Param::Uuid(uuid) => {
            out.push(b'\'');
            out.extend_from_slice(
                uuid.hyphenated()
                    .encode_lower(&mut Uuid::encode_buffer())
                    .as_bytes(),
            );
            out.push(b'\'');
        }
    }
    Ok(())
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    // NUL and ^Z have no meaning to MySQL's parser, but they do to tools that read its logs.
    if text.bytes().any(|byte| matches!(byte, b'\\' | 0 | 0x1a)) {
        out.extend_from_slice(b"_utf8mb4 ");
        write_hexadecimal(out, text.as_bytes());
        return;
    }
    out.reserve(text.len() + 2);
    out.push(b'\'');
    for (index, part) in text.split('\'').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"''");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'\'');
}

fn write_hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(bytes.len() * 2 + 3);
    out.extend_from_slice(b"x'");
    out.extend(bytes.iter().flat_map(|byte| {
        [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]
    }));
    out.push(b'\'');
}

#[cfg(test)]
mod tests;
