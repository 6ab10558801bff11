//! Rust source without its comments and the inside of its strings, line by line as it was.
//! Absent: anything else of Rust's grammar.

/// The code of `source`: each character of a comment or a string becomes a space, so that lines and columns stay.
pub(super) fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let after_name = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let hidden = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' | 'b' | 'c' if !after_name => raw_string(rest).unwrap_or(0),
            '\'' => character(rest),
            _ => 0,
        };
        let (hide, shown) = if hidden == 0 {
            (0, first.len_utf8())
        } else {
            (hidden, 0)
        };
        code.extend(
            rest[..hide]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' }),
        );
        code.push_str(&rest[hide..hide + shown]);
        rest = &rest[hide + shown..];
    }
    code
}

/// The length of the block comment that `text` begins with; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in text.char_indices() {
        if text[at..].starts_with("/*") {
            depth += 1;
        } else if text[at..].starts_with("*/") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 2;
            }
        }
    }
    text.len()
}

/// The length of the string that `text` begins with.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the raw string that `text` begins with: `r"…"`, `br#"…"#`.
fn raw_string(text: &str) -> Option<usize> {
    let after = text
        .strip_prefix(['b', 'c'])
        .unwrap_or(text)
        .strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - inside.len();
    Some(
        inside
            .find(&end)
            .map_or(text.len(), |at| start + at + end.len()),
    )
}

/// The length of the character literal that `text` begins with; 0 when it is a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text.char_indices().skip(1);
    match inside.next() {
        Some((_, '\\')) => text
            .char_indices()
            .skip(3)
            .find(|(_, c)| *c == '\'')
            .map_or(0, |(at, _)| at + 1),
        Some(_) => match inside.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (source, expected) in [
            ("a // view!\nb", "a         \nb"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"view!\\\" x\") + g", "f(           ) + g"),
            ("r#\"a \" b\"# + c", "           + c"),
            ("let r = 'x'; 'a: loop", "let r =    ; 'a: loop"),
            ("'\\'' + '\"' + \"s\"", "     +     +    "),
            ("bar\"x\"", "bar   "),
            ("\"a\nb\" c", "  \n   c"),
        ] {
            assert_eq!(code_of(source), expected, "{source}");
        }
    }
}
