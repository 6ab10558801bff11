//! The blocks and spans of `render` that need more than a start and an end tag.

use std::fmt::Write;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};
use pulldown_cmark_escape::{escape_href, escape_html};

use super::Flavour;
use super::state::{Image, Open, Picture, Table, Writer};
use crate::reading;
use crate::urls::{self, Target};

impl Writer {
    /// Ends a heading: one without words is left out, any other gets its level and its id.
    pub(super) fn end_heading(&mut self, open: &Open, level: usize) {
        let inner = &self.out[open.start..];
        if !reading::has_words(inner) {
            return self.out.truncate(open.start);
        }
        let id = self.outline.id(&reading::words(inner));
        let level = self.outline.level(level);
        let start = open.start..open.start + "<h2".len();
        self.out
            .replace_range(start, &format!("<h{level} id=\"{id}\""));
        let _infallible = writeln!(self.out, "</h{level}>");
    }

    /// Ends a paragraph: an empty one is left out, an image alone becomes a figure.
    pub(super) fn end_paragraph(&mut self, open: &Open) {
        let inner = self.out[open.start..]
            .find('>')
            .map_or(self.out.len(), |at| open.start + at + 1);
        if self.out[inner..].trim().is_empty() {
            return self.out.truncate(open.start);
        }
        let alone = |picture: &Picture| picture.start == inner && picture.end == self.out.len();
        if let Some(picture) = self.picture.take().filter(alone) {
            let image = self.out[picture.start..picture.end_without_title].to_owned();
            self.out.truncate(open.start);
            let _infallible = write!(self.out, "<figure>{image}>");
            if !picture.title.is_empty() {
                self.out.push_str("<figcaption dir=\"auto\">");
                self.text(&picture.title);
                self.out.push_str("</figcaption>");
            }
            self.out.push_str("</figure>\n");
            return;
        }
        self.out.push_str(open.close);
        self.out.push('\n');
    }

    /// Starts a link; an address that may not be used leaves its text alone.
    pub(super) fn start_link(&mut self, address: String, title: &str) {
        let Some(target) = urls::target(&address, urls::LINKS) else {
            return self.open("", "");
        };
        self.open("<a href=\"", "</a>");
        let _infallible = escape_href(&mut self.out, &address);
        self.out.push_str(match (self.flavour, target) {
            (Flavour::Comment, Target::Inside | Target::Outside) => {
                "\" rel=\"nofollow ugc noopener"
            }
            (Flavour::Post, Target::Outside) => "\" rel=\"noopener",
            (Flavour::Post, Target::Inside) => "",
        });
        if !title.is_empty() {
            self.out.push_str("\" title=\"");
            let _infallible = escape_html(&mut self.out, short(title));
        }
        self.out.push_str("\">");
        self.link = Some(address);
    }

    /// Ends a link; one without words shows its address.
    pub(super) fn end_link(&mut self, open: &Open) {
        if let Some(address) = self.link.take()
            && !reading::has_words(&self.out[open.start..])
        {
            self.text(if address.is_empty() { "#" } else { &address });
        }
        self.out.push_str(open.close);
    }

    pub(super) fn start_table(&mut self, alignments: Vec<Alignment>) {
        self.tables += 1;
        self.table = Table {
            alignments,
            ..Table::default()
        };
        // Landmarks need different names.
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

    /// Ends a table; without rows, its header cells head nothing and become plain cells.
    pub(super) fn end_table(&mut self, open: &Open) {
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
        let is_head = self.table.rows == 0;
        let (name, close) = if is_head {
            ("th scope=\"col\"", "</th>")
        } else {
            ("td", "</td>")
        };
        self.open_directed(name, class, close, false);
    }

    /// Ends a cell; a header cell without words heads nothing and is a plain cell.
    pub(super) fn end_cell(&mut self, open: &Open) {
        const HEAD: &str = "<th scope=\"col\"";
        if open.close == "</th>" && !reading::has_words(&self.out[open.start..]) {
            self.out
                .replace_range(open.start..open.start + HEAD.len(), "<td");
            return self.out.push_str("</td>");
        }
        self.out.push_str(open.close);
    }

    pub(super) fn code_block(&mut self, code: &str) {
        self.is_first = false;
        let info = std::mem::take(&mut self.language);
        self.highlighter.block(&mut self.out, &info, code);
    }

    /// Gathers an image's description from what stands inside it.
    pub(super) fn describe(&mut self, event: Event<'_>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Text(text) | Event::Code(text) => image.alt.push_str(&text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            Event::Start(Tag::Image { .. }) => image.nested += 1,
            Event::End(TagEnd::Image) if image.nested > 0 => image.nested -= 1,
            Event::End(TagEnd::Image) => {
                if let Some(image) = self.image.take() {
                    self.image(image);
                }
            }
            _ => {}
        }
    }

    /// Writes an image; one that may not be shown, or stands in a comment, leaves its description.
    fn image(&mut self, image: Image) {
        let (address, width, height) = urls::sized(&image.address);
        let is_shown = self.flavour == Flavour::Post && !address.is_empty();
        if !is_shown || urls::target(address, urls::IMAGES).is_none() {
            return self.text(&image.alt);
        }
        self.is_first = false;
        let start = self.out.len();
        self.out.push_str("<img src=\"");
        let _infallible = escape_href(&mut self.out, address);
        self.out.push_str("\" alt=\"");
        let _infallible = escape_html(&mut self.out, short(&image.alt));
        let _infallible = write!(
            self.out,
            "\" loading=\"lazy\" decoding=\"async\" width=\"{width}\" height=\"{height}\""
        );
        let end_without_title = self.out.len();
        if !image.title.is_empty() {
            self.out.push_str(" title=\"");
            let _infallible = escape_html(&mut self.out, short(&image.title));
            self.out.push('"');
        }
        self.out.push('>');
        let (end, title) = (self.out.len(), image.title);
        self.picture = Some(Picture {
            start,
            end,
            end_without_title,
            title,
        });
    }
}

/// The beginning of a text that becomes an attribute, at most 1,000 characters.
pub(super) fn short(text: &str) -> &str {
    text.char_indices()
        .nth(1_000)
        .map_or(text, |(end, _)| &text[..end])
}
