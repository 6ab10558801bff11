//! Names of people as they are shown.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::InvalidName;
use crate::names::names;
use crate::search::is_invisible;

names! {
    /// A person's name as it is shown: 1 to 80 characters in any script, composed (NFC), on one line, without marks that are not
    /// seen or that reach into other lines.
    DisplayName;
}

/// The most marks on one letter: some scripts need three.
const MAX_MARKS: usize = 4;

impl DisplayName {
    /// The most characters of a name.
    pub const MAX: usize = 80;

    /// Takes `text` as a name; blanks around it go, those within become single spaces.
    ///
    /// # Errors
    /// When it is empty, too long, or could be taken for another name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let composed: String = text.nfc().collect();
        let words: Vec<&str> = composed.split_whitespace().collect();
        let name = words.join(" ");
        if !name.chars().any(char::is_alphanumeric) {
            return Err(InvalidName("Please give a name that people can read."));
        }
        if name.chars().count() > Self::MAX {
            return Err(InvalidName("A name has at most 80 characters."));
        }
        if has_hidden_marks(&name) {
            return Err(InvalidName(
                "The name has a mark that is not seen. Please type it anew.",
            ));
        }
        if has_heap_of_marks(&name) {
            return Err(InvalidName("The name has too many marks on one letter."));
        }
        if words.iter().any(|word| mixes_scripts(word)) {
            return Err(InvalidName(
                "A word of the name has letters of different alphabets that look alike. Please type it in one alphabet.",
            ));
        }
        Ok(Self(name))
    }
}

/// Controls, and what Unicode lets a screen ignore; a joiner between two letters or pictures that are not ASCII, and the form of a
/// picture, are part of what is seen.
fn has_hidden_marks(name: &str) -> bool {
    const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
    const PICTURE: char = '\u{fe0f}';
    let characters: Vec<char> = name.chars().collect();
    let is_shaped =
        |c: Option<&char>| c.is_some_and(|c| !c.is_ascii() && (*c == PICTURE || !is_invisible(*c)));
    characters.iter().enumerate().any(|(at, c)| {
        let (before, after) = (at.checked_sub(1), at + 1);
        let follows = is_shaped(before.and_then(|at| characters.get(at)));
        if JOINERS.contains(c) {
            return !(follows && is_shaped(characters.get(after)));
        }
        if *c == PICTURE {
            return !follows;
        }
        c.is_control()
            || is_invisible(*c)
            || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffd}')
    })
}

fn has_heap_of_marks(name: &str) -> bool {
    let mut marks = 0;
    name.chars().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > MAX_MARKS
    })
}

/// True if letters of Latin, Greek, Cyrillic, Armenian or Cherokee, many of which look alike, stand together in a word.
fn mixes_scripts(word: &str) -> bool {
    let script = |c: char| match u32::from(c) {
        _ if !c.is_alphabetic() => None,
        0x41..=0x24F | 0x1E00..=0x1EFF | 0x2C60..=0x2C7F | 0xA720..=0xA7FF | 0xFF21..=0xFF5A => {
            Some("Latin")
        }
        0x370..=0x3FF | 0x1F00..=0x1FFF => Some("Greek"),
        0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Some("Cyrillic"),
        0x530..=0x58F => Some("Armenian"),
        0x13A0..=0x13FF | 0xAB70..=0xABBF => Some("Cherokee"),
        _ => None,
    };
    let mut scripts = word.chars().filter_map(script);
    let first = scripts.next();
    scripts.any(|other| Some(other) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<String, InvalidName> {
        DisplayName::parse(text).map(String::from)
    }

    #[test]
    fn names_of_every_script_are_taken() {
        for given in [
            "Ada Lovelace",
            "Jean-Luc O’Neill, Jr.",
            "Zoë",
            "Łukasz Żółć",
            "夜 明け",
            "Ада Лавлейс",
            "Άδα",
            "شیرین نظام\u{200c}مافی",
            "שירה",
            "நிலா",
            "ཀྲིས",
            "Ada 夜",
            "Ada Ада",
            "X Æ A-12",
            "👩\u{200d}💻 Ada",
            "Ada ❤\u{fe0f}",
            "4chan fan",
        ] {
            assert_eq!(name(given), Ok(given.nfc().collect()), "{given}");
        }
    }

    #[test]
    fn blanks_are_tidied_and_letters_composed() {
        assert_eq!(
            name("  Ada \t\u{a0} Lovelace\n"),
            Ok("Ada Lovelace".to_owned())
        );
        assert_eq!(name("Zoe\u{308}"), Ok("Zoë".to_owned()));
        assert_eq!(
            name(&"夜".repeat(80)).map(|name| name.chars().count()),
            Ok(80)
        );
    }

    #[test]
    fn what_could_mislead_is_refused() {
        for (text, what) in [
            ("", "readable"),
            (" ", "readable"),
            ("!?", "readable"),
            ("\u{200b}", "readable"),
            ("Ada\u{200b}", "zero width"),
            ("Ad\u{200d}a", "a joiner in Latin"),
            ("\u{202e}adA", "an override"),
            ("Ada\u{2066}", "an isolate"),
            ("Ada\u{ad}", "a soft hyphen"),
            ("Ada\u{feff}", "a byte order mark"),
            ("Ada\u{e0041}", "a tag"),
            ("Ada\u{e000}", "private use"),
            ("Ada\u{fffd}", "a replacement"),
            ("Ada\0", "NUL"),
            ("Ada\u{1b}[0m", "an escape"),
            ("Ada\u{fe0f}", "a variation of a letter"),
            ("Аda", "Cyrillic A in Latin"),
            ("Adα", "Greek in Latin"),
            ("A\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", "a heap"),
        ] {
            assert!(name(text).is_err(), "{what}");
        }
        assert!(name(&"a".repeat(81)).is_err());
    }
}
