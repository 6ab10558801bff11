//! A file's statements, one by one.

use crate::Dialect;

/// The statements of a text, without the semicolons between them; what stands in quotes and comments separates nothing.
/// Bodies of triggers and procedures on MySQL are not understood: no migration has one.
pub(super) fn statements(dialect: Dialect, text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(';') {
            all.push(&text[from..at]);
            from = at + 1;
        }
        at += token(dialect, rest);
    }
    all.push(&text[from..]);
    all.into_iter()
        .map(|statement| without_comments_before(dialect, statement))
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// How long the token is that `rest` begins with: a comment, something in quotes, or one character.
fn token(dialect: Dialect, rest: &str) -> usize {
    let through = |from: usize, end: &str| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |found| from + found + end.len())
    };
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '-' if rest.starts_with("--") => through(0, "\n"),
        '#' if dialect == Dialect::MySql => through(0, "\n"),
        '/' if rest.starts_with("/*") => through(2, "*/"),
        '\'' | '"' | '`' => quoted(dialect, rest, first),
        '$' if dialect == Dialect::Postgres => match dollar_tag(rest) {
            Some(tag) => through(tag.len(), tag),
            None => 1,
        },
        other => other.len_utf8(),
    }
}

/// A doubled quote is one in quotes twice, one after the other: the same to whoever looks for the end.
fn quoted(dialect: Dialect, rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' && dialect == Dialect::MySql && quote != '`' {
            is_escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// `$$` or `$name$`.
fn dollar_tag(rest: &str) -> Option<&str> {
    let end = rest[1..].find('$')? + 2;
    let tag = &rest[..end];
    tag.trim_matches('$')
        .chars()
        .all(|character| character.is_alphanumeric() || character == '_')
        .then_some(tag)
}

fn without_comments_before(dialect: Dialect, statement: &str) -> &str {
    let mut rest = statement.trim();
    while rest.starts_with("--") || rest.starts_with("/*") || rest.starts_with('#') {
        let after = rest[token(dialect, rest)..].trim_start();
        if after.len() == rest.len() {
            break;
        }
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn semicolons_in_quotes_and_comments_separate_nothing() {
        for (dialect, text, expected) in [
            (Dialect::MySql, "", &[][..]),
            (Dialect::MySql, " ;; \n; -- a;b", &[]),
            (
                Dialect::MySql,
                "-- it's one\nA 'x;''y' ;B",
                &["A 'x;''y'", "B"],
            ),
            (
                Dialect::MySql,
                r#"A 'x\';y' "\";" `;` # ;
B"#,
                &[r#"A 'x\';y' "\";" `;` # ;
B"#],
            ),
            (Dialect::Postgres, r"A '\';B", &[r"A '\'", "B"]),
            (
                Dialect::Postgres,
                "A $$x;y$$; B $f$;$$;$f$; C $1;",
                &["A $$x;y$$", "B $f$;$$;$f$", "C $1"],
            ),
            (
                Dialect::Postgres,
                "/* ; */ A /* ; */; é;",
                &["A /* ; */", "é"],
            ),
            (Dialect::Postgres, "A 'open;", &["A 'open;"]),
        ] {
            assert_eq!(statements(dialect, text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split(text in "[a'\"`;$\\-\n/*#\\\\é]{0,40}") {
            for dialect in Dialect::ALL {
                statements(dialect, &text);
            }
        }
    }
}
