//! Parameters as literals, and the statement that they are written into.
//!
//! A literal means the same in every SQL mode and character set, because nobody can be sure which one a pooled
//! connection is in: the backslash, which `NO_BACKSLASH_ESCAPES` turns from an escape into a letter and which is half a
//! letter in GBK and Shift JIS, is never written. Text that holds one goes as hexadecimal, and a quote is doubled.
//!
//! The statement itself is the program's own. It is read by MySQL's default mode to find its placeholders.

use std::io::Write as _;

use uuid::Uuid;

use crate::{Error, temporal};

/// A value for a placeholder.
#[derive(Clone, Copy, PartialEq)]
pub enum Param<'a> {
    /// SQL's NULL.
    Null,
    /// 1 or 0.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A DOUBLE, exactly; neither infinite nor NaN.
    Float(f64),
    /// Text, NUL included.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Milliseconds since 1970, as a DATETIME(3) in UTC; the years 1000 to 9999.
    Time(i64),
    /// A UUID as its 36 characters.
    Uuid(Uuid),
}

impl std::fmt::Debug for Param<'_> {
    /// What it is and not what it says: values may be private.
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

/// Appends `sql` with a literal in place of each `?` that stands outside of quotes and comments.
///
/// # Errors
/// [`Error::Refused`] when the number of placeholders is not that of `params`, when a quote or comment does not end, when
/// a comment is one that MySQL executes (`/*! … */`), when a placeholder touches a name, a number, a quote or a minus,
/// and for a value that MySQL cannot hold. What was appended until then is meaningless.
pub fn interpolate(out: &mut Vec<u8>, sql: &str, params: &[Param<'_>]) -> Result<(), Error> {
    write_statement(out, sql, params, false)
}

/// Appends `sql` in the same way as the next of several statements in one text, for a session that takes such a text. The
/// server gives as many answers as there are statements, and goes no further than the first that fails.
///
/// # Errors
/// As [`interpolate`]; [`Error::Refused`] also for a semicolon outside of quotes and comments: whoever counts the answers
/// would take that of one statement for that of another.
pub fn interpolate_next(out: &mut Vec<u8>, sql: &str, params: &[Param<'_>]) -> Result<(), Error> {
    if !out.is_empty() {
        // On a line of its own: the last statement may end in a comment.
        out.extend_from_slice(b"\n;\n");
    }
    write_statement(out, sql, params, true)
}

fn write_statement(
    out: &mut Vec<u8>,
    sql: &str,
    params: &[Param<'_>],
    is_one_of_several: bool,
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
            b';' if is_one_of_several => {
                return Err(refused("a semicolon in one of several statements"));
            }
            b'?' => {
                if !stands_alone(bytes, at) {
                    return Err(refused("a placeholder must stand alone"));
                }
                let param = params
                    .next()
                    .ok_or_else(|| refused("more placeholders than parameters"))?;
                out.extend_from_slice(&bytes[copied..at]);
                write(out, param)?;
                copied = at + 1;
                copied
            }
            _ => at + 1,
        };
    }
    out.extend_from_slice(&bytes[copied..]);
    match params.next() {
        None => Ok(()),
        Some(_) => Err(refused("more parameters than placeholders")),
    }
}

fn refused(why: &str) -> Error {
    Error::Refused(why.to_owned())
}

/// Where the quoted run that begins at `from` has ended. A doubled quote is two runs, which comes to the same.
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
    Err(refused("a quote in the statement does not end"))
}

fn after_line(bytes: &[u8], from: usize) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| from + length + 1)
}

/// Two dashes are a comment when a blank, a control character or nothing follows.
fn is_dash_comment(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b'-')
        && bytes
            .get(at + 2)
            .is_none_or(|next| *next <= b' ' || *next == 0x7f)
}

fn after_comment(bytes: &[u8], from: usize) -> Result<usize, Error> {
    let inside = &bytes[from + 2..];
    if inside.starts_with(b"!") || inside.starts_with(b"M!") {
        return Err(refused("a comment that MySQL executes"));
    }
    inside
        .windows(2)
        .position(|pair| pair == b"*/")
        .map(|length| from + 2 + length + 2)
        .ok_or_else(|| refused("a comment in the statement does not end"))
}

/// Whether a literal in this place stays one: `N?` would make a national string of it, `'a'?` a longer string, and a
/// minus in front of a negative number begins a comment.
fn stands_alone(bytes: &[u8], at: usize) -> bool {
    let touches = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b'_' | b'$' | b'@' | b'.' | b'?' | b'\'' | b'"' | b'`')
    };
    let before = at.checked_sub(1).map(|before| bytes[before]);
    !before.is_some_and(|byte| touches(byte) || byte == b'-')
        && !bytes.get(at + 1).is_some_and(|byte| touches(*byte))
}

fn write(out: &mut Vec<u8>, param: &Param<'_>) -> Result<(), Error> {
    match param {
        Param::Null => out.extend_from_slice(b"NULL"),
        Param::Bool(is_true) => out.push(if *is_true { b'1' } else { b'0' }),
        // Writing into a vector cannot fail.
        Param::Int(number) => _ = write!(out, "{number}"),
        Param::Float(number) if !number.is_finite() => {
            return Err(refused("a number that is infinite or none"));
        }
        // With an exponent it is a DOUBLE; without, MySQL would read a DECIMAL.
        Param::Float(number) => _ = write!(out, "{number:e}"),
        Param::Text(text) => write_text(out, text),
        Param::Bytes(bytes) => write_hexadecimal(out, bytes),
        Param::Time(milliseconds) => {
            out.push(b'\'');
            temporal::write(out, *milliseconds)
                .ok_or_else(|| refused("a time outside of the years 1000 to 9999"))?;
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
    // NUL and ^Z mean nothing to MySQL's parser, but to tools that its logs are fed to.
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
