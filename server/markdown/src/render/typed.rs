//! HTML typed into a post, joined to the elements that Markdown opens.

use std::fmt::Write;

use super::blocks::short;
use super::state::{Open, Writer};
use crate::raw::{self, Piece};

/// Most typed elements that may be open at once.
const MOST: usize = 16;

impl Writer {
    /// Writes typed HTML: between paragraphs as a block, or a single tag within one.
    pub(super) fn raw_html(&mut self, html: &str, is_block: bool) {
        raw::pieces(html, |piece| match piece {
            Piece::Text(text) => {
                self.is_first &= text.trim().is_empty();
                self.out.push_str(text);
            }
            Piece::Open(tag, source) if is_block || !tag.is_block => self.open_raw(tag, source),
            Piece::Close(tag) => self.close_raw(tag),
            Piece::Open(..) => {}
        });
        // What a block leaves open ends with it; only `details` goes on around other blocks.
        while is_block
            && let Some(open) = self
                .open
                .pop_if(|open| open.raw.is_some_and(|raw| raw != "details"))
        {
            self.close(&open);
        }
    }

    fn open_raw(&mut self, tag: &'static raw::Tag, source: &str) {
        let is_alone = tag.close.is_empty();
        let parent = self.open.last().and_then(|open| open.raw);
        let typed = self.open.iter().filter(|open| open.raw.is_some()).count();
        if (typed >= MOST && !is_alone) || (tag.name == "summary" && parent != Some("details")) {
            return;
        }
        let start = self.out.len();
        let _infallible = write!(self.out, "<{}", tag.name);
        for name in tag.attributes {
            if let Some(value) = raw::attribute(source, name) {
                let value = if *name == "open" { "" } else { short(value) };
                let value = value
                    .replace('"', "&quot;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;");
                let _infallible = write!(self.out, " {name}=\"{value}\"");
            }
        }
        self.out.push('>');
        if !is_alone {
            self.open.push(Open {
                start,
                close: tag.close,
                raw: Some(tag.name),
            });
        }
    }

    /// Closes a typed element and those inside it; never one that Markdown opened.
    fn close_raw(&mut self, tag: &raw::Tag) {
        let typed = self.open.iter().rev().map_while(|open| open.raw);
        let Some(inside) = typed.into_iter().position(|name| name == tag.name) else {
            return;
        };
        for _ in 0..=inside {
            self.close_last();
        }
    }
}
