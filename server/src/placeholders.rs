//! Placeholders of the renderer: Leptos separates texts by `<!>`, which browsers read as an empty comment and validators
//! cannot read at all. Written as `<!---->` both read the same: the document in the browser does not change.

use axum::body::Bytes;
use memchr::memchr;

const PLACEHOLDER: &[u8] = b"<!>";
const COMMENT: &[u8] = b"<!---->";

/// The document with each placeholder as a comment, in one pass. Only markup is changed: no attribute, no comment and no
/// script is looked into.
pub(crate) fn as_comments(html: Bytes) -> Bytes {
    let mut written = Vec::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(next) = memchr(b'<', &html[at..]) {
        at += next;
        let markup = &html[at..];
        if !markup.starts_with(PLACEHOLDER) {
            at += end_of_markup(markup);
            continue;
        }
        if written.is_empty() {
            written.reserve(html.len() + html.len() / 50);
        }
        written.extend_from_slice(&html[copied..at]);
        written.extend_from_slice(COMMENT);
        at += PLACEHOLDER.len();
        copied = at;
    }
    if written.is_empty() {
        return html;
    }
    written.extend_from_slice(&html[copied..]);
    written.into()
}

/// The length of the comment, tag, or element of script or style, that `markup` begins with.
fn end_of_markup(markup: &[u8]) -> usize {
    let after = |from: usize, end: &[u8]| {
        let rest = markup.get(from..).unwrap_or_default();
        find(rest, end).map_or(markup.len(), |at| from + at + end.len())
    };
    if markup.starts_with(b"<!--") {
        return after(2, b"-->");
    }
    let end = end_of_tag(markup);
    if markup.get(1) != Some(&b's') {
        return end;
    }
    for (start, close) in [
        (&b"<script"[..], &b"</script>"[..]),
        (b"<style", b"</style>"),
    ] {
        let is_named = |next: &u8| next.is_ascii_whitespace() || *next == b'>';
        if markup.starts_with(start) && markup.get(start.len()).is_some_and(is_named) {
            return after(end, close);
        }
    }
    end
}

/// The length of a tag. A `>` in a quoted attribute does not end it.
fn end_of_tag(tag: &[u8]) -> usize {
    let mut at = 0;
    // Names are short: looking at each byte is quicker than a search that looks at many together.
    let ends = |byte: &u8| matches!(byte, b'>' | b'"' | b'\'');
    while let Some(next) = tag[at..].iter().position(ends) {
        at += next + 1;
        let quote = tag[at - 1];
        if quote == b'>' {
            return at;
        }
        match memchr(quote, &tag[at..]) {
            Some(end) => at += end + 1,
            None => break,
        }
    }
    tag.len()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_placeholders_become_comments() {
        for (html, expected) in [
            ("<p>a<!>b<!></p>", "<p>a<!---->b<!----></p>"),
            ("<!DOCTYPE html><!>", "<!DOCTYPE html><!---->"),
            ("<p title=\"<!>\">x<!></p>", "<p title=\"<!>\">x<!----></p>"),
            ("<p title='\"<!>'>x<!></p>", "<p title='\"<!>'>x<!----></p>"),
            ("<p title=\"a>b<!>\">", "<p title=\"a>b<!>\">"),
            (
                "<script>\"<!>\"</script><!>",
                "<script>\"<!>\"</script><!---->",
            ),
            (
                "<script type=\"a\">if(a<b)'<!>'</script>",
                "<script type=\"a\">if(a<b)'<!>'</script>",
            ),
            ("<style>a{}/*<!>*/</style>", "<style>a{}/*<!>*/</style>"),
            ("<!-- <!> --><!>", "<!-- <!> --><!---->"),
            ("<!--><!>", "<!--><!---->"),
            ("夜<!>の", "夜<!---->の"),
            ("<!>", "<!---->"),
            ("plain", "plain"),
            ("<p <!>", "<p <!>"),
            ("<p title=\"<!>", "<p title=\"<!>"),
            ("<!>a<!><b c='>'><!>", "<!---->a<!----><b c='>'><!---->"),
            ("a<", "a<"),
            ("", ""),
        ] {
            let changed = as_comments(Bytes::from_static(html.as_bytes()));
            assert_eq!(std::str::from_utf8(&changed), Ok(expected), "{html}");
        }
    }
}
