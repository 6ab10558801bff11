//! Heading levels and ids.

use std::collections::HashMap;

/// Maximum id length in characters, without prefix and number.
const MAX_ID_CHARS: usize = 60;

/// Headings seen so far in one document.
#[derive(Default)]
pub(crate) struct Headings {
    /// Source levels of the enclosing headings, outermost first.
    ancestors: Vec<usize>,
    /// Number of times each id was requested.
    ids: HashMap<String, usize>,
}

impl Headings {
    /// Maps a source level (1 to 6) to the rendered level: the outermost headings are `h2`, and
    /// no level is skipped.
    pub(crate) fn level(&mut self, level: usize) -> usize {
        while self
            .ancestors
            .pop_if(|ancestor| *ancestor >= level)
            .is_some()
        {}
        self.ancestors.push(level);
        (self.ancestors.len() + 1).min(6)
    }

    /// Returns a unique id for a heading with this text.
    pub(crate) fn id(&mut self, text: &str) -> String {
        let slug = slug(text);
        let mut id = slug.clone();
        loop {
            if !self.ids.contains_key(&id) {
                self.ids.insert(id.clone(), 1);
                return format!("h-{id}");
            }
            let count = self.ids.entry(slug.clone()).or_insert(1);
            *count += 1;
            id = format!("{slug}-{count}");
        }
    }
}

/// Lower-cases letters and digits, and joins words with hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase).take(MAX_ID_CHARS) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') && letter != '\'' && letter != '’' {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() {
        slug.push_str("section");
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_start_at_two_without_gaps() {
        for (written, expected) in [
            (&[1, 2, 3, 4, 5, 6][..], &[2, 3, 4, 5, 6, 6][..]),
            (&[2, 2, 3, 2], &[2, 2, 3, 2]),
            (&[1, 4, 4, 2, 6], &[2, 3, 3, 3, 4]),
            (&[3, 1, 2], &[2, 2, 3]),
        ] {
            let mut headings = Headings::default();
            let levels: Vec<_> = written.iter().map(|level| headings.level(*level)).collect();
            assert_eq!(levels, expected, "{written:?}");
        }
    }

    #[test]
    fn ids_are_readable_and_unique() {
        let mut headings = Headings::default();
        for (text, expected) in [
            ("Hello, World!", "h-hello-world"),
            ("Hello  world", "h-hello-world-2"),
            ("Hello world 2", "h-hello-world-2-2"),
            ("hello world", "h-hello-world-3"),
            ("Don’t panic", "h-dont-panic"),
            ("Привет, мир", "h-привет-мир"),
            ("日本語", "h-日本語"),
            ("🙂", "h-section"),
            ("", "h-section-2"),
        ] {
            assert_eq!(headings.id(text), expected);
        }
        assert_eq!(headings.id(&"a".repeat(500)).len(), 2 + MAX_ID_CHARS);
    }
}
