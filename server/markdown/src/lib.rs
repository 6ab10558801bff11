//! Markdown to HTML: full syntax for posts, a small subset for comments.
//!
//! Owns the HTML allow-list, plain text, excerpts and reading times.
//! Absent: storage, the page around the text, and the colours of highlighted code, which are CSS.
//!
//! Rendering has four steps: `events` parses the text that `source` prepared and sets its typographic
//! signs, `render` writes well-formed HTML from the events (`raw_html` lets through the few tags that
//! have no Markdown syntax), `sanitise` cleans the result against one allow-list, and `plain_text`
//! derives the text, excerpt and reading time from it.

mod autolink;
mod characters;
mod english;
mod events;
mod footnotes;
mod headings;
mod highlight;
mod languages;
mod plain_text;
mod quotes;
mod raw_html;
mod render;
mod sanitise;
mod source;
mod tokens;
mod typography;
mod urls;

#[cfg(test)]
mod html_checks;
#[cfg(test)]
mod security_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod xss_vectors;

use render::Flavour;

/// Version of the rendered HTML, stored beside it. Increase it when the output for existing Markdown changes.
pub const RENDERER_VERSION: i64 = 3;

/// A rendered post and the values derived from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Sanitised HTML, safe to insert into a page.
    pub html: String,
    /// Plain text for the search index, with single spaces between words. The readings of `ruby`
    /// follow at the end, where they break no word.
    pub text: String,
    /// The first paragraph, cut to at most 200 characters including the final "…": between words if
    /// there are any, and never within a grapheme cluster.
    pub excerpt: String,
    /// Whole minutes, at least 1, at 220 words per minute. In scripts without spaces, 500 characters
    /// (Chinese, Japanese, Korean) or 1,000 letters (such as Thai, Khmer, Burmese).
    pub reading_minutes: i64,
}

/// Renders a post: CommonMark with tables, strikethrough, task lists, footnotes and syntax
/// highlighting. Headings start at `h2`, because the page has its own `h1`.
#[must_use]
pub fn render_post(markdown: &str) -> Rendered {
    let html = sanitise::post(&render::html(markdown, Flavour::Post));
    let (text, readings) = plain_text::split_readings(&html);
    Rendered {
        excerpt: plain_text::excerpt(&html, &text),
        reading_minutes: plain_text::reading_minutes(&text),
        text: if readings.is_empty() {
            text
        } else {
            format!("{text} {readings}")
        },
        html,
    }
}

/// Renders a comment: paragraphs, emphasis, code, lists, quotes and links. Headings become
/// paragraphs, images become their alternative text, and HTML tags are escaped.
#[must_use]
pub fn render_comment(markdown: &str) -> String {
    sanitise::comment(&render::html(markdown, Flavour::Comment))
}
