//! Footnotes, numbered by first reference and listed at the end.

use std::collections::HashMap;
use std::fmt::Write;

/// Footnotes of one document.
#[derive(Default)]
pub(crate) struct Footnotes {
    /// Index into `notes` by lower-case label.
    indices: HashMap<String, usize>,
    notes: Vec<Note>,
}

#[derive(Default)]
struct Note {
    html: String,
    /// True once a reference has the id that the back link points to.
    has_back_link: bool,
}

impl Footnotes {
    fn index(&mut self, label: &str) -> usize {
        let index = *self
            .indices
            .entry(label.to_lowercase())
            .or_insert(self.notes.len());
        if index == self.notes.len() {
            self.notes.push(Note::default());
        }
        index
    }

    /// Writes a reference. Inside a link it is only a number, because links cannot nest.
    pub(crate) fn write_reference(&mut self, out: &mut String, label: &str, inside_link: bool) {
        let index = self.index(label);
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

    /// Stores the HTML of a definition. Definitions with one label are joined.
    pub(crate) fn define(&mut self, label: &str, html: &str) {
        let index = self.index(label);
        self.notes[index].html.push_str(html);
    }

    /// Writes the list of notes, each with a link back to its first reference.
    pub(crate) fn write_list(self, out: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        out.push_str("<section class=\"footnotes\" aria-label=\"Footnotes\">\n<ol>\n");
        for (number, note) in (1..).zip(self.notes) {
            let back = if note.has_back_link {
                format!(
                    " <a class=\"fn-back\" href=\"#fn-{number}-ref\" \
                     aria-label=\"Back to reference {number}\">↩</a>"
                )
            } else {
                String::new()
            };
            let html = note.html.trim_end();
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
