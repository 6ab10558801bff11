//! Footnotes: numbered in the order in which they are first met, listed at the end.

use std::collections::HashMap;
use std::fmt::Write;

/// The footnotes of one text.
#[derive(Default)]
pub(crate) struct Footnotes {
    /// Position in `notes` by label; labels ignore case.
    positions: HashMap<String, usize>,
    notes: Vec<Note>,
}

#[derive(Default)]
struct Note {
    html: String,
    /// Whether a reference carries the id that the way back leads to.
    is_linked: bool,
}

impl Footnotes {
    fn position(&mut self, label: &str) -> usize {
        let position = *self
            .positions
            .entry(label.to_lowercase())
            .or_insert(self.notes.len());
        if position == self.notes.len() {
            self.notes.push(Note::default());
        }
        position
    }

    /// Writes a reference; inside a link only its number, because links do not nest.
    pub(crate) fn refer(&mut self, out: &mut String, label: &str, inside_link: bool) {
        let position = self.position(label);
        let number = position + 1;
        let _infallible = if inside_link {
            write!(out, "<sup>{number}</sup>")
        } else {
            let is_first = !std::mem::replace(&mut self.notes[position].is_linked, true);
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

    /// Keeps the content of a note. A label defined twice is one note.
    pub(crate) fn define(&mut self, label: &str, html: &str) {
        let position = self.position(label);
        self.notes[position].html.push_str(html);
    }

    /// Writes the list of all notes, each with the way back to its first reference.
    pub(crate) fn finish(self, out: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        out.push_str("<section class=\"footnotes\" aria-label=\"Footnotes\">\n<ol>\n");
        for (number, note) in (1..).zip(self.notes) {
            let back = if note.is_linked {
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
