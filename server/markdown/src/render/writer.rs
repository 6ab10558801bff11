//! The HTML writer's state: open elements and content collected for later.

use pulldown_cmark::Alignment;
use pulldown_cmark_escape::escape_html;

use super::Flavour;
use crate::footnotes::Footnotes;
use crate::headings::Headings;
use crate::{highlight, plain_text, urls};

pub(super) struct OpenElement {
    /// Byte offset of its start tag in the output.
    pub(super) start: usize,
    pub(super) close: &'static str,
    /// Tag name, if it was raw HTML.
    pub(super) raw: Option<&'static str>,
}

/// An image whose alternative text is still being read.
pub(super) struct PendingImage {
    pub(super) address: String,
    pub(super) title: String,
    pub(super) alt: String,
    /// Open images inside its alternative text.
    pub(super) nested_images: usize,
}

/// Byte range of an image in the output; `end_without_title` is the end of the attributes before `title`.
pub(super) struct WrittenImage {
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

pub(super) struct Writer<'a> {
    pub(super) flavour: Flavour,
    pub(super) out: String,
    pub(super) open_elements: Vec<OpenElement>,
    pub(super) depth: usize,
    /// True at the start of a quote, list or item. The first child there gets no `dir` of its own,
    /// because `dir="auto"` ignores descendants that have a `dir`.
    pub(super) is_first: bool,
    /// Content of the current code or HTML block, which is processed as a whole.
    pub(super) verbatim: Option<String>,
    pub(super) language: String,
    pub(super) highlighter: highlight::Highlighter,
    pub(super) link: Option<String>,
    pub(super) image: Option<PendingImage>,
    pub(super) written_image: Option<WrittenImage>,
    pub(super) table: Table,
    pub(super) tables: usize,
    pub(super) images: usize,
    pub(super) headings: Headings,
    pub(super) footnotes: Footnotes<'a>,
    /// True while the footnotes are written, after the document.
    pub(super) is_note: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(flavour: Flavour, length: usize, footnotes: Footnotes<'a>) -> Self {
        Self {
            flavour,
            out: String::with_capacity(length + length / 2),
            open_elements: Vec::new(),
            depth: 0,
            is_first: false,
            verbatim: None,
            language: String::new(),
            highlighter: highlight::Highlighter::default(),
            link: None,
            image: None,
            written_image: None,
            table: Table::default(),
            tables: 0,
            images: 0,
            headings: Headings::default(),
            footnotes,
            is_note: false,
        }
    }

    /// Opens an element with `dir="auto"`.
    pub(super) fn open_directed(
        &mut self,
        name: &str,
        attributes: &str,
        close: &'static str,
        contains_blocks: bool,
    ) {
        let dir = if self.is_first { "" } else { " dir=\"auto\"" };
        self.open(&format!("<{name}{attributes}{dir}>"), close);
        self.is_first = contains_blocks;
    }

    pub(super) fn open(&mut self, html: &str, close: &'static str) {
        self.is_first = false;
        self.open_elements.push(OpenElement {
            start: self.out.len(),
            close,
            raw: None,
        });
        self.out.push_str(html);
    }

    pub(super) fn close_last(&mut self) {
        if let Some(open) = self.open_elements.pop() {
            self.close(&open);
        }
    }

    pub(super) fn close(&mut self, open: &OpenElement) {
        // A summary is the accessible name of its details.
        if open.raw == Some("summary") && !plain_text::is_visible(&self.out[open.start..]) {
            self.out.push_str("Details");
        }
        match open.close {
            "</a>" => self.end_link(open),
            "</p>\n" | "</summary>" => self.trim_end(),
            _ => {}
        }
        self.out.push_str(open.close);
    }

    /// Ends the text of a link. If it is not visible, the URL is shown. A link of a post whose text is its URL is marked: print
    /// shows that once. (Comments are printed without URLs.)
    fn end_link(&mut self, open: &OpenElement) {
        let Some(address) = self.link.take() else {
            return;
        };
        if !plain_text::is_visible(&self.out[open.start..]) {
            let is_shown = address.chars().any(plain_text::is_visible_char);
            self.text(if is_shown { &address } else { "#" });
        }
        let element = &self.out[open.start..];
        let text = plain_text::from_html(element);
        if self.flavour == Flavour::Post && urls::is_same_page(text.trim(), &address) {
            let end = open.start + plain_text::tag_end(element) - 1;
            self.out.insert_str(end, " class=\"bare\"");
        }
    }

    /// Removes white space at the end of a paragraph, which a dropped tag may have left.
    pub(super) fn trim_end(&mut self) {
        self.out.truncate(self.out.trim_end().len());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.is_first = false;
        let _infallible = escape_html(&mut self.out, text);
    }
}
