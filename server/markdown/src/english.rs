//! Recognises English text, by the words that every English sentence is made of.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

use crate::characters::is_east_asian;
use crate::quotes::SINGLE;

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

/// Returns true if at least one word in eight is a frequent English one, and fewer are foreign.
pub(crate) fn is_english<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut all, mut english, mut foreign) = (0, 0, 0);
    let is_between = |letter: char| {
        !letter.is_alphabetic() && !is_combining_mark(letter) && !is_apostrophe(letter)
    };
    for word in texts.flat_map(|text| text.split(is_between)) {
        let word = word.trim_matches(is_apostrophe);
        if word.is_empty() {
            continue;
        }
        // Text without spaces is not one word.
        let count = word
            .chars()
            .filter(|letter| is_east_asian(*letter))
            .count()
            .max(1);
        all += count;
        let word = word.replace(is_apostrophe, "'").to_ascii_lowercase();
        if ENGLISH_WORDS.contains(word.as_str()) || is_contraction(&word) {
            english += 1;
        } else if !word.is_ascii() || FOREIGN_WORDS.contains(word.as_str()) {
            foreign += count;
        }
    }
    english * 8 >= all && english > foreign
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
