//! Blocks and spans that need more than a start and an end tag.

use std::fmt::Write;

use pulldown_cmark::{Alignment, BlockQuoteKind, Event, Tag, TagEnd};
use pulldown_cmark_escape::escape_html;

use super::Flavour;
use super::writer::{OpenElement, PendingImage, Table, Writer, WrittenImage};
use crate::characters::truncate;
use crate::plain_text;
use crate::urls::{self, LinkTarget};

impl Writer<'_> {
    /// Ends a heading: removes it if it is empty, otherwise sets its level and id.
    pub(super) fn end_heading(&mut self, open: &OpenElement, level: usize) {
        let inner = &self.out[open.start..];
        if !plain_text::is_visible(inner) {
            return self.out.truncate(open.start);
        }
        let id = self.headings.id(&plain_text::from_html(inner));
        let level = self.headings.level(level);
        let start = open.start..open.start + "<h2".len();
        self.out
            .replace_range(start, &format!("<h{level} id=\"{id}\""));
        let _infallible = writeln!(self.out, "</h{level}>");
    }

    /// Ends a paragraph: removes it if it is empty; a single image becomes a figure.
    pub(super) fn end_paragraph(&mut self, open: &OpenElement) {
        let inner = self.out[open.start..]
            .find('>')
            .map_or(self.out.len(), |at| open.start + at + 1);
        if self.out[inner..].trim().is_empty() {
            return self.out.truncate(open.start);
        }
        let is_alone = |image: &WrittenImage| image.start == inner && image.end == self.out.len();
        if let Some(image) = self.written_image.take().filter(is_alone) {
            let start_tag = self.out[image.start..image.end_without_title].to_owned();
            self.out.truncate(open.start);
            let _infallible = write!(self.out, "<figure>{start_tag}>");
            if !image.title.is_empty() {
                self.out.push_str("<figcaption dir=\"auto\">");
                self.text(&image.title);
                self.out.push_str("</figcaption>");
            }
            self.out.push_str("</figure>\n");
            return;
        }
        self.trim_end();
        self.out.push_str(open.close);
        self.out.push('\n');
    }

    /// Starts a link. If its URL is not allowed, or inside another link, only the text is written.
    pub(super) fn start_link(&mut self, address: String, title: &str) {
        let target = urls::classify(&address, urls::LINK_SCHEMES);
        let Some(target) = target.filter(|_| self.link.is_none()) else {
            return self.open("", "");
        };
        self.open("<a href=\"", "</a>");
        self.out.push_str(&urls::escape(&address));
        self.out.push_str(match (self.flavour, target) {
            (Flavour::Comment, LinkTarget::Internal | LinkTarget::External) => {
                "\" rel=\"nofollow ugc noopener"
            }
            (Flavour::Post, LinkTarget::External) => "\" rel=\"noopener",
            (Flavour::Post, LinkTarget::Internal) => "",
        });
        if !title.is_empty() {
            self.out.push_str("\" title=\"");
            let _infallible = escape_html(&mut self.out, truncate_attribute(title));
        }
        self.out.push_str("\">");
        self.link = Some(address);
    }

    /// Starts a note, `> [!NOTE]`. Its title has a direction of its own, so that the text gives the note's.
    pub(super) fn start_note(&mut self, kind: BlockQuoteKind) {
        let (class, title) = match kind {
            BlockQuoteKind::Note => ("info", "Note"),
            BlockQuoteKind::Tip => ("tip", "Tip"),
            BlockQuoteKind::Important => ("important", "Important"),
            BlockQuoteKind::Warning => ("warning", "Warning"),
            BlockQuoteKind::Caution => ("caution", "Caution"),
        };
        let attributes = format!(" class=\"note {class}\" role=\"note\"");
        self.open_directed("div", &attributes, "</div>", true);
        let _infallible = writeln!(self.out, "<p class=\"note-title\" dir=\"ltr\">{title}</p>");
    }

    pub(super) fn start_table(&mut self, alignments: Vec<Alignment>) {
        self.tables += 1;
        self.table = Table {
            alignments,
            ..Table::default()
        };
        // Landmarks need unique names.
        let number = if self.tables == 1 {
            String::new()
        } else {
            format!(" {}", self.tables)
        };
        let start = format!(
            "<div class=\"table-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table{number}\">\
             <table>\n"
        );
        self.open(&start, "</table></div>\n");
    }

    /// Ends a table. Without rows, its header cells become plain cells.
    pub(super) fn end_table(&mut self, open: &OpenElement) {
        if self.table.rows == 0 {
            let cells = self.out.split_off(open.start);
            self.out.push_str(
                &cells
                    .replace("<th scope=\"col\"", "<td")
                    .replace("</th>", "</td>"),
            );
        } else {
            self.out.push_str("</tbody>\n");
        }
        self.out.push_str(open.close);
    }

    pub(super) fn start_cell(&mut self) {
        let class = match self.table.alignments.get(self.table.column) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            Some(Alignment::None) | None => "",
        };
        self.table.column += 1;
        let is_header = self.table.rows == 0;
        let (name, close) = if is_header {
            ("th scope=\"col\"", "</th>")
        } else {
            ("td", "</td>")
        };
        self.open_directed(name, class, close, false);
    }

    /// Ends a cell. An empty header cell becomes a plain cell.
    pub(super) fn end_cell(&mut self, open: &OpenElement) {
        const HEADER_CELL: &str = "<th scope=\"col\"";
        if open.close == "</th>" && !plain_text::is_visible(&self.out[open.start..]) {
            self.out
                .replace_range(open.start..open.start + HEADER_CELL.len(), "<td");
            return self.out.push_str("</td>");
        }
        self.out.push_str(open.close);
    }

    pub(super) fn code_block(&mut self, code: &str) {
        self.is_first = false;
        let info = std::mem::take(&mut self.language);
        self.highlighter.write_block(&mut self.out, &info, code);
    }

    /// Collects an image's alternative text from its content.
    pub(super) fn collect_alt(&mut self, event: Event<'_>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Text(text) | Event::Code(text) => image.alt.push_str(&text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            Event::Start(Tag::Image { .. }) => image.nested_images += 1,
            Event::End(TagEnd::Image) if image.nested_images > 0 => image.nested_images -= 1,
            Event::End(TagEnd::Image) => {
                if let Some(image) = self.image.take() {
                    self.image(image);
                }
            }
            _ => {}
        }
    }

    /// Writes an image. In a comment, or if its URL is not allowed, only its alternative text is written.
    fn image(&mut self, image: PendingImage) {
        let (address, size) = urls::split_size(&image.address);
        let source = urls::image_source(address).filter(|_| self.flavour == Flavour::Post);
        let Some(source) = source else {
            return self.text(&image.alt);
        };
        self.is_first = false;
        self.images += 1;
        let start = self.out.len();
        self.out.push_str("<img src=\"");
        self.out.push_str(&urls::escape(&source));
        self.out.push_str("\" alt=\"");
        let _infallible = escape_html(&mut self.out, truncate_attribute(&image.alt));
        // The first picture may be what readers wait for.
        let loading = if self.images == 1 { "eager" } else { "lazy" };
        let _infallible = write!(self.out, "\" loading=\"{loading}\" decoding=\"async\"");
        if let Some((width, height)) = size {
            let _infallible = write!(self.out, " width=\"{width}\" height=\"{height}\"");
        }
        let end_without_title = self.out.len();
        if !image.title.is_empty() {
            self.out.push_str(" title=\"");
            let _infallible = escape_html(&mut self.out, truncate_attribute(&image.title));
            self.out.push('"');
        }
        self.out.push('>');
        let (end, title) = (self.out.len(), image.title);
        self.written_image = Some(WrittenImage {
            start,
            end,
            end_without_title,
            title,
        });
    }
}

/// Truncates an attribute value to 1,000 characters.
pub(super) fn truncate_attribute(text: &str) -> &str {
    truncate(text, 1_000)
}
