//! Footnotes, numbered by first reference and listed at the end.

use std::collections::HashMap;
use std::fmt::Write;

use pulldown_cmark::{Event, Tag, TagEnd};
use unicase::UniCase;

/// Labels are compared as the parser compares them.
type Label = UniCase<String>;

/// Footnotes of one document.
#[derive(Default)]
pub(crate) struct Footnotes<'a> {
    /// Content by label, of notes that were not yet referred to.
    definitions: HashMap<Label, Vec<Event<'a>>>,
    /// Index into `notes` by label.
    indices: HashMap<Label, usize>,
    notes: Vec<Note<'a>>,
}

struct Note<'a> {
    content: Vec<Event<'a>>,
    /// True once a reference has the id that the back link points to.
    has_back_link: bool,
}

impl<'a> Footnotes<'a> {
    /// Separates the definitions from the other events. Of definitions with one label, the first counts.
    pub(crate) fn split(events: Vec<Event<'a>>) -> (Vec<Event<'a>>, Self) {
        let mut footnotes = Self::default();
        let mut body = Vec::with_capacity(events.len());
        let mut open: Vec<(Label, Vec<Event<'a>>)> = Vec::new();
        for event in events {
            match event {
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    open.push((UniCase::new(label.into_string()), Vec::new()));
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    if let Some((label, content)) = open.pop() {
                        footnotes.definitions.entry(label).or_insert(content);
                    }
                }
                event => open
                    .last_mut()
                    .map_or(&mut body, |(_, content)| content)
                    .push(event),
            }
        }
        (body, footnotes)
    }

    fn index(&mut self, label: &str) -> Option<usize> {
        let label = UniCase::new(label.to_owned());
        if let Some(index) = self.indices.get(&label) {
            return Some(*index);
        }
        let content = self.definitions.remove(&label)?;
        self.indices.insert(label, self.notes.len());
        self.notes.push(Note {
            content,
            has_back_link: false,
        });
        Some(self.notes.len() - 1)
    }

    /// Writes a reference. Inside a link it is only a number, because links cannot nest.
    pub(crate) fn write_reference(&mut self, out: &mut String, label: &str, inside_link: bool) {
        let Some(index) = self.index(label) else {
            return;
        };
        let number = index + 1;
        let _infallible = if inside_link {
            write!(out, "<sup>{number}</sup>")
        } else {
            let is_first = !std::mem::replace(&mut self.notes[index].has_back_link, true);
            let id = if is_first {
                format!(" id=\"fn-{number}-ref\"")
            } else {
                String::new()
            };
            write!(
                out,
                "<sup><a class=\"fn-ref\" href=\"#fn-{number}\"{id} \
                 aria-label=\"Footnote {number}\">{number}</a></sup>"
            )
        };
    }

    /// Takes the content of the note with this index, if there is one. Rendering it may add notes.
    pub(crate) fn take_content(&mut self, index: usize) -> Option<Vec<Event<'a>>> {
        let note = self.notes.get_mut(index)?;
        Some(std::mem::take(&mut note.content))
    }

    /// Writes the list of notes, each with a link back to its first reference.
    pub(crate) fn write_list(&self, out: &mut String, notes: &[String]) {
        if notes.is_empty() {
            return;
        }
        out.push_str("<section class=\"footnotes\" aria-label=\"Footnotes\">\n<ol>\n");
        for (number, (note, html)) in (1..).zip(self.notes.iter().zip(notes)) {
            let back = if note.has_back_link {
                format!(
                    " <a class=\"fn-back\" href=\"#fn-{number}-ref\" \
                     aria-label=\"Back to reference {number}\">↩</a>"
                )
            } else {
                String::new()
            };
            let html = html.trim_end();
            let _infallible = match html.strip_suffix("</p>") {
                Some(html) => writeln!(
                    out,
                    "<li id=\"fn-{number}\" dir=\"auto\">{html}{back}</p></li>"
                ),
                None => writeln!(out, "<li id=\"fn-{number}\" dir=\"auto\">{html}{back}</li>"),
            };
        }
        out.push_str("</ol>\n</section>\n");
    }
}
