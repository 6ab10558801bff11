//! Raw HTML in posts, nested correctly with the elements that Markdown opens.

use std::fmt::Write;

use super::blocks::truncate_attribute;
use super::writer::{OpenElement, Writer};
use crate::raw_html::{self, AllowedTag, RawToken};

const MAX_OPEN_RAW_ELEMENTS: usize = 16;

impl Writer {
    /// Writes raw HTML, either a block between paragraphs or a tag within one.
    pub(super) fn raw_html(&mut self, html: &str, is_block: bool) {
        raw_html::tokenise(html, |token| match token {
            RawToken::Text(text) => {
                self.is_first &= text.trim().is_empty();
                self.out.push_str(text);
            }
            RawToken::Open(tag, source) if is_block || !tag.is_block => self.open_raw(tag, source),
            RawToken::Close(tag) => self.close_raw(tag),
            RawToken::Open(..) => {}
        });
        // Elements left open by a block end with it, except `details`, which may contain other blocks.
        while is_block
            && let Some(open) = self
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
        if (raw_elements >= MAX_OPEN_RAW_ELEMENTS && !is_void)
            || (tag.name == "summary" && parent != Some("details"))
        {
            return;
        }
        let start = self.out.len();
        let _infallible = write!(self.out, "<{}", tag.name);
        for name in tag.attributes {
            if let Some(value) = raw_html::attribute(source, name) {
                let value = if *name == "open" {
                    ""
                } else {
                    truncate_attribute(value)
                };
                let value = value
                    .replace('"', "&quot;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;");
                let _infallible = write!(self.out, " {name}=\"{value}\"");
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

    /// Closes a raw element and those inside it, but never one that Markdown opened.
    fn close_raw(&mut self, tag: &AllowedTag) {
        let raw_elements = self.open_elements.iter().rev().map_while(|open| open.raw);
        let Some(inside) = raw_elements.into_iter().position(|name| name == tag.name) else {
            return;
        };
        for _ in 0..=inside {
            self.close_last();
        }
    }
}
