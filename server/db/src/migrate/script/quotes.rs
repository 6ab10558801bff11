//! The lengths of comments and quoted texts. Every function is given a text that begins with the opening character.

/// The length of a comment that ends with its line; the end of the line does not belong to it.
pub(super) fn line_comment(rest: &str) -> usize {
    rest.find(['\n', '\r']).unwrap_or(rest.len())
}

/// The length of a `/* … */` comment; `None` if it is never closed.
pub(super) fn block_comment(rest: &str, is_nested: bool) -> Option<usize> {
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        match bytes.get(at..at + 2)? {
            b"*/" => {
                depth -= 1;
                at += 2;
            }
            b"/*" if is_nested => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    Some(at)
}

/// The length of a quoted text; `None` if it is never closed. A doubled quote stands for itself.
pub(super) fn quoted(rest: &str, close: char, has_escapes: bool) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && has_escapes {
            characters.next();
        } else if character == close {
            match characters.peek() {
                Some((_, next)) if *next == close && close != ']' => {
                    characters.next();
                }
                _ => return Some(at + close.len_utf8()),
            }
        }
    }
    None
}

/// The length of an `E'…'` string without its `E`; `None` if it is never closed. Strings that only line ends and comments
/// separate are one string, in which a backslash escapes to the end.
pub(super) fn escape_string(rest: &str) -> Option<usize> {
    let mut at = quoted(rest, '\'', true)?;
    while let Some(next) = continuation(&rest[at..]) {
        at += next + quoted(&rest[at + next..], '\'', true)?;
    }
    Some(at)
}

/// The distance to a string that continues the one before: only blanks with a line end among them lie between.
fn continuation(rest: &str) -> Option<usize> {
    let (mut at, mut has_line_end) = (0, false);
    loop {
        let rest = &rest[at..];
        match rest.chars().next()? {
            '\'' => return has_line_end.then_some(at),
            '-' if rest.starts_with("--") => at += line_comment(rest),
            blank if is_space(blank) => {
                has_line_end |= matches!(blank, '\n' | '\r');
                at += 1;
            }
            _ => return None,
        }
    }
}

/// The tag of a dollar-quoted string, `$$` or `$name$`.
pub(super) fn dollar_tag(rest: &str) -> Option<&str> {
    let end = rest[1..].find('$')? + 1;
    let name = &rest[1..end];
    let is_name =
        name.chars().all(is_word) && !name.starts_with(|first: char| first.is_ascii_digit());
    is_name.then_some(&rest[..=end])
}

/// The length of a dollar-quoted string; `None` if it is never closed.
pub(super) fn dollar_quoted(rest: &str, tag: &str) -> Option<usize> {
    rest[tag.len()..]
        .find(tag)
        .map(|inner| inner + 2 * tag.len())
}

/// The length of a name, keyword or number.
pub(super) fn word(rest: &str) -> usize {
    let has_point = rest.starts_with(|first: char| first.is_ascii_digit());
    rest.find(|next: char| !(is_word(next) || next == '$' || (has_point && next == '.')))
        .unwrap_or(rest.len())
}

/// True for a character that names have, apart from `$`, which cannot be the first.
pub(super) fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii()
}

/// True for a character between words. Others beyond ASCII are parts of names for every engine.
pub(super) fn is_space(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\u{b}'
}
