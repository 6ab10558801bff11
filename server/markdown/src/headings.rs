//! Heading levels and ids, and the links to them.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use pulldown_cmark_escape::escape_href;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::characters::truncate;

/// Maximum id length in characters, without prefix and number.
const MAX_ID_CHARS: usize = 60;

/// Headings seen so far in one document.
#[derive(Default)]
pub(crate) struct Headings {
    /// Source levels of the enclosing headings, outermost first.
    ancestors: Vec<usize>,
    /// Number of times each id was requested.
    ids: HashMap<String, usize>,
    /// First id of each slug, by the slug's letters and digits alone.
    ids_by_letters: HashMap<String, String>,
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
                self.ids_by_letters
                    .entry(letters(&slug))
                    .or_insert_with(|| id.clone());
                return format!("h-{id}");
            }
            let count = self.ids.entry(slug.clone()).or_insert(1);
            *count += 1;
            id = format!("{slug}-{count}");
        }
    }

    /// Makes links to headings lead there. Only a link begins like this, because text has no "<".
    pub(crate) fn resolve_links(&self, html: &str) -> String {
        const LINK: &str = "<a href=\"#";
        let mut out = String::with_capacity(html.len());
        let mut pieces = html.split(LINK);
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            out.push_str(LINK);
            let (fragment, rest) = piece.split_at(piece.find('"').unwrap_or(0));
            let decoded = html_escape::decode_html_entities(fragment);
            let decoded = percent_decode_str(&decoded).decode_utf8_lossy();
            match self.find(&decoded) {
                Some(id) => {
                    let _infallible = escape_href(&mut out, &id);
                }
                None => out.push_str(fragment),
            }
            out.push_str(rest);
        }
        out
    }

    /// Returns the id of the heading that a fragment means: its id, its text, or its id on a site that
    /// makes ids in another way, such as `whats-new` for "What’s new?" or `foobar` for "foo.bar".
    fn find(&self, fragment: &str) -> Option<String> {
        if fragment.is_empty() {
            return None;
        }
        let slug = slug(fragment.strip_prefix("h-").unwrap_or(fragment));
        if self.ids.contains_key(&slug) {
            return Some(format!("h-{slug}"));
        }
        let id = self
            .ids_by_letters
            .get(&letters(&slug))
            .cloned()
            .or_else(|| self.id_counted_from_zero(&slug))?;
        Some(format!("h-{id}"))
    }

    /// Returns the id of the second heading with one text for a link such as `#usage-1`, as sites write
    /// it that count the repetitions.
    fn id_counted_from_zero(&self, slug: &str) -> Option<String> {
        let (slug, repetitions) = slug.rsplit_once('-')?;
        let number = repetitions.parse::<usize>().ok()?.checked_add(1)?;
        Some(format!("{slug}-{number}")).filter(|id| self.ids.contains_key(id))
    }
}

/// Lower-cases letters and digits, keeps the marks and joiners that belong to them, and joins words
/// with hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    let lower: String = text.nfc().flat_map(char::to_lowercase).nfc().collect();
    for letter in truncate(&lower, MAX_ID_CHARS).chars() {
        let continues = !slug.is_empty() && !slug.ends_with('-');
        if letter.is_alphanumeric() || (continues && is_joined(letter)) {
            slug.push(letter);
        } else if continues && !is_apostrophe(letter) {
            slug.push('-');
        }
    }
    let end = slug.trim_end_matches(|last| last == '-' || is_joiner(last));
    slug.truncate(end.len());
    if slug.is_empty() {
        slug.push_str("section");
    }
    slug
}

fn letters(slug: &str) -> String {
    slug.chars()
        .filter(|letter| letter.is_alphanumeric() || is_combining_mark(*letter))
        .collect()
}

/// Matches what belongs to the letter before it.
fn is_joined(letter: char) -> bool {
    is_combining_mark(letter) || is_joiner(letter)
}

/// Matches the zero-width joiner and non-joiner, which are part of the spelling of Persian and of
/// Indic languages.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Matches apostrophes, and the Hebrew geresh and gershayim, which end no word.
fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '\u{5f3}' | '\u{5f4}')
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
            ("हिन्दी में", "h-हिन्दी-में"),
            ("தமிழ் நாடு", "h-தமிழ்-நாடு"),
            ("ภาษาไทย ที่นี่", "h-ภาษาไทย-ที่นี่"),
            ("မြန်မာ ဘာသာ", "h-မြန်မာ-ဘာသာ"),
            ("שָׁלוֹם עוֹלָם", "h-שָׁלוֹם-עוֹלָם"),
            ("צה״ל", "h-צהל"),
            ("می\u{200c}خواهم", "h-می\u{200c}خواهم"),
            ("Cafe\u{301} re\u{301}sume\u{301}", "h-café-résumé"),
            ("Café résumé", "h-café-résumé-2"),
            ("\u{301}a", "h-a"),
        ] {
            assert_eq!(headings.id(text), expected);
        }
        assert_eq!(headings.id(&"a".repeat(500)).len(), 2 + MAX_ID_CHARS);
        // The last letter keeps its vowel sign, or is left out with it.
        let id = headings.id(&format!("{}हिन्दी", "a".repeat(MAX_ID_CHARS - 1)));
        assert_eq!(id, format!("h-{}", "a".repeat(MAX_ID_CHARS - 1)));
    }
}
