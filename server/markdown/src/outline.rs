//! Headings: their levels on the page and the ids that links point to.

use std::collections::HashMap;

/// Longest id in characters, without its prefix and number.
const LONGEST: usize = 60;

/// The headings seen so far.
#[derive(Default)]
pub(crate) struct Outline {
    /// Written levels of the headings that enclose this place, outermost first.
    open: Vec<usize>,
    /// How often each id was asked for.
    ids: HashMap<String, usize>,
}

impl Outline {
    /// The level on the page of a heading written at `level` (1 to 6): the outermost are `h2`,
    /// and no level is skipped on the way down.
    pub(crate) fn level(&mut self, level: usize) -> usize {
        while self.open.pop_if(|open| *open >= level).is_some() {}
        self.open.push(level);
        (self.open.len() + 1).min(6)
    }

    /// An id for a heading that reads `text`, different from all others of this text.
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

/// Letters and digits in lower case, joined by hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase).take(LONGEST) {
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
    fn levels_start_at_two_and_skip_none() {
        for (written, expected) in [
            (&[1, 2, 3, 4, 5, 6][..], &[2, 3, 4, 5, 6, 6][..]),
            (&[2, 2, 3, 2], &[2, 2, 3, 2]),
            (&[1, 4, 4, 2, 6], &[2, 3, 3, 3, 4]),
            (&[3, 1, 2], &[2, 2, 3]),
        ] {
            let mut outline = Outline::default();
            let levels: Vec<_> = written.iter().map(|level| outline.level(*level)).collect();
            assert_eq!(levels, expected, "{written:?}");
        }
    }

    #[test]
    fn ids_are_readable_and_unique() {
        let mut outline = Outline::default();
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
            assert_eq!(outline.id(text), expected);
        }
        assert_eq!(outline.id(&"a".repeat(500)).len(), 2 + LONGEST);
    }
}
