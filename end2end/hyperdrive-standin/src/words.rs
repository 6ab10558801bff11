//! The words of a statement: quotes and comments are skipped, literals stand as `?`.
//! Absent: their meaning; see `sql`.

use crate::sql::Engine;

/// The statement in pieces.
pub(crate) struct Words {
    /// Names and keywords in capitals, and signs, in order; `?` for a literal.
    pub(crate) list: Vec<String>,
    /// The text with `?` for each literal.
    pub(crate) plain: String,
}

/// Takes a statement apart.
pub(crate) fn split(engine: Engine, text: &str) -> Words {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, word) = piece(engine, rest);
        match word {
            Piece::Nothing => plain.push_str(if rest[0] == b'-' || rest[0] == b'#' {
                "\n"
            } else {
                " "
            }),
            Piece::Literal => {
                plain.push('?');
                list.push("?".to_owned());
            }
            Piece::Word | Piece::Sign => {
                let word = String::from_utf8_lossy(&rest[..length]);
                list.push(word.to_ascii_uppercase());
                plain.push_str(&word);
            }
            Piece::Name => {
                list.push("NAME".to_owned());
                plain.push_str(&String::from_utf8_lossy(&rest[..length]));
            }
        }
        at += length;
    }
    Words { list, plain }
}

enum Piece {
    /// White space or a comment.
    Nothing,
    Literal,
    Word,
    /// A quoted name.
    Name,
    Sign,
}

/// The first piece of a text that is not empty, with its length.
fn piece(engine: Engine, bytes: &[u8]) -> (usize, Piece) {
    let is_mysql = engine == Engine::Mysql;
    let run = |is_part: fn(u8) -> bool| {
        bytes
            .iter()
            .position(|byte| !is_part(*byte))
            .unwrap_or(bytes.len())
    };
    let until = |end: &[u8], from: usize| {
        bytes
            .get(from..)
            .and_then(|rest| rest.windows(end.len()).position(|part| part == end))
            .map_or(bytes.len(), |at| from + at + end.len())
    };
    match bytes[0] {
        byte if byte.is_ascii_whitespace() => {
            (run(|byte| byte.is_ascii_whitespace()), Piece::Nothing)
        }
        b'-' if bytes.starts_with(b"--") => (until(b"\n", 2), Piece::Nothing),
        b'#' if is_mysql => (until(b"\n", 1), Piece::Nothing),
        b'/' if bytes.starts_with(b"/*") => (until(b"*/", 2), Piece::Nothing),
        b'\'' => (quoted(bytes, is_mysql), Piece::Literal),
        b'"' => (
            quoted(bytes, is_mysql),
            if is_mysql {
                Piece::Literal
            } else {
                Piece::Name
            },
        ),
        b'`' if is_mysql => (quoted(bytes, false), Piece::Name),
        b'e' | b'E' if !is_mysql && bytes.get(1) == Some(&b'\'') => {
            (1 + quoted(&bytes[1..], true), Piece::Literal)
        }
        b'x' | b'X' if bytes.get(1) == Some(&b'\'') => {
            (1 + quoted(&bytes[1..], false), Piece::Literal)
        }
        b'$' if !is_mysql && bytes.get(1).is_some_and(u8::is_ascii_digit) => (
            1 + bytes[1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count(),
            Piece::Sign,
        ),
        b'$' if !is_mysql => match dollar(bytes) {
            Some(tag) => (until(&bytes[..tag], tag), Piece::Literal),
            None => (1, Piece::Sign),
        },
        byte if byte.is_ascii_digit() => (
            run(|byte| byte.is_ascii_alphanumeric() || byte == b'.'),
            Piece::Literal,
        ),
        byte if is_letter(byte) => (
            run(|byte| is_letter(byte) || byte.is_ascii_digit()),
            Piece::Word,
        ),
        _ => (1, Piece::Sign),
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// The length of a quoted text that starts here. A doubled quote stays inside by being two texts side by side.
fn quoted(bytes: &[u8], with_backslash: bool) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if with_backslash => at += 2,
            byte if byte == bytes[0] && bytes.get(at + 1) == Some(&byte) => at += 2,
            byte if byte == bytes[0] => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The length of the tag of a dollar-quoted text that starts here.
fn dollar(bytes: &[u8]) -> Option<usize> {
    let end = 1 + bytes[1..]
        .iter()
        .position(|byte| !is_letter(*byte) && !byte.is_ascii_digit())?;
    (bytes[end] == b'$').then_some(end + 1)
}
