//! HTML typed into a post: the few tags that Markdown has no sign for, taken apart piece by piece.
//!
//! What is not listed is dropped and its text kept. Links, images, headings, lists and tables have
//! signs of their own in Markdown; as HTML they could lack a name, a size or a place in the outline.

/// A tag that may be typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Its name.
    pub(crate) name: &'static str,
    /// What ends it; empty for elements without content.
    pub(crate) close: &'static str,
    /// The attributes it may have.
    pub(crate) attributes: &'static [&'static str],
    /// Whether it holds paragraphs, and so is taken only between them.
    pub(crate) is_block: bool,
}

const fn inline(name: &'static str, close: &'static str) -> Tag {
    Tag {
        name,
        close,
        attributes: &[],
        is_block: false,
    }
}

/// Every tag that may be typed.
pub(crate) const TAGS: &[Tag] = &[
    Tag {
        attributes: &["title"],
        ..inline("abbr", "</abbr>")
    },
    inline("b", "</b>"),
    inline("bdi", "</bdi>"),
    Tag {
        attributes: &["dir"],
        ..inline("bdo", "</bdo>")
    },
    inline("br", ""),
    inline("cite", "</cite>"),
    inline("del", "</del>"),
    Tag {
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
    Tag {
        is_block: true,
        ..inline("summary", "</summary>")
    },
    inline("sup", "</sup>"),
    inline("u", "</u>"),
    inline("var", "</var>"),
    inline("wbr", ""),
];

/// Elements that vanish together with what they contain.
pub(crate) const CONTENT_DROPPED: &[&str] = &[
    "embed", "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "title", "xmp",
];

/// A part of typed HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text with its entities as typed; holds no "<".
    Text(&'a str),
    /// The start of an allowed element, with the source of its attributes.
    Open(&'static Tag, &'a str),
    /// The end of an allowed element.
    Close(&'static Tag),
}

/// Takes HTML apart. Time is linear: every step moves past all that it looked at.
pub(crate) fn pieces(html: &str, mut each: impl FnMut(Piece<'_>)) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if at > 0 {
            each(Piece::Text(&rest[..at]));
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
            if let Some(tag) = TAGS.iter().find(|tag| tag.name == name) {
                each(if is_end {
                    Piece::Close(tag)
                } else {
                    Piece::Open(tag, &tail[..end])
                });
            } else if !is_end && CONTENT_DROPPED.contains(&name.as_str()) {
                rest = after_end_tag(rest, &name);
            }
        } else if is_end || rest.starts_with("<!") || rest.starts_with("<?") {
            rest = rest.find('>').map_or("", |at| &rest[at + 1..]);
        } else {
            each(Piece::Text("&lt;"));
            rest = &rest[1..];
        }
    }
    if !rest.is_empty() {
        each(Piece::Text(rest));
    }
}

/// The value of an attribute in the source of a tag's attributes, with its entities as typed.
pub(crate) fn attribute<'a>(source: &'a str, name: &str) -> Option<&'a str> {
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
            return Some(value);
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

/// Where a tag ends; a ">" inside a quoted value does not end it.
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

/// What follows the end tag of an element whose content is dropped.
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

    fn list(html: &str) -> String {
        let mut list = String::new();
        pieces(html, |piece| {
            list.push_str(&match piece {
                Piece::Text(text) => format!("[{text}]"),
                Piece::Open(tag, attributes) => format!("+{}({})", tag.name, attributes.trim()),
                Piece::Close(tag) => format!("-{}", tag.name),
            });
        });
        list
    }

    #[test]
    fn html_falls_into_text_and_listed_tags() {
        for (html, expected) in [
            ("a<KBD>b</Kbd >c", "[a]+kbd()[b]-kbd[c]"),
            (
                "<abbr title='a > b'>c</abbr>",
                "+abbr(title='a > b')[c]-abbr",
            ),
            ("a<br/>b<br>c", "[a]+br(/)[b]+br()[c]"),
            ("<div class=a>b</div>", "[b]"),
            ("<script>a</b></SCRIPT >b", "[b]"),
            ("<svg><a></svg>b", "[b]"),
            ("<!-- <kbd> -->a<!doctype b><?c?>d", "[a][d]"),
            ("1 < 2 &lt; 3", "[1 ][&lt;][ 2 &lt; 3]"),
            ("<style>a", ""),
            ("<kbd", "+kbd()"),
            ("a<!--", "[a]"),
        ] {
            assert_eq!(list(html), expected, "{html}");
        }
    }

    #[test]
    fn attributes_are_found_by_name() {
        for (source, expected) in [
            (" title=\"a b\"", Some("a b")),
            (" x=1 TITLE = 'a' y", Some("a")),
            ("/title=a/b c", Some("a/b")),
            (" title", Some("")),
            (" title=\"a", Some("a")),
            (" a=\"title=b\"", None),
            (" =title ==", None),
            ("", None),
        ] {
            assert_eq!(attribute(source, "title"), expected, "{source}");
        }
    }
}
