//! Markdown to HTML: posts with everything a writer needs, comments with a small subset.
//!
//! Owns what the HTML of a post may contain, its plain text, its excerpt and its reading time.
//! Absent: storage, the page around it, and the colours of highlighted code, which are CSS.
//!
//! A text goes through three steps: `render` writes well-formed HTML from the parser's events
//! (`raw` lets through the few HTML tags that Markdown has no sign for), `sanitise` cleans all of
//! it against one allow-list, and `reading` derives words, excerpt and minutes from the result.

mod footnotes;
mod highlight;
mod languages;
mod outline;
mod raw;
mod reading;
mod render;
mod sanitise;
mod tokens;
mod urls;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod tests;

use render::Flavour;

/// Raised whenever the same Markdown would render differently; stored beside the HTML.
pub const RENDERER_VERSION: i64 = 1;

/// A post as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Sanitised HTML, ready to be put into a page.
    pub html: String,
    /// The words alone, separated by single spaces: what search indexes.
    pub text: String,
    /// The first paragraph, at most 200 characters, cut at a word and then ended with "…".
    pub excerpt: String,
    /// Whole minutes, at least 1: 220 words or 500 CJK characters a minute.
    pub reading_minutes: i64,
}

/// Renders a post: CommonMark with tables, strikethrough, task lists, footnotes and highlighted
/// code. Headings start at `h2`, because the page has its own `h1`.
#[must_use]
pub fn render_post(markdown: &str) -> Rendered {
    let html = sanitise::post(&render::html(markdown, Flavour::Post));
    let text = reading::words(&html);
    Rendered {
        excerpt: reading::excerpt(&html, &text),
        reading_minutes: reading::minutes(&text),
        text,
        html,
    }
}

/// Renders a comment: paragraphs, emphasis, code, lists, quotes and links. Headings become
/// paragraphs, images their description, and HTML is shown as it was typed.
#[must_use]
pub fn render_comment(markdown: &str) -> String {
    sanitise::comment(&render::html(markdown, Flavour::Comment))
}
