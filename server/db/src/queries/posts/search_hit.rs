//! Posts that a search found, with the part of their content that shows why.

use domain::{Search, highlight, snippet};

use super::rows::PostCard;
use crate::schema::Column;
use crate::schema::tables::posts;
use crate::{Cells, DbError, FromRow};

/// The most characters of a snippet.
const MAX_CHARS: usize = 160;

/// The beginning of a post's content, in which its snippet is looked for: bodies of any length do not travel.
const CONTENT: Column = posts::content_html.first(30_000);

/// A found post, and the beginning of its content.
pub(super) struct SearchHit {
    card: PostCard,
    content: String,
}

impl FromRow for SearchHit {
    const COLUMNS: &'static [Column] = &{
        let mut columns = [CONTENT; PostCard::COLUMNS.len() + 1];
        let mut n = 0;
        while n < PostCard::COLUMNS.len() {
            columns[n] = PostCard::COLUMNS[n];
            n += 1;
        }
        columns
    };

    fn from_row(cells: &mut Cells<'_>) -> Result<Self, DbError> {
        Ok(Self {
            card: PostCard::from_row(cells)?,
            content: cells.take(&CONTENT)?,
        })
    }
}

impl SearchHit {
    /// The post, with a snippet where its excerpt does not show what `search` matched.
    pub(super) fn into_card(self, search: &Search) -> PostCard {
        let is_shown = highlight(&self.card.excerpt, search)
            .iter()
            .any(|piece| piece.is_match);
        let snippet = match is_shown {
            true => None,
            false => snippet(&text(&self.content), search, MAX_CHARS),
        };
        PostCard {
            snippet,
            ..self.card
        }
    }
}

/// The text of rendered content, which is well-formed HTML but for an end that was cut off. Readings of ruby are left out.
fn text(html: &str) -> String {
    const INLINE: [&str; 17] = [
        "a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "ruby", "s", "span",
        "strong", "sub", "sup",
    ];
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    let mut is_reading = false;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        if !is_reading {
            push_text(&mut text, before);
        }
        let mut is_quoted = false;
        let end = tag.find(|c| {
            is_quoted ^= c == '"';
            c == '>' && !is_quoted
        });
        let Some(end) = end else {
            return text;
        };
        let name = tag[1..end].trim_start_matches('/');
        let name = name.split([' ', '/']).next().unwrap_or_default();
        if matches!(name, "rt" | "rp") {
            is_reading = !tag.starts_with("</");
        } else if !INLINE.contains(&name) {
            text.push(' ');
        }
        rest = &tag[end + 1..];
    }
    push_text(&mut text, rest);
    text
}

/// Appends text in which the characters that HTML reserves are escaped, with single spaces.
fn push_text(text: &mut String, escaped: &str) {
    const ESCAPES: [(&str, char); 6] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&nbsp;", ' '),
    ];
    let mut rest = escaped;
    while let Some(c) = rest.chars().next() {
        let escape = ESCAPES.iter().find(|(escape, _)| rest.starts_with(escape));
        let (length, c) = escape.map_or((c.len_utf8(), c), |(escape, c)| (escape.len(), *c));
        if !c.is_whitespace() {
            text.push(c);
        } else if !text.ends_with(' ') {
            text.push(' ');
        }
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_content() {
        for (html, expected) in [
            ("<p>One <em>night</em>.</p>\n<p>Two</p>", " One night. Two "),
            ("<p>a &lt;b&gt; &amp;amp; c</p>", " a <b> &amp; c "),
            ("<img alt=\"a > b\">c<br>d", " c d"),
            ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字</ruby>", "漢字"),
            (
                "<h2 id=\"x\">Head</h2><p>cut <a href=\"https://exa",
                " Head cut ",
            ),
            ("<p>half a cut &am", " half a cut &am"),
        ] {
            let text = text(html).replace("  ", " ");
            assert_eq!(text, expected, "{html}");
        }
    }
}
