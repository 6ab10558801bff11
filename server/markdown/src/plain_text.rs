//! Plain text of rendered HTML, excerpts and reading times.

use unicode_normalization::char::is_combining_mark;

use crate::characters::{self, Spacing};

const MAX_EXCERPT_CHARS: usize = 200;
const WORDS_PER_MINUTE: usize = 220;
const CHARACTERS_PER_MINUTE: usize = 500;
const LETTERS_PER_MINUTE: usize = 1_000;

/// Inline elements; all others separate words.
const INLINE_ELEMENTS: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark",
    "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var",
    "wbr",
];

/// Extracts plain text from sanitised HTML, with single spaces, and without what is no word of the
/// text: readings, footnote references, titles of notes.
pub(crate) fn from_html(html: &str) -> String {
    split_readings(html).0
}

/// Extracts plain text, and apart from it the readings of `ruby`, which would break the words.
pub(crate) fn split_readings(html: &str) -> (String, String) {
    let mut text = String::with_capacity(html.len() / 2);
    let mut readings = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut text, &rest[..at]);
        rest = &rest[at..];
        let end = tag_end(rest);
        let tag = &rest[1..end.max(1)];
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '>', '/']).next().unwrap_or(name);
        if !INLINE_ELEMENTS.contains(&name) {
            push_space(&mut text);
        }
        rest = &rest[end..];
        let Some(end_tag) = end_of_skipped(tag) else {
            continue;
        };
        let (skipped, tail) = rest.split_at(rest.find(end_tag).unwrap_or(rest.len()));
        if name == "rt" {
            push_space(&mut readings);
            readings.push_str(&from_html(skipped));
        }
        rest = tail;
    }
    push_text(&mut text, rest);
    text.truncate(text.trim_end().len());
    (text, readings)
}

/// Returns the end tag of an element that is not part of the text.
fn end_of_skipped(tag: &str) -> Option<&'static str> {
    match tag {
        "rt>" => Some("</rt>"),
        "rp>" => Some("</rp>"),
        _ if tag.starts_with("a class=\"fn-") => Some("</a>"),
        _ if tag.starts_with("p class=\"note-title\"") => Some("</p>"),
        _ => None,
    }
}

/// Returns true if HTML has visible text, or an image with alternative text.
pub(crate) fn is_visible(html: &str) -> bool {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if rest[..at].chars().any(is_visible_char) {
            return true;
        }
        let end = at + tag_end(&rest[at..]);
        let tag = &rest[at..end];
        if let Some((_, alt)) = tag.split_once(" alt=\"")
            && alt
                .split('"')
                .next()
                .is_some_and(|alt| alt.chars().any(is_visible_char))
        {
            return true;
        }
        rest = &rest[end..];
    }
    rest.chars().any(is_visible_char)
}

/// Returns the first paragraph with text, or else the start of the whole text, truncated.
pub(crate) fn excerpt(html: &str, text: &str) -> String {
    let mut rest = html;
    while let Some(at) = rest.find("<p") {
        rest = &rest[at..];
        let is_paragraph = rest.starts_with("<p>") || rest.starts_with("<p ");
        let end = if is_paragraph {
            rest.find("</p>").unwrap_or(rest.len())
        } else {
            2
        };
        let paragraph = if is_paragraph {
            from_html(&rest[..end])
        } else {
            String::new()
        };
        if !paragraph.is_empty() {
            return truncate(&paragraph);
        }
        rest = &rest[end..];
    }
    truncate(text)
}

/// Truncates at a word boundary if there is one, otherwise between grapheme clusters.
fn truncate(text: &str) -> String {
    if text.chars().nth(MAX_EXCERPT_CHARS).is_none() {
        return text.to_owned();
    }
    let head = characters::truncate(text, MAX_EXCERPT_CHARS - 1);
    let is_between_words = text[head.len()..].starts_with(' ');
    let head = match head.rfind(' ') {
        Some(space) if !is_between_words && space > head.len() / 2 => &head[..space],
        Some(_) | None => head,
    };
    let head = head.trim_end_matches(|last: char| {
        last.is_whitespace() || ",;:.–—-…、，。".contains(last) || last == '\u{200d}'
    });
    format!("{head}…")
}

/// Estimates the reading time of plain text in whole minutes, at least 1.
pub(crate) fn reading_minutes(text: &str) -> i64 {
    let (mut words, mut characters, mut letters) = (0, 0, 0);
    for word in text.split(' ') {
        let mut has_spaced_letter = false;
        for letter in word.chars().filter(|letter| letter.is_alphanumeric()) {
            match Spacing::of(letter) {
                Spacing::Words => has_spaced_letter = true,
                Spacing::Characters => characters += 1,
                Spacing::Letters if !is_combining_mark(letter) => letters += 1,
                Spacing::Letters => {}
            }
        }
        words += usize::from(has_spaced_letter);
    }
    // In parts of a minute that all three divide.
    const MINUTE: usize = WORDS_PER_MINUTE * CHARACTERS_PER_MINUTE;
    let time = words * (MINUTE / WORDS_PER_MINUTE)
        + characters * (MINUTE / CHARACTERS_PER_MINUTE)
        + letters * (MINUTE / LETTERS_PER_MINUTE);
    i64::try_from(time.div_ceil(MINUTE).max(1)).unwrap_or(i64::MAX)
}

pub(crate) fn is_visible_char(letter: char) -> bool {
    let is_formatting = matches!(letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !letter.is_whitespace() && !letter.is_control() && !is_formatting
}

/// Returns the length of the tag at the start of `html`. Quoted values may contain ">".
pub(crate) fn tag_end(html: &str) -> usize {
    let mut is_quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

fn push_space(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

/// Appends text, decoding entities (the serialiser writes no others) and collapsing spaces.
fn push_text(text: &mut String, html: &str) {
    const ENTITIES: [(&str, char); 5] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&nbsp;", ' '),
    ];
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        let entity = ENTITIES
            .iter()
            .find(|(name, _)| first == '&' && rest.starts_with(name));
        let (length, letter) = entity.map_or((first.len_utf8(), first), |(name, letter)| {
            (name.len(), *letter)
        });
        if letter.is_whitespace() {
            push_space(text);
        } else if !is_break_hint(letter) {
            text.push(letter);
        }
        rest = &rest[length..];
    }
}

/// Matches what only tells where a line may break: the soft hyphen, the zero-width space, the word joiner.
/// In the middle of a word it would hide the word.
pub(crate) fn is_break_hint(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_footnote_references_are_removed() {
        for (html, expected) in [
            ("<p>a <em>b</em>c</p>\n<p>d</p>", "a bc d"),
            ("<ul><li>a</li><li>b</li></ul>", "a b"),
            ("<p>a &lt;b&gt; &amp;lt;&nbsp; c<br>d</p>", "a <b> &lt; c d"),
            ("<p>a<img alt=\"x > y\">b</p>", "a b"),
            (
                "<p>a<sup><a class=\"fn-ref\" href=\"#fn-1\">1</a></sup> b</p>",
                "a b",
            ),
            ("", ""),
        ] {
            assert_eq!(from_html(html), expected, "{html}");
        }
    }

    #[test]
    fn blank_html_is_not_visible() {
        for html in ["", "<em> </em>", "\u{200b}<b>\u{a0}</b>", "<img alt=\"\">"] {
            assert!(!is_visible(html), "{html:?}");
        }
        for html in ["a", "<em>b</em>", "<img alt=\"c\">", "<i></i>🙂"] {
            assert!(is_visible(html), "{html:?}");
        }
    }

    #[test]
    fn reading_time_counts_words_and_cjk_characters() {
        for (text, expected) in [
            (String::new(), 1),
            ("word ".repeat(220), 1),
            ("word ".repeat(221), 2),
            ("語".repeat(500), 1),
            ("語".repeat(501), 2),
            (format!("{}{}", "word ".repeat(220), "語".repeat(500)), 2),
            ("— ".repeat(5000), 1),
        ] {
            assert_eq!(
                reading_minutes(&text),
                expected,
                "{} characters",
                text.chars().count()
            );
        }
    }

    #[test]
    fn an_excerpt_is_the_first_paragraph_cut_at_a_word() {
        assert_eq!(
            excerpt("<pre>a</pre><p dir=\"auto\">b</p><p>c</p>", "a b c"),
            "b"
        );
        assert_eq!(excerpt("<h2>a</h2><p> </p>", "a"), "a");
        assert_eq!(truncate(&"a".repeat(200)), "a".repeat(200));
        assert_eq!(
            truncate(&"word, ".repeat(50)),
            format!("{}word…", "word, ".repeat(32))
        );
        assert_eq!(
            truncate(&"語".repeat(300)),
            format!("{}…", "語".repeat(199))
        );
        assert_eq!(
            truncate(&format!("{} next", "a".repeat(199))),
            format!("{}…", "a".repeat(199))
        );
    }
}
