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
mod tests {
    use super::*;

    fn written(sql: &str, params: &[Param<'_>]) -> Result<String, String> {
        let mut out = Vec::new();
        interpolate(&mut out, sql, params).map_err(|error| error.to_string())?;
        String::from_utf8(out).map_err(|error| error.to_string())
    }

    fn check(param: Param<'_>, expected: &str) {
        assert_eq!(written("?", &[param]).as_deref(), Ok(expected));
    }

    #[test]
    fn literals() {
        check(Param::Null, "NULL");
        check(Param::Bool(true), "1");
        check(Param::Bool(false), "0");
        check(Param::Int(i64::MIN), "-9223372036854775808");
        check(Param::Float(0.1), "1e-1");
        check(Param::Float(-1.5), "-1.5e0");
        check(Param::Text(""), "''");
        check(Param::Text("it's ''\n"), "'it''s ''''\n'");
        check(Param::Text("\\'"), "_utf8mb4 x'5c27'");
        check(Param::Text("a\0"), "_utf8mb4 x'6100'");
        check(Param::Bytes(b""), "x''");
        check(Param::Bytes(&[0, 0x27, 0xff]), "x'0027ff'");
        check(Param::Time(-1), "'1969-12-31 23:59:59.999'");
        check(
            Param::Uuid(Uuid::nil()),
            "'00000000-0000-0000-0000-000000000000'",
        );
    }

    #[test]
    fn values_that_mysql_cannot_hold_are_refused() {
        for param in [
            Param::Float(f64::NAN),
            Param::Float(f64::INFINITY),
            Param::Float(f64::NEG_INFINITY),
            Param::Time(i64::MAX),
            Param::Time(i64::MIN),
        ] {
            assert!(written("?", &[param]).is_err(), "{param:?}");
        }
    }

    #[test]
    fn placeholders_are_found_outside_of_quotes_and_comments() {
        for (sql, expected) in [
            ("a = ?", "a = 7"),
            ("f(?)", "f(7)"),
            ("'?' = ?", "'?' = 7"),
            ("'it''s ?' = ?", "'it''s ?' = 7"),
            (r"'\'?' = ?", r"'\'?' = 7"),
            (r"'\\' = ?", r"'\\' = 7"),
            ("\"?\" = ?", "\"?\" = 7"),
            (r#""\"?" = ?"#, r#""\"?" = 7"#),
            ("`?` = ?", "`?` = 7"),
            ("`a``?` = ?", "`a``?` = 7"),
            (r"`\` = ?", r"`\` = 7"),
            ("/* ? */ ?", "/* ? */ 7"),
            ("/*' */ ? /*' */", "/*' */ 7 /*' */"),
            ("/*/ ? */ ?", "/*/ ? */ 7"),
            ("-- ?\n?", "-- ?\n7"),
            ("--\t?\n?", "--\t?\n7"),
            ("-- '\n? --", "-- '\n7 --"),
            ("# ?\n?", "# ?\n7"),
            ("1 --1 + ?", "1 --1 + 7"),
            ("8 / ?", "8 / 7"),
            ("'\u{fc}?' = ?", "'\u{fc}?' = 7"),
        ] {
            assert_eq!(written(sql, &[Param::Int(7)]).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn statements_that_cannot_be_read_with_certainty_are_refused() {
        for sql in [
            "?, ?",
            "1",
            "'?'",
            "'?",
            "\"?",
            "`?",
            "/* ?",
            "/*/ ?",
            "/*! ? */",
            "/*!50000 ? */",
            "/*M! ? */",
            r"'\' = ?",
            "N?",
            "x?",
            "?a",
            "?'a'",
            "'a'?",
            "\"a\"?",
            "-?",
            "--?",
            "1.?",
            "?.5",
            "@?",
            "??",
            "?`a`",
            "\u{fc}?",
        ] {
            assert!(written(sql, &[Param::Int(7)]).is_err(), "{sql}");
        }
    }

    #[test]
    fn a_placeholder_in_a_value_is_none() {
        assert_eq!(
            written("? ?", &[Param::Text("?"), Param::Int(1)]).as_deref(),
            Ok("'?' 1")
        );
    }

    proptest::proptest! {
        /// Whatever the text, the literal has no backslash, and its quotes are paired by doubling.
        #[test]
        fn no_text_leaves_its_literal(text in ".*") {
            let mut out = Vec::new();
            write_text(&mut out, &text);
            proptest::prop_assert!(!out.contains(&b'\\'));
            if out.starts_with(b"'") {
                let inside = String::from_utf8(out[1..out.len() - 1].to_vec()).unwrap_or_default();
                proptest::prop_assert!(!inside.replace("''", "").contains('\''));
                proptest::prop_assert_eq!(inside.replace("''", "'"), text);
            }
        }

        #[test]
        fn no_statement_makes_it_panic(sql in ".*", count in 0_usize..4) {
            let _ = written(&sql, &[Param::Int(1), Param::Null, Param::Text("'"), Param::Bytes(b"x")][..count]);
        }
    }
}
