//! Syntax highlighting of code blocks by CSS classes.

use pulldown_cmark_escape::escape_html_body_text;

use crate::languages;
use crate::tokens::{TokenKind, Tokens};

/// Bytes of code that are highlighted in one document. The rest stays plain, because every token
/// costs an element.
const MAX_HIGHLIGHTED_BYTES: usize = 128 * 1024;

/// Writes the code blocks of one document.
pub(crate) struct Highlighter {
    remaining_bytes: usize,
}

impl Default for Highlighter {
    fn default() -> Self {
        Self {
            remaining_bytes: MAX_HIGHLIGHTED_BYTES,
        }
    }
}

impl Highlighter {
    /// Writes a block. `info` is the info string of its fence.
    pub(crate) fn write_block(&mut self, out: &mut String, info: &str, code: &str) {
        let name = language_name(info).to_ascii_lowercase();
        let language = languages::by_name(&name);
        let name = language.map_or(name.as_str(), |language| language.names[0]);
        out.push_str("<pre tabindex=\"0\"");
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"+#-.".contains(&b);
        if (1..=20).contains(&name.len()) && name.bytes().all(is_name) {
            out.push_str(" data-lang=\"");
            out.push_str(name);
            out.push('"');
        }
        out.push_str("><code>");
        match language.filter(|_| code.len() <= self.remaining_bytes) {
            Some(language) => {
                self.remaining_bytes -= code.len();
                for (text, kind) in Tokens::new(code, language) {
                    write_token(out, text, kind);
                }
            }
            None => write_token(out, code, None),
        }
        out.push_str("</code></pre>\n");
    }
}

/// Finds the language in an info string: `rust`, `js,ignore`, `{.python .numberLines}`, `{r, echo=FALSE}`.
fn language_name(info: &str) -> &str {
    let is_between = |letter: char| letter.is_whitespace() || ",{}:".contains(letter);
    let words = || info.split(is_between).filter(|word| !word.is_empty());
    let class = words().find_map(|word| word.strip_prefix('.'));
    let is_attributes = info.trim_start().starts_with(['{', '.']);
    let name = class
        .filter(|_| is_attributes)
        .or_else(|| words().next())
        .filter(|name| !name.contains(['#', '=']) || !is_attributes)
        .unwrap_or_default();
    name.strip_prefix("language-").unwrap_or(name)
}

fn write_token(out: &mut String, text: &str, kind: Option<TokenKind>) {
    if let Some(kind) = kind {
        out.push_str("<span class=\"");
        out.push(kind.css_class());
        out.push_str("\">");
    }
    let _infallible = escape_html_body_text(&mut *out, text);
    if kind.is_some() {
        out.push_str("</span>");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn annotated(language: &str, code: &str) -> String {
        let language = languages::by_name(language).expect("a known language");
        Tokens::new(code, language)
            .map(|(text, kind)| match kind {
                Some(kind) => format!("{}‹{text}›", kind.css_class()),
                None => text.to_owned(),
            })
            .collect()
    }

    #[test]
    fn code_is_split_into_tokens() {
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
            assert_eq!(annotated(language, code), expected, "{language}: {code}");
        }
    }

    #[test]
    fn language_aliases_share_one_name() {
        for (info, expected) in [
            ("RS,ignore", "<pre tabindex=\"0\" data-lang=\"rust\"><code>"),
            ("tsx", "<pre tabindex=\"0\" data-lang=\"ts\"><code>"),
            ("c++ a", "<pre tabindex=\"0\" data-lang=\"c++\"><code>"),
            ("\"onclick=a", "<pre tabindex=\"0\"><code>"),
            ("", "<pre tabindex=\"0\"><code>"),
        ] {
            let mut out = String::new();
            Highlighter::default().write_block(&mut out, info, "");
            assert_eq!(out, format!("{expected}</code></pre>\n"), "{info}");
        }
    }

    #[test]
    fn code_beyond_the_limit_is_not_highlighted() {
        let code = "let ".repeat(MAX_HIGHLIGHTED_BYTES / 4);
        let mut highlighter = Highlighter::default();
        let mut out = String::new();
        highlighter.write_block(&mut out, "rust", &code);
        assert!(out.contains("<span"));
        out.clear();
        highlighter.write_block(&mut out, "rust", "let");
        assert_eq!(
            out,
            "<pre tabindex=\"0\" data-lang=\"rust\"><code>let</code></pre>\n"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn tokens_concatenate_to_the_source(
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
