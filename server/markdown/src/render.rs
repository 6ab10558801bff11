//! Renderer: parser events to well-formed HTML.
//!
//! One stack holds every open element, from Markdown and from raw HTML, so that elements always
//! close in order. The output is not trusted: `sanitise` cleans it afterwards.

mod blocks;
mod raw_html;
mod writer;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Tag, TagEnd};

use crate::footnotes::Footnotes;
use crate::{events, source};
use writer::{PendingImage, Writer};

/// Elements nested deeper than this lose their tags but keep their text.
const MAX_NESTING: usize = 24;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Full syntax.
    Post,
    /// A small subset.
    Comment,
}

/// Renders Markdown to HTML that must still be sanitised.
pub(crate) fn html(markdown: &str, flavour: Flavour) -> String {
    let options = match flavour {
        Flavour::Post => {
            Options::ENABLE_TABLES
                | Options::ENABLE_FOOTNOTES
                | Options::ENABLE_STRIKETHROUGH
                | Options::ENABLE_TASKLISTS
                | Options::ENABLE_GFM
        }
        Flavour::Comment => Options::empty(),
    };
    let source = source::prepare(markdown);
    let events = events::parse(&source, options, flavour == Flavour::Comment);
    let (body, footnotes) = Footnotes::split(events);
    Writer::new(flavour, markdown.len(), footnotes).document(body)
}

impl<'a> Writer<'a> {
    fn document(mut self, body: Vec<Event<'a>>) -> String {
        self.events(body);
        let mut document = std::mem::take(&mut self.out);
        self.is_note = true;
        let mut notes = Vec::new();
        while let Some(content) = self.footnotes.take_content(notes.len()) {
            self.is_first = true;
            self.events(content);
            notes.push(std::mem::take(&mut self.out));
        }
        self.footnotes.write_list(&mut document, &notes);
        self.headings.resolve_links(&document)
    }

    /// Writes events that are complete: all elements are closed after them.
    fn events(&mut self, events: Vec<Event<'a>>) {
        for event in events {
            self.event(event);
        }
        while !self.open_elements.is_empty() {
            self.close_last();
        }
    }

    fn event(&mut self, event: Event<'_>) {
        if self.image.is_some() {
            return self.collect_alt(event);
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) if self.verbatim.is_some() => {
                self.verbatim.get_or_insert_default().push_str(&text);
            }
            Event::InlineHtml(text) | Event::Html(text) if self.flavour == Flavour::Post => {
                self.raw_html(&text, false);
            }
            Event::Text(text) | Event::InlineHtml(text) | Event::Html(text) => self.text(&text),
            Event::Code(text) => {
                self.open("<code>", "</code>");
                self.text(&text);
                self.close_last();
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule if self.flavour == Flavour::Post => self.out.push_str("<hr>\n"),
            Event::FootnoteReference(label) => {
                self.footnotes
                    .write_reference(&mut self.out, &label, self.link.is_some());
            }
            Event::TaskListMarker(true) => {
                self.out
                    .push_str("<input type=\"checkbox\" disabled checked aria-label=\"done\"> ");
            }
            Event::TaskListMarker(false) => {
                self.out
                    .push_str("<input type=\"checkbox\" disabled aria-label=\"to do\"> ");
            }
            // Rules are dropped in comments; math is not enabled.
            Event::Rule | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if is_nesting(&tag.to_end()) {
            self.depth += 1;
        }
        if self.is_dropped(&tag.to_end()) {
            return self.out.push(' ');
        }
        match tag {
            Tag::Heading { .. } if self.has_headings() => self.open_directed("h2", "", "", false),
            Tag::Paragraph | Tag::Heading { .. } => self.open_directed("p", "", "</p>", false),
            Tag::BlockQuote(None) => self.open_directed("blockquote", "", "</blockquote>", true),
            Tag::BlockQuote(Some(kind)) => self.start_note(kind),
            Tag::List(None) => self.open_directed("ul", "", "</ul>", true),
            Tag::List(Some(1)) => self.open_directed("ol", "", "</ol>", true),
            Tag::List(Some(first)) => {
                self.open_directed("ol", &format!(" start=\"{first}\""), "</ol>", true);
            }
            Tag::Item => self.open_directed("li", "", "</li>", true),
            Tag::CodeBlock(kind) => {
                self.language = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.verbatim = Some(String::new());
            }
            Tag::HtmlBlock if self.flavour == Flavour::Post => self.verbatim = Some(String::new()),
            Tag::HtmlBlock => self.open_directed("p", "", "</p>", false),
            Tag::Table(alignments) => self.start_table(alignments),
            Tag::TableHead => self.open("<thead><tr>", "</tr></thead>\n"),
            Tag::TableRow => {
                self.table.column = 0;
                self.table.rows += 1;
                let is_first_row = self.table.rows == 1;
                self.open(
                    if is_first_row {
                        "<tbody>\n<tr>"
                    } else {
                        "<tr>"
                    },
                    "</tr>\n",
                );
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.open("<em>", "</em>"),
            Tag::Strong => self.open("<strong>", "</strong>"),
            Tag::Strikethrough => self.open("<del>", "</del>"),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => {
                let is_email = link_type == LinkType::Email;
                let scheme = if is_email { "mailto:" } else { "" };
                self.start_link(format!("{scheme}{dest_url}"), &title);
            }
            Tag::Image {
                dest_url, title, ..
            } => {
                let (address, title) = (dest_url.into_string(), title.into_string());
                self.image = Some(PendingImage {
                    address,
                    title,
                    alt: String::new(),
                    nested_images: 0,
                });
            }
            // Not enabled, or written at the end.
            Tag::FootnoteDefinition(_)
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition => self.open("", ""),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let is_dropped = self.is_dropped(&tag);
        if is_nesting(&tag) {
            self.depth -= 1;
        }
        if is_dropped {
            return;
        }
        if let Some(text) = self.verbatim.take() {
            return match tag {
                TagEnd::CodeBlock => self.code_block(&text),
                _ => self.raw_html(&text, true),
            };
        }
        while let Some(open) = self.open_elements.pop_if(|open| open.raw.is_some()) {
            self.close(&open);
        }
        let Some(open) = self.open_elements.pop() else {
            return;
        };
        let is_empty = std::mem::replace(&mut self.is_first, false);
        match tag {
            TagEnd::BlockQuote(Some(_)) if is_empty => self.out.truncate(open.start),
            TagEnd::Heading(level) if self.has_headings() => {
                self.end_heading(&open, level as usize)
            }
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => self.end_paragraph(&open),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => {
                self.close(&open);
                self.out.push('\n');
            }
            TagEnd::Table => self.end_table(&open),
            TagEnd::TableCell => self.end_cell(&open),
            _ => self.close(&open),
        }
    }

    /// Comments have no headings, nor have footnotes, which move to the end of the document.
    fn has_headings(&self) -> bool {
        self.flavour == Flavour::Post && !self.is_note
    }

    /// True for a tag that is nested too deeply to be written.
    fn is_dropped(&self, tag: &TagEnd) -> bool {
        let is_inner_part = matches!(
            tag,
            TagEnd::Item | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell
        );
        self.depth > MAX_NESTING && (is_inner_part || is_nesting(tag))
    }
}

/// Matches elements that Markdown can nest without limit.
fn is_nesting(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::Table
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
    )
}
