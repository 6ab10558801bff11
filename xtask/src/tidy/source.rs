//! Rust source as the checks read it: without comments and strings, and without the code that only tests compile.
//! Absent: anything else of Rust's grammar.

use std::collections::BTreeSet;
use std::path::Path;

const GATE: &str = "#[cfg(test)]";

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

/// `code` up to its inline test module, which by convention is the last item.
pub(super) fn without_tests(code: &str) -> &str {
    code.match_indices(GATE)
        .find(|(at, _)| {
            let item = code[at + GATE.len()..].trim_start();
            let head = item.lines().next().unwrap_or_default();
            head.starts_with("mod ") && head.ends_with('{')
        })
        .map_or(code, |(at, _)| &code[..at])
}

/// The files that `path` declares as test modules: `#[cfg(test)] mod name;`.
pub(super) fn test_files(path: &str, code: &str) -> BTreeSet<String> {
    let path = Path::new(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") | None => folder.to_owned(),
        Some(stem) => folder.join(stem),
    };
    code.split(GATE)
        .skip(1)
        .filter_map(|after| after.trim_start().strip_prefix("mod ")?.split_once(';'))
        .map(|(name, _)| name.trim())
        .filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
        .flat_map(|name| {
            [
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ]
        })
        .map(|file| file.display().to_string())
        .collect()
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

    #[test]
    fn an_inline_test_module_is_left_out() {
        assert_eq!(
            without_tests("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n"),
            "fn a() {}\n"
        );
        for whole in [
            "fn a() {}\n",
            "#[cfg(test)]\nmod tests;\nfn a() {}\n",
            "#[cfg(test)]\nuse a::b;\n",
        ] {
            assert_eq!(without_tests(whole), whole);
        }
    }

    #[test]
    fn declared_test_modules_are_files() {
        let code = "mod a;\n#[cfg(test)]\nmod hostile;\n#[cfg(test)]\nmod tests {\n}\n";
        let expected = ["x/src/hostile.rs", "x/src/hostile/mod.rs"].map(str::to_owned);
        assert_eq!(test_files("x/src/lib.rs", code), BTreeSet::from(expected));
        assert!(test_files("x/src/parse.rs", code).contains("x/src/parse/hostile.rs"));
        assert!(test_files("x/src/lib.rs", "mod hostile;").is_empty());
    }
}
