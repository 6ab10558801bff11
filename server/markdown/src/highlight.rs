//! Code blocks, coloured by classes: what a class looks like is the style sheet's business.

use pulldown_cmark_escape::escape_html_body_text;

use crate::languages;
use crate::tokens::{Class, Tokens};

/// Most code of one text that is coloured, in bytes; what comes after is shown plain, because
/// every token costs an element.
const MOST: usize = 128 * 1024;

/// Writes the code blocks of one text.
pub(crate) struct Highlighter {
    /// Bytes that may still be coloured.
    left: usize,
}

impl Default for Highlighter {
    fn default() -> Self {
        Self { left: MOST }
    }
}

impl Highlighter {
    /// Writes a block; `info` is what stands beside its fence, such as `rust` or `js,ignore`.
    pub(crate) fn block(&mut self, out: &mut String, info: &str, code: &str) {
        let name = info
            .split([' ', '\t', ',', '{', ':'])
            .next()
            .unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let language = languages::find(&name);
        let name = language.map_or(name.as_str(), |language| language.names[0]);
        out.push_str("<pre tabindex=\"0\"");
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"+#-.".contains(&b);
        if (1..=20).contains(&name.len()) && name.bytes().all(is_name) {
            out.push_str(" data-lang=\"");
            out.push_str(name);
            out.push('"');
        }
        out.push_str("><code>");
        match language.filter(|_| code.len() <= self.left) {
            Some(language) => {
                self.left -= code.len();
                for (text, class) in Tokens::new(code, language) {
                    push(out, text, class);
                }
            }
            None => push(out, code, None),
        }
        out.push_str("</code></pre>\n");
    }
}

fn push(out: &mut String, text: &str, class: Option<Class>) {
    if let Some(class) = class {
        out.push_str("<span class=\"");
        out.push(class.letter());
        out.push_str("\">");
    }
    let _infallible = escape_html_body_text(&mut *out, text);
    if class.is_some() {
        out.push_str("</span>");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(language: &str, code: &str) -> String {
        let language = languages::find(language).expect("a known language");
        Tokens::new(code, language)
            .map(|(text, class)| match class {
                Some(class) => format!("{}‹{text}›", class.letter()),
                None => text.to_owned(),
            })
            .collect()
    }

    #[test]
    fn code_falls_into_tokens() {
        for (language, code, expected) in [
            (
                "rust",
                "fn a<'x>(b: &'x Foo) {}",
                "k‹fn› f‹a›p‹<›t‹'x›p‹>›(b: p‹&›t‹'x› t‹Foo›) {}",
            ),
            ("rust", "/* a /* b */ c */ d", "c‹/* a /* b */ c */› d"),
            ("rust", "/* a /* b */ c", "c‹/* a /* b */ c›"),
            (
                "rust",
                "r#\"a\"b\"# 'c' '\\'' b'd'",
                "s‹r#\"a\"b\"#› s‹'c'› s‹'\\''› s‹b'd'›",
            ),
            (
                "rust",
                "r\"a\\\" + br##\"c\"#d\"##",
                "s‹r\"a\\\"› p‹+› s‹br##\"c\"#d\"##›",
            ),
            (
                "rust",
                "r#type 1_000u64 0..2 1.5e-3",
                "r#type n‹1_000u64› n‹0›..n‹2› n‹1.5e-3›",
            ),
            (
                "rust",
                "println!(\"a\nb\") // c",
                "f‹println!›(s‹\"a\nb\"›) c‹// c›",
            ),
            (
                "rust",
                "a != b; #[derive(Debug)]",
                "a p‹!=› b; #[f‹derive›(t‹Debug›)]",
            ),
            ("rust", "\"never ends", "s‹\"never ends›"),
            (
                "js",
                "const a = `b\n${c}`; // d",
                "k‹const› a p‹=› s‹`b\n${c}`›; c‹// d›",
            ),
            (
                "ts",
                "let a: string = f('it\\'s')",
                "k‹let› a: t‹string› p‹=› f‹f›(s‹'it\\'s'›)",
            ),
            ("js", "'open\nnext", "s‹'open›\nnext"),
            (
                "sql",
                "select count(*) FROM a -- b",
                "k‹select› f‹count›(p‹*›) k‹FROM› a c‹-- b›",
            ),
            ("sql", "'it''s' INTEGER", "s‹'it'›s‹'s'› t‹INTEGER›"),
            (
                "bash",
                "cargo x dev | grep $A # b",
                "f‹cargo› x dev p‹|› f‹grep› t‹$A› c‹# b›",
            ),
            (
                "sh",
                "if a=b#c; then echo \"${d}\"; fi",
                "k‹if› t‹a›p‹=›b#c; k‹then› f‹echo› s‹\"${d}\"›; k‹fi›",
            ),
            (
                "css",
                "@media (width > 1em) { .a { color: #fff; --b: 2px } }",
                "k‹@media› (width p‹>› n‹1em›) { .f‹a› { t‹color›: n‹#fff›; t‹--b›: n‹2px› } }",
            ),
            (
                "css",
                "a:hover { top: var(--b) }",
                "f‹a›:f‹hover› { t‹top›: f‹var›(t‹--b›) }",
            ),
            (
                "html",
                "<a href=\"/b\">c &amp; d</a><!-- e",
                "p‹<›f‹a› t‹href›p‹=›s‹\"/b\"›p‹>›c n‹&amp;› dp‹</›f‹a›p‹>›c‹<!-- e›",
            ),
            (
                "html",
                "<!doctype html><br/>1 < 2",
                "k‹<!doctype html>›p‹<›f‹br›p‹/>›1 < 2",
            ),
            (
                "json",
                "{\"a\" : [1, \"b\", null]}",
                "{t‹\"a\"› : [n‹1›, s‹\"b\"›, k‹null›]}",
            ),
            (
                "toml",
                "[a.b]\nc-d = true # e",
                "[t‹a›.t‹b›]\nt‹c-d› p‹=› k‹true› c‹# e›",
            ),
            (
                "toml",
                "a = \"\"\"b\nc\"\"\"",
                "t‹a› p‹=› s‹\"\"\"b\nc\"\"\"›",
            ),
            (
                "python",
                "@a\ndef b(c: int): return f'{c}'",
                "t‹@a›\nk‹def› f‹b›(c: t‹int›): k‹return› s‹f'{c}'›",
            ),
        ] {
            assert_eq!(marked(language, code), expected, "{language}: {code}");
        }
    }

    #[test]
    fn a_language_has_one_name_on_the_page() {
        for (info, expected) in [
            ("RS,ignore", "<pre tabindex=\"0\" data-lang=\"rust\"><code>"),
            ("tsx", "<pre tabindex=\"0\" data-lang=\"ts\"><code>"),
            ("c++ a", "<pre tabindex=\"0\" data-lang=\"c++\"><code>"),
            ("\"onclick=a", "<pre tabindex=\"0\"><code>"),
            ("", "<pre tabindex=\"0\"><code>"),
        ] {
            let mut out = String::new();
            Highlighter::default().block(&mut out, info, "");
            assert_eq!(out, format!("{expected}</code></pre>\n"), "{info}");
        }
    }

    #[test]
    fn too_much_code_is_shown_plain() {
        let code = "let ".repeat(MOST / 4);
        let mut highlighter = Highlighter::default();
        let mut out = String::new();
        highlighter.block(&mut out, "rust", &code);
        assert!(out.contains("<span"));
        out.clear();
        highlighter.block(&mut out, "rust", "let");
        assert_eq!(
            out,
            "<pre tabindex=\"0\" data-lang=\"rust\"><code>let</code></pre>\n"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn tokens_are_the_code(
            code in "([a-zA-Z0-9_ éЖ語🙂]|[\"'`#/*<>=!&;:(){}\\[\\].,$@\\\\-]|\n|r#|'''|\"\"\"|/\\*|-->){0,80}",
            index in 0..languages::ALL.len(),
        ) {
            let tokens: Vec<_> = Tokens::new(&code, languages::ALL[index]).collect();
            prop_assert!(tokens.iter().all(|(text, _)| !text.is_empty()));
            let joined: String = tokens.into_iter().map(|(text, _)| text).collect();
            prop_assert_eq!(joined, code);
        }
    }
}
