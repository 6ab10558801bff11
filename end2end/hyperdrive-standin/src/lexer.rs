//! A lexer for SQL that is just good enough to classify statements.
//! Absent: the meaning of the tokens; see `sql`.

use crate::dialect::Dialect;

/// The tokens of a statement.
pub(crate) struct Tokens {
    /// Names and keywords in capitals, and symbols, in order; `?` for a literal. No comments.
    pub(crate) list: Vec<String>,
    /// The text with `?` for each literal.
    pub(crate) normalized: String,
}

pub(crate) fn tokenize(dialect: Dialect, text: &str) -> Tokens {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let mut normalized = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, token) = next_token(dialect, rest);
        match token {
            Token::Blank => normalized.push_str(if rest[0] == b'-' || rest[0] == b'#' {
                "\n"
            } else {
                " "
            }),
            Token::Literal => {
                normalized.push('?');
                list.push("?".to_owned());
            }
            Token::Word | Token::Symbol => {
                let word = String::from_utf8_lossy(&rest[..length]);
                list.push(word.to_ascii_uppercase());
                normalized.push_str(&word);
            }
            Token::QuotedName => {
                list.push("NAME".to_owned());
                normalized.push_str(&String::from_utf8_lossy(&rest[..length]));
            }
        }
        at += length;
    }
    Tokens { list, normalized }
}

enum Token {
    /// White space or a comment.
    Blank,
    Literal,
    Word,
    QuotedName,
    Symbol,
}

/// Returns the length and the kind of the first token. `bytes` must not be empty.
fn next_token(dialect: Dialect, bytes: &[u8]) -> (usize, Token) {
    let is_mysql = dialect == Dialect::Mysql;
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
            (run(|byte| byte.is_ascii_whitespace()), Token::Blank)
        }
        b'-' if bytes.starts_with(b"--") => (until(b"\n", 2), Token::Blank),
        b'#' if is_mysql => (until(b"\n", 1), Token::Blank),
        b'/' if bytes.starts_with(b"/*") => (until(b"*/", 2), Token::Blank),
        b'\'' => (quoted_length(bytes, is_mysql), Token::Literal),
        b'"' => (
            quoted_length(bytes, is_mysql),
            if is_mysql {
                Token::Literal
            } else {
                Token::QuotedName
            },
        ),
        b'`' if is_mysql => (quoted_length(bytes, false), Token::QuotedName),
        b'e' | b'E' if !is_mysql && bytes.get(1) == Some(&b'\'') => {
            (1 + quoted_length(&bytes[1..], true), Token::Literal)
        }
        b'x' | b'X' if bytes.get(1) == Some(&b'\'') => {
            (1 + quoted_length(&bytes[1..], false), Token::Literal)
        }
        b'$' if !is_mysql && bytes.get(1).is_some_and(u8::is_ascii_digit) => (
            1 + bytes[1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count(),
            Token::Symbol,
        ),
        b'$' if !is_mysql => match dollar_tag_length(bytes) {
            Some(tag) => (until(&bytes[..tag], tag), Token::Literal),
            None => (1, Token::Symbol),
        },
        byte if byte.is_ascii_digit() => (
            run(|byte| byte.is_ascii_alphanumeric() || byte == b'.'),
            Token::Literal,
        ),
        byte if is_letter(byte) => (
            run(|byte| is_letter(byte) || byte.is_ascii_digit()),
            Token::Word,
        ),
        _ => (1, Token::Symbol),
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// Returns the length of the quoted text at the start. A doubled quote does not end it.
fn quoted_length(bytes: &[u8], has_escapes: bool) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if has_escapes => at += 2,
            byte if byte == bytes[0] && bytes.get(at + 1) == Some(&byte) => at += 2,
            byte if byte == bytes[0] => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Returns the length of the opening tag of a dollar-quoted text at the start.
fn dollar_tag_length(bytes: &[u8]) -> Option<usize> {
    let end = 1 + bytes[1..]
        .iter()
        .position(|byte| !is_letter(*byte) && !byte.is_ascii_digit())?;
    (bytes[end] == b'$').then_some(end + 1)
}
