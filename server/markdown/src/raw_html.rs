//! Tokeniser for raw HTML in posts: the few tags that have no Markdown syntax.
//!
//! Other tags are dropped and their text is kept: blocks stay apart, and a picture leaves its
//! description. Images, headings, lists and tables have Markdown syntax; as HTML they could lack a
//! name, a size or a place in the outline.

use html_escape::decode_html_entities;

use crate::characters::clean;

/// A tag that is allowed in raw HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AllowedTag {
    pub(crate) name: &'static str,
    /// End tag; empty for void elements.
    pub(crate) close: &'static str,
    /// Allowed attributes.
    pub(crate) attributes: &'static [&'static str],
    /// True if it contains paragraphs, and is therefore allowed only between them.
    pub(crate) is_block: bool,
}

const fn inline(name: &'static str, close: &'static str) -> AllowedTag {
    AllowedTag {
        name,
        close,
        attributes: &[],
        is_block: false,
    }
}

pub(crate) const ALLOWED_TAGS: &[AllowedTag] = &[
    AllowedTag {
        attributes: &["href", "title"],
        ..inline("a", "</a>")
    },
    AllowedTag {
        attributes: &["title"],
        ..inline("abbr", "</abbr>")
    },
    inline("b", "</b>"),
    inline("bdi", "</bdi>"),
    AllowedTag {
        attributes: &["dir"],
        ..inline("bdo", "</bdo>")
    },
    inline("br", ""),
    inline("cite", "</cite>"),
    inline("del", "</del>"),
    AllowedTag {
        attributes: &["open"],
        is_block: true,
        ..inline("details", "</details>")
    },
    inline("dfn", "</dfn>"),
    inline("em", "</em>"),
    inline("i", "</i>"),
    inline("ins", "</ins>"),
    inline("kbd", "</kbd>"),
    inline("mark", "</mark>"),
    inline("q", "</q>"),
    inline("rp", "</rp>"),
    inline("rt", "</rt>"),
    inline("ruby", "</ruby>"),
    inline("s", "</s>"),
    inline("samp", "</samp>"),
    inline("small", "</small>"),
    inline("strong", "</strong>"),
    inline("sub", "</sub>"),
    AllowedTag {
        is_block: true,
        ..inline("summary", "</summary>")
    },
    inline("sup", "</sup>"),
    inline("u", "</u>"),
    inline("var", "</var>"),
    inline("wbr", ""),
];

/// Elements that are dropped together with their content.
pub(crate) const DROPPED_WITH_CONTENT: &[&str] = &[
    "embed", "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "title", "xmp",
];

/// Elements that stand on lines of their own, so that a dropped tag still separates words.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "plaintext",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// A token of raw HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RawToken<'a> {
    /// A dropped tag of a block.
    Border,
    /// A dropped image, with the source of its attributes.
    Image(&'a str),
    /// Text with its entities unchanged; contains no "<".
    Text(&'a str),
    /// Start tag of an allowed element, with the source of its attributes.
    Open(&'static AllowedTag, &'a str),
    /// End tag of an allowed element.
    Close(&'static AllowedTag),
}

/// Splits HTML into tokens, in linear time: every step consumes all that it has scanned.
pub(crate) fn tokenise(html: &str, mut each: impl FnMut(RawToken<'_>)) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if at > 0 {
            each(RawToken::Text(&rest[..at]));
        }
        rest = &rest[at..];
        let after = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        let is_end = rest.len() - after.len() == 2;
        if rest.starts_with("<!--") {
            rest = rest[4..].find("-->").map_or("", |at| &rest[4 + at + 3..]);
        } else if after.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let length = after.find(|c: char| c.is_whitespace() || "/>".contains(c));
            let (name, tail) = after.split_at(length.unwrap_or(after.len()));
            let name = name.to_ascii_lowercase();
            let end = closing_bracket(tail);
            rest = tail.get(end + 1..).unwrap_or("");
            if let Some(tag) = ALLOWED_TAGS.iter().find(|tag| tag.name == name) {
                each(if is_end {
                    RawToken::Close(tag)
                } else {
                    RawToken::Open(tag, &tail[..end])
                });
            } else if BLOCKS.contains(&name.as_str()) {
                each(RawToken::Border);
            } else if name == "img" {
                each(RawToken::Image(&tail[..end]));
            } else if !is_end && DROPPED_WITH_CONTENT.contains(&name.as_str()) {
                rest = after_end_tag(rest, &name);
            }
        } else if is_end || rest.starts_with("<!") || rest.starts_with("<?") {
            rest = rest.find('>').map_or("", |at| &rest[at + 1..]);
        } else {
            each(RawToken::Text("&lt;"));
            rest = &rest[1..];
        }
    }
    if !rest.is_empty() {
        each(RawToken::Text(rest));
    }
}

/// Decodes the text of raw HTML.
pub(crate) fn decode(html: &str) -> String {
    clean(&decode_html_entities(html)).into_owned()
}

/// Finds an attribute's value in the source of a tag's attributes.
pub(crate) fn attribute(source: &str, name: &str) -> Option<String> {
    let is_gap = |c: char| c.is_whitespace() || c == '/';
    let mut rest = source.trim_start_matches(is_gap);
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| is_gap(*c) || *c == '=');
        let (found, tail) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        let (value, tail) = match tail.trim_start().strip_prefix('=') {
            None => ("", tail),
            Some(tail) => split_value(tail.trim_start()),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(decode(value));
        }
        rest = tail.trim_start_matches(is_gap);
    }
    None
}

fn split_value(source: &str) -> (&str, &str) {
    match source.chars().next().filter(|quote| "\"'".contains(*quote)) {
        Some(quote) => source[1..].split_once(quote).unwrap_or((&source[1..], "")),
        None => source.split_at(source.find(char::is_whitespace).unwrap_or(source.len())),
    }
}

/// Finds the end of a tag; a ">" inside a quoted value does not end it.
fn closing_bracket(tail: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tail.bytes().enumerate() {
        match quote {
            Some(open) if open == byte => quote = None,
            None if byte == b'>' => return at,
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            Some(_) | None => {}
        }
    }
    tail.len()
}

/// Returns the HTML after the end tag of an element whose content is dropped.
fn after_end_tag<'a>(html: &'a str, name: &str) -> &'a str {
    for (at, _) in html.match_indices("</") {
        let tail = &html[at + 2..];
        if tail
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
        {
            return tail.find('>').map_or("", |end| &tail[end + 1..]);
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(html: &str) -> String {
        let mut described = String::new();
        tokenise(html, |token| {
            described.push_str(&match token {
                RawToken::Text(text) => format!("[{text}]"),
                RawToken::Open(tag, attributes) => format!("+{}({})", tag.name, attributes.trim()),
                RawToken::Close(tag) => format!("-{}", tag.name),
                RawToken::Border => "|".to_owned(),
                RawToken::Image(attributes) => format!("!({})", attributes.trim()),
            });
        });
        described
    }

    #[test]
    fn html_is_split_into_text_and_allowed_tags() {
        for (html, expected) in [
            ("a<KBD>b</Kbd >c", "[a]+kbd()[b]-kbd[c]"),
            (
                "<abbr title='a > b'>c</abbr>",
                "+abbr(title='a > b')[c]-abbr",
            ),
            ("a<br/>b<br>c", "[a]+br(/)[b]+br()[c]"),
            ("<div class=a>b</DIV>", "|[b]|"),
            ("<span>a</span><x-y>", "[a]"),
            ("<img alt=a src=b />", "!(alt=a src=b /)"),
            ("<script>a</b></SCRIPT >b", "[b]"),
            ("<svg><a></svg>b", "[b]"),
            ("<!-- <kbd> -->a<!doctype b><?c?>d", "[a][d]"),
            ("1 < 2 &lt; 3", "[1 ][&lt;][ 2 &lt; 3]"),
            ("<style>a", ""),
            ("<kbd", "+kbd()"),
            ("a<!--", "[a]"),
        ] {
            assert_eq!(describe(html), expected, "{html}");
        }
    }

    #[test]
    fn attributes_are_found_by_name() {
        for (source, expected) in [
            (" title=\"a b\"", Some("a b")),
            (" x=1 TITLE = 'a' y", Some("a")),
            ("/title=a/b c", Some("a/b")),
            ("title=&quot;a&amp;b", Some("\"a&b")),
            (" title", Some("")),
            (" title=\"a", Some("a")),
            (" a=\"title=b\"", None),
            (" =title ==", None),
            ("", None),
        ] {
            assert_eq!(attribute(source, "title").as_deref(), expected, "{source}");
        }
    }
}
