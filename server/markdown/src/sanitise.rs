//! Sanitiser: all HTML passes one allow-list before it leaves the crate.
//!
//! The lists name exactly what `render` writes, so a bug there cannot become a vulnerability.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::{raw_html, urls};

/// Elements and attributes allowed in comments.
const COMMENT_ELEMENTS: &[(&str, &[&str])] = &[
    ("a", &["href", "rel", "title"]),
    ("blockquote", &["dir"]),
    ("br", &[]),
    ("code", &[]),
    ("em", &[]),
    ("li", &["dir"]),
    ("ol", &["dir", "start"]),
    ("p", &["dir"]),
    ("pre", &["data-lang", "tabindex"]),
    ("span", &[]),
    ("strong", &[]),
    ("ul", &["dir"]),
];

/// Elements and attributes allowed in posts besides those of comments; `raw_html` adds its own tags.
const POST_ELEMENTS: &[(&str, &[&str])] = &[
    ("a", &["aria-label", "href", "id", "rel", "title"]),
    ("div", &["aria-label", "dir", "role", "tabindex"]),
    ("figcaption", &["dir"]),
    ("figure", &[]),
    ("h2", &["dir", "id"]),
    ("h3", &["dir", "id"]),
    ("h4", &["dir", "id"]),
    ("h5", &["dir", "id"]),
    ("h6", &["dir", "id"]),
    ("hr", &[]),
    (
        "img",
        &[
            "alt", "decoding", "height", "loading", "src", "title", "width",
        ],
    ),
    ("input", &["aria-label", "checked", "disabled", "type"]),
    ("li", &["dir", "id"]),
    ("section", &["aria-label"]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &["dir"]),
    ("th", &["dir", "scope"]),
    ("thead", &[]),
    ("tr", &[]),
];

/// Allowed classes by element.
const CLASSES: &[(&str, &[&str])] = &[
    ("a", &["bare", "fn-back", "fn-ref"]),
    (
        "div",
        &[
            "caution",
            "important",
            "info",
            "note",
            "table-scroll",
            "tip",
            "warning",
        ],
    ),
    ("p", &["note-title"]),
    ("section", &["footnotes"]),
    ("span", &["c", "f", "k", "n", "p", "s", "t"]),
    ("td", &["align-center", "align-left", "align-right"]),
    ("th", &["align-center", "align-left", "align-right"]),
];

static POST_SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let raw = raw_html::ALLOWED_TAGS
        .iter()
        .map(|tag| (tag.name, tag.attributes));
    builder(
        COMMENT_ELEMENTS
            .iter()
            .chain(POST_ELEMENTS)
            .copied()
            .chain(raw),
    )
});
static COMMENT_SANITISER: LazyLock<Builder<'static>> =
    LazyLock::new(|| builder(COMMENT_ELEMENTS.iter().copied()));

pub(crate) fn post(html: &str) -> String {
    POST_SANITISER.clean(&split_long_text(html)).to_string()
}

pub(crate) fn comment(html: &str) -> String {
    COMMENT_SANITISER.clean(&split_long_text(html)).to_string()
}

/// Splits long text with empty comments, which cleaning removes again. The serialiser scans the rest
/// of a text node at every "&" and at every character in U+0080 to U+00BF, which takes quadratic
/// time unless the node is short.
fn split_long_text(html: &str) -> Cow<'_, str> {
    const MAX_TEXT_BYTES: usize = 16 * 1024;
    if html.split('<').all(|piece| piece.len() <= MAX_TEXT_BYTES) {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + html.len() / 1024);
    for piece in html.split_inclusive('<') {
        let (tag, mut text) = piece.split_at(piece.find('>').map_or(0, |end| end + 1));
        out.push_str(tag);
        while let Some(at) = text
            .as_bytes()
            .iter()
            .skip(MAX_TEXT_BYTES)
            .position(|b| [b'&', 0xc2].contains(b))
        {
            let (head, tail) = text.split_at(MAX_TEXT_BYTES + at);
            out.push_str(head);
            out.push_str("<!---->");
            text = tail;
        }
        out.push_str(text);
    }
    Cow::Owned(out)
}

type Elements = &'static [&'static str];

fn builder(elements: impl Iterator<Item = (&'static str, Elements)>) -> Builder<'static> {
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (element, names) in elements {
        attributes.entry(element).or_default().extend(names);
    }
    let tags: HashSet<_> = attributes.keys().copied().collect();
    let classes = CLASSES
        .iter()
        .filter(|(element, _)| tags.contains(element))
        .map(|(element, names)| (*element, names.iter().copied().collect()))
        .collect();
    let mut builder = Builder::empty();
    if tags.contains("input") {
        builder.set_tag_attribute_value("input", "disabled", "");
        builder.set_tag_attribute_value("input", "type", "checkbox");
    }
    builder
        .tags(tags)
        .clean_content_tags(raw_html::DROPPED_WITH_CONTENT.iter().copied().collect())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .allowed_classes(classes)
        .url_schemes(urls::LINK_SCHEMES.iter().copied().collect())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .attribute_filter(|_, name, value| is_allowed(name, value).then_some(Cow::Borrowed(value)));
    builder
}

/// Checks the value of an attribute that is allowed on its element.
fn is_allowed(name: &str, value: &str) -> bool {
    let is_number = || value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty();
    match name {
        "aria-label" => {
            let label = value
                .trim_end_matches(|last: char| last.is_ascii_digit())
                .trim_end();
            [
                "done",
                "to do",
                "Table",
                "Footnote",
                "Footnotes",
                "Back to reference",
            ]
            .contains(&label)
        }
        "checked" | "disabled" | "open" => value.is_empty(),
        "decoding" => value == "async",
        "dir" => ["auto", "ltr", "rtl"].contains(&value),
        "height" | "start" | "width" => is_number(),
        "id" => value.starts_with("h-") || value.starts_with("fn-"),
        "loading" => ["eager", "lazy"].contains(&value),
        "rel" => ["noopener", "nofollow ugc noopener"].contains(&value),
        "role" => ["note", "region"].contains(&value),
        "scope" => value == "col",
        "tabindex" => value == "0",
        "type" => value == "checkbox",
        // Free text, and URLs and classes, which the builder checks itself.
        "alt" | "class" | "data-lang" | "href" | "src" | "title" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_html_remains() {
        for (dirty, clean) in [
            ("<p id=main>a</p>", "<p>a</p>"),
            ("<h2 id=main>a</h2>", "<h2>a</h2>"),
            ("<h2 id=h-a onclick=b>a</h2>", "<h2 id=\"h-a\">a</h2>"),
            (
                "<span class='k evil'>a</span>",
                "<span class=\"k\">a</span>",
            ),
            (
                "<a rel=opener target=_blank href=/a>a</a>",
                "<a href=\"/a\">a</a>",
            ),
            ("<a href=javascript:a>a</a>", "<a>a</a>"),
            ("<img src=data:image/png;base64,a>", "<img>"),
            (
                "<div role=alert tabindex=5 aria-label=Pay>a</div>",
                "<div>a</div>",
            ),
            (
                "<input type=password>",
                "<input type=\"checkbox\" disabled=\"\">",
            ),
            ("<p style=color:red>a</p>", "<p>a</p>"),
            (
                "a<script>b</script><style>c</style><iframe>d</iframe>e",
                "ae",
            ),
            ("<form action=/a><button>a</button></form>", "a"),
        ] {
            let cleaned = post(dirty);
            let sorted = |html: &str| {
                let mut letters: Vec<char> = html.chars().collect();
                letters.sort_unstable();
                letters
            };
            assert_eq!(sorted(&cleaned), sorted(clean), "{dirty} gave {cleaned}");
        }
    }

    #[test]
    fn splitting_long_text_does_not_change_it() {
        for letters in ["&amp;", "§", "é", "a &lt; b "] {
            let html = format!("<p>{}</p>", letters.repeat(40_000));
            assert_eq!(post(&html), html);
            let is_split = split_long_text(&html).contains("<!---->");
            assert_eq!(is_split, letters != "é", "{letters}");
        }
    }

    #[test]
    fn comments_allow_fewer_elements() {
        assert_eq!(
            comment("<h2>a</h2><table><tr><td>b</table><img src=/a><kbd>c</kbd>"),
            "abc"
        );
    }
}
