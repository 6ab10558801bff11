//! Test helpers: parse rendered HTML independently of the renderer, and assert that it is safe and accessible.

use std::collections::HashSet;

#[derive(Debug)]
pub(crate) struct StartTag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl StartTag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Parses every start tag of serialised HTML. Panics on any "<" that a serialiser would not write.
pub(crate) fn start_tags(html: &str) -> Vec<StartTag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let is_end = rest.starts_with('/');
        let length = rest[usize::from(is_end)..]
            .find([' ', '>'])
            .expect("a tag ends");
        let name = rest[usize::from(is_end)..][..length].to_owned();
        assert!(
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
            "<{name}>"
        );
        rest = &rest[usize::from(is_end) + length..];
        let mut attributes = Vec::new();
        while let Some(tail) = rest.strip_prefix(' ') {
            let (name, tail) = tail.split_once("=\"").expect("an attribute has a value");
            let (value, tail) = tail.split_once('"').expect("a value ends");
            attributes.push((name.to_owned(), value.to_owned()));
            rest = tail;
        }
        rest = rest
            .strip_prefix('>')
            .expect("a tag ends after its attributes");
        if !is_end {
            tags.push(StartTag { name, attributes });
        }
    }
    tags
}

/// Asserts that the HTML has only allowed elements, attributes and URLs, and passes basic accessibility rules.
pub(crate) fn assert_safe(html: &str) {
    const ELEMENTS: &str = "a abbr b bdi bdo blockquote br cite code del details dfn div em figcaption \
        figure h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp section \
        small span strong sub summary sup table tbody td th thead tr u ul var wbr";
    const ATTRIBUTES: &str = "alt aria-label checked class data-lang decoding dir disabled height href \
        id loading open rel role scope src start tabindex title type width";
    const CLASSES: &str = "align-center align-left align-right bare c caution f fn-back fn-ref footnotes important \
        info k n note note-title p s t table-scroll tip warning";
    let has = |list: &str, word: &str| list.split(' ').any(|listed| listed == word);
    let mut ids = HashSet::new();
    let mut regions = HashSet::new();
    for tag in start_tags(html) {
        assert!(has(ELEMENTS, &tag.name), "{tag:?}");
        for (name, value) in &tag.attributes {
            assert!(has(ATTRIBUTES, name), "{tag:?}");
            match name.as_str() {
                "id" => {
                    assert!(
                        value.starts_with("h-") || value.starts_with("fn-"),
                        "{tag:?}"
                    );
                    assert!(ids.insert(value.clone()), "duplicate id: {tag:?}");
                }
                "class" => assert!(value.split(' ').all(|class| has(CLASSES, class)), "{tag:?}"),
                "href" | "src" => assert_safe_url(value),
                _ => {}
            }
        }
        match tag.name.as_str() {
            "a" => assert!(tag.get("href").is_some(), "a link needs an href: {html}"),
            "img" => {
                for name in ["alt", "src", "loading"] {
                    assert!(tag.get(name).is_some(), "an image needs {name}: {tag:?}");
                }
                assert_eq!(tag.get("width").is_some(), tag.get("height").is_some());
            }
            "input" => {
                assert_eq!(tag.get("type"), Some("checkbox"));
                assert_eq!(tag.get("disabled"), Some(""));
                assert!(
                    matches!(tag.get("aria-label"), Some("done" | "to do")),
                    "{tag:?}"
                );
            }
            "pre" => assert_eq!(tag.get("tabindex"), Some("0")),
            "div" if tag.get("role") == Some("note") => {}
            "div" => {
                assert_eq!(tag.get("tabindex"), Some("0"));
                assert!(
                    regions.insert(tag.get("aria-label").map(str::to_owned)),
                    "{tag:?}"
                );
            }
            _ => {}
        }
    }
    assert_accessible_names(html);
    assert_heading_order(html);
}

/// Asserts that a URL has an allowed scheme, after normalising it like a browser: no control characters, lower case.
fn assert_safe_url(value: &str) {
    let plain: String = value
        .chars()
        .filter(|c| *c > ' ')
        .collect::<String>()
        .to_lowercase();
    let end = plain.find(['/', '?', '#']).unwrap_or(plain.len());
    if let Some((scheme, _)) = plain[..end].split_once(':') {
        let is_name = scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && is_name;
        assert!(
            !is_scheme || ["http", "https", "mailto"].contains(&scheme),
            "{value}"
        );
    }
}

/// Asserts that links, headings, summaries and header cells have visible text.
fn assert_accessible_names(html: &str) {
    for name in ["a", "h2", "h3", "h4", "h5", "h6", "summary", "th"] {
        for (at, _) in html.match_indices(&format!("<{name}")) {
            let tag = &html[at..];
            if !tag[1 + name.len()..].starts_with([' ', '>']) {
                continue;
            }
            let inner = &tag[..tag.find(&format!("</{name}>")).expect("an element ends")];
            assert!(
                crate::plain_text::is_visible(inner),
                "no visible text: {inner}"
            );
        }
    }
}

/// Asserts that heading levels increase by at most one.
fn assert_heading_order(html: &str) {
    let mut level = 1;
    for tag in start_tags(html) {
        let digit = tag
            .name
            .strip_prefix('h')
            .and_then(|digit| digit.parse::<u32>().ok());
        if let Some(next) = digit {
            assert!(next <= level + 1, "h{level} is followed by h{next}");
            level = next;
        }
    }
}
