//! Raw HTML in posts, nested correctly with the elements that Markdown opens.

use std::fmt::Write;

use pulldown_cmark_escape::escape_html;

use super::blocks::truncate_attribute;
use super::writer::{OpenElement, Writer};
use crate::raw_html::{self, AllowedTag, RawToken};

const MAX_OPEN_RAW_ELEMENTS: usize = 16;

impl Writer<'_> {
    /// Writes raw HTML, either a block between paragraphs or a tag within one.
    pub(super) fn raw_html(&mut self, html: &str, is_block: bool) {
        raw_html::tokenise(html, |token| match token {
            RawToken::Text(text) => self.raw_text(&raw_html::decode(text), is_block),
            RawToken::Image(source) => {
                let alt = raw_html::attribute(source, "alt").unwrap_or_default();
                self.raw_text(&alt, is_block);
            }
            RawToken::Border if is_block => self.end_raw_paragraph(),
            RawToken::Open(tag, source) if is_block && tag.is_block => {
                self.close_raw_blocks();
                self.open_raw(tag, source);
            }
            RawToken::Open(tag, source) if !tag.is_block => {
                if is_block {
                    self.start_raw_paragraph();
                }
                self.open_raw(tag, source);
            }
            RawToken::Close(tag) if is_block || !tag.is_block => self.close_raw(tag.name),
            RawToken::Border | RawToken::Open(..) | RawToken::Close(_) => self.space(),
        });
        // Elements left open by a block end with it, except `details`, which may contain other blocks.
        if is_block {
            self.close_raw_blocks();
        }
    }

    fn raw_text(&mut self, text: &str, is_block: bool) {
        if text.trim().is_empty() {
            return self.out.push_str(text);
        }
        if is_block {
            self.start_raw_paragraph();
        }
        self.text(text);
    }

    /// Starts a paragraph for text that stands alone in a block of raw HTML.
    fn start_raw_paragraph(&mut self) {
        let parent = self.open_elements.last().and_then(|open| open.raw);
        if parent.is_none_or(|parent| parent == "details") {
            self.open_directed("p", "", "</p>\n", false);
            if let Some(open) = self.open_elements.last_mut() {
                open.raw = Some("p");
            }
        }
    }

    /// Ends that paragraph. Within an element of it, a space separates the words.
    fn end_raw_paragraph(&mut self) {
        match self.open_elements.last().and_then(|open| open.raw) {
            Some("p") => self.close_last(),
            Some("details") | None => {}
            Some(_) => self.space(),
        }
    }

    fn space(&mut self) {
        if !self.out.ends_with(char::is_whitespace) {
            self.out.push(' ');
        }
    }

    /// Closes raw elements up to the next `details`.
    fn close_raw_blocks(&mut self) {
        while let Some(open) = self
            .open_elements
            .pop_if(|open| open.raw.is_some_and(|raw| raw != "details"))
        {
            self.close(&open);
        }
    }

    fn open_raw(&mut self, tag: &'static AllowedTag, source: &str) {
        let is_void = tag.close.is_empty();
        let parent = self.open_elements.last().and_then(|open| open.raw);
        let raw_elements = self
            .open_elements
            .iter()
            .filter(|open| open.raw.is_some())
            .count();
        let is_misplaced = match tag.name {
            "summary" => parent != Some("details"),
            "ruby" => self.is_raw_open("ruby"),
            "rt" | "rp" => !self.is_place_of_reading(),
            _ => false,
        };
        if (raw_elements >= MAX_OPEN_RAW_ELEMENTS && !is_void) || is_misplaced {
            if tag.is_block {
                self.space();
            }
            return;
        }
        if tag.name == "a" {
            return self.open_raw_link(source);
        }
        let start = self.out.len();
        let _infallible = write!(self.out, "<{}", tag.name);
        for name in tag.attributes {
            if let Some(value) = raw_html::attribute(source, name) {
                let value = if *name == "open" {
                    ""
                } else {
                    truncate_attribute(&value)
                };
                let _infallible = write!(self.out, " {name}=\"");
                let _infallible = escape_html(&mut self.out, value);
                self.out.push('"');
            }
        }
        self.out.push('>');
        if !is_void {
            self.open_elements.push(OpenElement {
                start,
                close: tag.close,
                raw: Some(tag.name),
            });
        }
    }

    fn is_raw_open(&self, name: &str) -> bool {
        self.open_elements.iter().any(|open| open.raw == Some(name))
    }

    /// Closes the reading before this one, as HTML does, and tells if one may stand here: in `ruby`,
    /// and not in another reading.
    fn is_place_of_reading(&mut self) -> bool {
        self.close_raw("rt");
        self.close_raw("rp");
        self.is_raw_open("ruby") && !self.is_raw_open("rt") && !self.is_raw_open("rp")
    }

    /// Opens a link as Markdown would. Without an address it is only its text.
    fn open_raw_link(&mut self, source: &str) {
        match raw_html::attribute(source, "href") {
            Some(address) => {
                let title = raw_html::attribute(source, "title").unwrap_or_default();
                self.start_link(address, &title);
            }
            None => self.open("", ""),
        }
        if let Some(open) = self.open_elements.last_mut() {
            open.raw = Some("a");
        }
    }

    /// Closes a raw element and those inside it, but never one that Markdown opened.
    fn close_raw(&mut self, tag: &str) {
        let raw_elements = self.open_elements.iter().rev().map_while(|open| open.raw);
        let Some(inside) = raw_elements.into_iter().position(|name| name == tag) else {
            return;
        };
        for _ in 0..=inside {
            self.close_last();
        }
    }
}
