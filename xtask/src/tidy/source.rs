//! Rust source as the checks read it: without comments and strings, and without the code that only tests compile.
//! Absent: anything else of Rust's grammar.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// The beginnings of attributes before what only tests compile.
const GATES: [&str; 2] = ["#[cfg(test)]", "#[cfg(all(test,"];

/// The code of `source`: each byte of a comment, a string or a character literal becomes a space, so that lines and columns stay.
pub(super) fn code_of(source: &str) -> String {
    let Ok(tokens) = source.parse() else {
        // No Rust, or not yet: rustc says it better.
        return source.to_owned();
    };
    let mut code: Vec<u8> = source
        .bytes()
        .map(|byte| if byte == b'\n' { byte } else { b' ' })
        .collect();
    keep(tokens, source, &mut code);
    String::from_utf8(code).unwrap_or_default()
}

/// Puts the tokens back into `code`, at their places in `source`.
fn keep(tokens: TokenStream, source: &str, code: &mut [u8]) {
    // A doc comment is tokens too, at its place, which do not stand there.
    let mut put = |span: Span, text: &str| {
        let place = span.byte_range();
        if source.get(place.clone()) == Some(text) {
            code[place].copy_from_slice(text.as_bytes());
        }
    };
    let mut groups = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                put(group.span_open(), open);
                put(group.span_close(), close);
                groups.push(group.stream());
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.starts_with(|c: char| c.is_ascii_digit()) {
                    put(literal.span(), &text);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => put(token.span(), &token.to_string()),
        }
    }
    for group in groups {
        keep(group, source, code);
    }
}

/// `code` up to its inline test module, which by convention is the last item.
pub(super) fn without_tests(code: &str) -> &str {
    gated(code)
        .filter(|(_, item)| {
            let head = item.lines().next().unwrap_or_default();
            head.starts_with("mod ") && head.ends_with('{')
        })
        .map(|(at, _)| &code[..at])
        .min_by_key(|before| before.len())
        .unwrap_or(code)
}

/// The places of what only tests compile, each with the code from the item on.
fn gated(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let places = GATES.into_iter().flat_map(|gate| code.match_indices(gate));
    places.filter_map(|(at, _)| {
        let (_, item) = code[at..].split_once(")]")?;
        Some((at, item.trim_start()))
    })
}

/// The files that `path` declares as test modules: `#[cfg(test)] mod name;`, or with `all(test, …)`.
pub(super) fn test_files(path: &str, code: &str) -> BTreeSet<String> {
    let path = Path::new(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") | None => folder.to_owned(),
        Some(stem) => folder.join(stem),
    };
    gated(code)
        .filter_map(|(_, item)| item.strip_prefix("mod ")?.split_once(';'))
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
        let feature = "fn a() {}\n#[cfg(all(test, feature = \"b\"))]\nmod tests {\n}\n";
        assert_eq!(without_tests(&code_of(feature)), "fn a() {}\n");
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
        let code = "mod a;\n#[cfg(test)]\nmod hostile;\n#[cfg(all(test, b))]\nmod c;\n#[cfg(test)]\nmod tests {\n}\n";
        let names = ["hostile.rs", "hostile/mod.rs", "c.rs", "c/mod.rs"];
        let expected = names.map(|name| format!("x/src/{name}"));
        assert_eq!(test_files("x/src/lib.rs", code), BTreeSet::from(expected));
        assert!(test_files("x/src/parse.rs", code).contains("x/src/parse/hostile.rs"));
        assert!(test_files("x/src/lib.rs", "mod hostile;").is_empty());
    }
}
