//! What the writer knows while it writes: the open elements and everything gathered for later.

use pulldown_cmark::Alignment;
use pulldown_cmark_escape::escape_html;

use super::Flavour;
use crate::footnotes::Footnotes;
use crate::outline::Outline;
use crate::{highlight, reading};

/// An open element.
pub(super) struct Open {
    /// Where its start tag begins in the output.
    pub(super) start: usize,
    pub(super) close: &'static str,
    /// Its name, if it was typed as HTML.
    pub(super) raw: Option<&'static str>,
}

pub(super) struct Image {
    pub(super) address: String,
    pub(super) title: String,
    pub(super) alt: String,
    /// Images inside its description.
    pub(super) nested: usize,
}

/// An image that was written: where, and where its last attribute but the title ends.
pub(super) struct Picture {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) end_without_title: usize,
    pub(super) title: String,
}

#[derive(Default)]
pub(super) struct Table {
    pub(super) alignments: Vec<Alignment>,
    pub(super) column: usize,
    pub(super) rows: usize,
}

pub(super) struct Writer {
    pub(super) flavour: Flavour,
    pub(super) out: String,
    pub(super) open: Vec<Open>,
    pub(super) depth: usize,
    /// True at the start of a quote, list or item: what comes first there has no `dir` of its own,
    /// because `dir="auto"` looks for a letter only in content without a `dir`.
    pub(super) is_first: bool,
    /// The text of a code or HTML block, which is handled as a whole.
    pub(super) verbatim: Option<String>,
    pub(super) language: String,
    pub(super) highlighter: highlight::Highlighter,
    pub(super) link: Option<String>,
    pub(super) image: Option<Image>,
    pub(super) picture: Option<Picture>,
    pub(super) table: Table,
    pub(super) tables: usize,
    pub(super) outline: Outline,
    pub(super) footnotes: Footnotes,
    /// The text around the footnote definitions that are being written, and their labels.
    pub(super) outside: Vec<(String, String)>,
}

impl Writer {
    pub(super) fn new(flavour: Flavour, length: usize) -> Self {
        Self {
            flavour,
            out: String::with_capacity(length + length / 2),
            open: Vec::new(),
            depth: 0,
            is_first: false,
            verbatim: None,
            language: String::new(),
            highlighter: highlight::Highlighter::default(),
            link: None,
            image: None,
            picture: None,
            table: Table::default(),
            tables: 0,
            outline: Outline::default(),
            footnotes: Footnotes::default(),
            outside: Vec::new(),
        }
    }

    /// Opens an element whose direction follows its own text.
    pub(super) fn open_directed(
        &mut self,
        name: &str,
        attributes: &str,
        close: &'static str,
        holds_blocks: bool,
    ) {
        let dir = if self.is_first { "" } else { " dir=\"auto\"" };
        self.open(&format!("<{name}{attributes}{dir}>"), close);
        self.is_first = holds_blocks;
    }

    pub(super) fn open(&mut self, html: &str, close: &'static str) {
        self.is_first = false;
        self.open.push(Open {
            start: self.out.len(),
            close,
            raw: None,
        });
        self.out.push_str(html);
    }

    pub(super) fn close_last(&mut self) {
        if let Some(open) = self.open.pop() {
            self.close(&open);
        }
    }

    pub(super) fn close(&mut self, open: &Open) {
        // A summary is the name of what it opens.
        if open.raw == Some("summary") && !reading::has_words(&self.out[open.start..]) {
            self.out.push_str("Details");
        }
        self.out.push_str(open.close);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.is_first = false;
        let _infallible = escape_html(&mut self.out, text);
    }
}
