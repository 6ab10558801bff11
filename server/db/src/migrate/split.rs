//! Splitting a file into its statements.

use crate::dialect::ScriptSyntax;

/// Splits a text into statements, without the semicolons between them. Semicolons in quotes and comments separate nothing.
/// Bodies of triggers and procedures on MySQL are not understood: no migration has one.
pub(super) fn statements(syntax: ScriptSyntax, text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(';') {
            all.push(&text[from..at]);
            from = at + 1;
        }
        at += token(syntax, rest);
    }
    all.push(&text[from..]);
    all.into_iter()
        .map(|statement| without_comments_before(syntax, statement))
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// The length of the first token of `rest`: a comment, something in quotes, or one character.
fn token(syntax: ScriptSyntax, rest: &str) -> usize {
    let through = |from: usize, end: &str| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |found| from + found + end.len())
    };
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '-' if rest.starts_with("--") => through(0, "\n"),
        '#' if syntax.has_hash_comments => through(0, "\n"),
        '/' if rest.starts_with("/*") => through(2, "*/"),
        '\'' | '"' | '`' => quoted(syntax, rest, first),
        '$' if syntax.has_dollar_quotes => match dollar_tag(rest) {
            Some(tag) => through(tag.len(), tag),
            None => 1,
        },
        other => other.len_utf8(),
    }
}

/// The length of the quoted text that `rest` begins with. A doubled quote reads as the end of one and the start of another,
/// which leads to the same end.
fn quoted(syntax: ScriptSyntax, rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' && syntax.has_backslash_escapes && quote != '`' {
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

fn without_comments_before(syntax: ScriptSyntax, statement: &str) -> &str {
    let mut rest = statement.trim();
    while rest.starts_with("--") || rest.starts_with("/*") || rest.starts_with('#') {
        let after = rest[token(syntax, rest)..].trim_start();
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
    use crate::Dialect;

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
            assert_eq!(
                statements(dialect.script_syntax(), text),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split(text in "[a'\"`;$\\-\n/*#\\\\é]{0,40}") {
            for dialect in Dialect::ALL {
                statements(dialect.script_syntax(), &text);
            }
        }
    }
}
