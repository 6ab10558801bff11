//! What a reader reads: the words of a text, its excerpt and the time it takes.

/// Longest excerpt in characters.
const EXCERPT: usize = 200;
/// Reading speed of words a minute.
const WORDS: usize = 220;
/// Reading speed of CJK characters a minute.
const CHARACTERS: usize = 500;

/// Elements inside a line of text; every other one separates words.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark",
    "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var",
    "wbr",
];

/// The words of our own HTML, separated by single spaces; the marks of footnotes are left out.
pub(crate) fn words(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut text, &rest[..at]);
        rest = &rest[at..];
        let end = tag_end(rest);
        let tag = &rest[1..end.max(1)];
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '>', '/']).next().unwrap_or(name);
        if !INLINE.contains(&name) {
            push_space(&mut text);
        }
        rest = &rest[end..];
        if tag.starts_with("a class=\"fn-") {
            rest = rest.find('<').map_or("", |at| &rest[at..]);
        }
    }
    push_text(&mut text, rest);
    text.truncate(text.trim_end().len());
    text
}

/// Whether HTML has something that can be seen or heard: a letter, or an image with a description.
pub(crate) fn has_words(html: &str) -> bool {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if rest[..at].chars().any(is_visible) {
            return true;
        }
        let end = at + tag_end(&rest[at..]);
        let tag = &rest[at..end];
        if let Some((_, alt)) = tag.split_once(" alt=\"")
            && alt
                .split('"')
                .next()
                .is_some_and(|alt| alt.chars().any(is_visible))
        {
            return true;
        }
        rest = &rest[end..];
    }
    rest.chars().any(is_visible)
}

/// The first paragraph with words, or else the beginning of the whole text, cut to length.
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
            words(&rest[..end])
        } else {
            String::new()
        };
        if !paragraph.is_empty() {
            return cut(&paragraph);
        }
        rest = &rest[end..];
    }
    cut(text)
}

/// Cuts at a word where there is one, as in most scripts; else at a character.
fn cut(text: &str) -> String {
    if text.chars().nth(EXCERPT).is_none() {
        return text.to_owned();
    }
    let end = text
        .char_indices()
        .nth(EXCERPT - 1)
        .map_or(text.len(), |(end, _)| end);
    let head = &text[..end];
    let head = match head.rfind(' ') {
        Some(space) if !text[end..].starts_with(' ') && space > end / 2 => &head[..space],
        Some(_) | None => head,
    };
    let head = head.trim_end_matches(|last: char| {
        last.is_whitespace() || ",;:.–—-…、，。".contains(last) || last == '\u{200d}'
    });
    format!("{head}…")
}

/// Whole minutes to read words that are separated by spaces, at least one.
pub(crate) fn minutes(text: &str) -> i64 {
    let characters = text.chars().filter(|letter| is_cjk(*letter)).count();
    let words = text
        .split(' ')
        .filter(|word| {
            word.chars()
                .any(|letter| letter.is_alphanumeric() && !is_cjk(letter))
        })
        .count();
    let minutes = (words * CHARACTERS + characters * WORDS).div_ceil(WORDS * CHARACTERS);
    i64::try_from(minutes.max(1)).unwrap_or(i64::MAX)
}

/// Han, kana, bopomofo and Hangul.
fn is_cjk(letter: char) -> bool {
    matches!(letter,
        '\u{3040}'..='\u{30ff}' | '\u{3100}'..='\u{312f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

fn is_visible(letter: char) -> bool {
    let is_formatting = matches!(letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !letter.is_whitespace() && !letter.is_control() && !is_formatting
}

/// The length of the tag at the start of `html`; quoted values may hold ">".
fn tag_end(html: &str) -> usize {
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

/// Adds text with its entities decoded (the serialiser writes no others) and its spaces single.
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
        } else {
            text.push(letter);
        }
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_a_reader_sees() {
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
            assert_eq!(words(html), expected, "{html}");
        }
    }

    #[test]
    fn nothing_visible_is_no_words() {
        for html in ["", "<em> </em>", "\u{200b}<b>\u{a0}</b>", "<img alt=\"\">"] {
            assert!(!has_words(html), "{html:?}");
        }
        for html in ["a", "<em>b</em>", "<img alt=\"c\">", "<i></i>🙂"] {
            assert!(has_words(html), "{html:?}");
        }
    }

    #[test]
    fn minutes_count_words_and_characters() {
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
                minutes(&text),
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
        assert_eq!(cut(&"a".repeat(200)), "a".repeat(200));
        assert_eq!(
            cut(&"word, ".repeat(50)),
            format!("{}word…", "word, ".repeat(32))
        );
        assert_eq!(cut(&"語".repeat(300)), format!("{}…", "語".repeat(199)));
        assert_eq!(
            cut(&format!("{} next", "a".repeat(199))),
            format!("{}…", "a".repeat(199))
        );
    }
}
