//! Recognises English text, by the words that every English sentence is made of.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

use crate::characters::is_east_asian;
use crate::quotes::{DOUBLE, SINGLE};

/// Frequent English words that are rare in other languages: no "in", "is", "was" or "he".
const ENGLISH: &str = "about after against also although always and another anything asked because been before being \
    between both but came could did didn doesn does don each even every everything first from good had having her \
    here himself how into its just knew know like little made many might must myself never nothing not off only other \
    our out own people said same says she should since something still such than that the their them then there these \
    they thing things think this those though thought through under until very want way well went were what when where \
    which while who whole whom whose why with without word words would write wrote years yes you your";

/// Frequent words of other languages in the Latin script, which tell a foreign sentence that names something English.
const FOREIGN: &str = "aan aber att auch auf av avec az bei bir cu da dan dans das de dei del della dem den \
    der des det di dla dos du e een egy ein eine el ella els en er era es est et eu fra für gli han hanno het hij \
    ich il ile ils io ist ja jag je jest jeg ke kein la las le les lo los lui mais med mein mit na nach nie nicht niet \
    och og om ook os ou oder para pas pero por pour qu que qui sa się ses si sie sind som sono sont su sur te til \
    tu um una und une uno van ve ver vom von voor wir y ya yang za ze zijn zu zum zur";

static ENGLISH_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| ENGLISH.split_whitespace().collect());
static FOREIGN_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| FOREIGN.split_whitespace().collect());

/// Numbers of words.
#[derive(Default)]
struct Words {
    all: usize,
    english: usize,
    foreign: usize,
}

impl Words {
    /// Returns true if at least one word in eight is a frequent English one, and fewer are foreign.
    fn are_english(&self) -> bool {
        self.english * 8 >= self.all && self.english > self.foreign
    }

    fn count(&mut self, text: &str) {
        let is_between = |letter: char| {
            !letter.is_alphabetic() && !is_combining_mark(letter) && !is_apostrophe(letter)
        };
        for word in text.split(is_between) {
            let word = word.trim_matches(is_apostrophe);
            if word.is_empty() {
                continue;
            }
            // Text without spaces is not one word.
            let east_asian = word.chars().filter(|letter| is_east_asian(*letter));
            let count = east_asian.count().max(1);
            self.all += count;
            let word = word.replace(is_apostrophe, "'").to_ascii_lowercase();
            if ENGLISH_WORDS.contains(word.as_str()) || is_contraction(&word) {
                self.english += 1;
            } else if !word.is_ascii() || FOREIGN_WORDS.contains(word.as_str()) {
                self.foreign += count;
            }
        }
    }
}

/// Returns true for English texts. What they quote may be of any language, and says nothing unless it
/// is all there is.
pub(crate) fn is_english<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut words, mut quoted) = (Words::default(), Words::default());
    for text in texts {
        let mut pieces = text.split(DOUBLE).peekable();
        let mut is_quoted = false;
        while let Some(piece) = pieces.next() {
            if is_quoted && pieces.peek().is_some() {
                quoted.count(piece);
            } else {
                words.count(piece);
            }
            is_quoted = !is_quoted;
        }
    }
    if words.all > 0 { words } else { quoted }.are_english()
}

/// Matches words such as "don't", "I'm", "they'll" and "it's".
fn is_contraction(word: &str) -> bool {
    match word.split_once('\'') {
        Some((head, "t")) => head.ends_with('n'),
        Some((_, "ll" | "m" | "re" | "ve")) => true,
        Some((head, "s")) => [
            "he", "here", "how", "it", "let", "she", "that", "there", "what", "where", "who",
        ]
        .contains(&head),
        Some(_) | None => false,
    }
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | SINGLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart_by_their_frequent_words() {
        for (is_expected, text) in [
            (true, "\"Hello,\" she said."),
            (true, "It is \"good\" to be here."),
            (true, "I don't \"know\" yet."),
            (true, "\"The whole sentence is quoted.\""),
            (true, "The \"Zeitgeist\" of a city, as we say."),
            (false, "\"Wow\""),
            (false, "Ze zei \"ja\" maar hij was er niet over die man."),
            (false, "Das war \"gut\" so, und der Mann will in den Wald."),
            (
                false,
                "Der Film \"The Good, the Bad and the Ugly\" lief gestern.",
            ),
            (false, "J'aime \"The Wall\" de Pink Floyd."),
            (false, "Han var der \"igen\" og hun have for at se her."),
            (false, "He dicho \"no\" a tu hermano."),
            (false, "Are \"mere\" si pere."),
            (false, "To jest \"dom\", a to my."),
            (false, "Ben \"evet\" dedim."),
            (false, "Anh nói \"có\" với tôi."),
            (false, "私は\"hello\"と言った。the"),
            (false, ""),
        ] {
            let marked = text.replace('"', &DOUBLE.to_string());
            assert_eq!(
                is_english([marked.as_str()].into_iter()),
                is_expected,
                "{text}"
            );
        }
    }
}
