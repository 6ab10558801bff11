//! Quotation marks of English text, and the apostrophes, feet and inches among them.

use crate::characters::is_non_latin_letter;

/// Stand for the straight signs that an author typed.
pub(crate) const DOUBLE: char = '\u{fdd2}';
pub(crate) const SINGLE: char = '\u{fdd3}';

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a word.
    Before,
    /// After a word, or after a sign that ends one.
    After,
    /// After a number: the end of a quotation, or feet, inches, minutes or seconds.
    AfterNumber,
    /// Between two letters.
    Within,
    /// No quotation mark: between spaces, between digits, beside another alphabet.
    Nowhere,
}

/// Returns the sign for each mark in a block of text.
pub(crate) fn curl(block: &str) -> Vec<char> {
    let quotes = places(block);
    let closes_later = closing_signs_follow(&quotes);
    let (mut is_double_open, mut is_single_open) = (false, false);
    let mut signs = Vec::with_capacity(quotes.len());
    for ((sign, place), closes_later) in quotes.into_iter().zip(closes_later) {
        let is_double = sign == DOUBLE;
        let is_open = if is_double {
            &mut is_double_open
        } else {
            &mut is_single_open
        };
        // The last sign after a number closes a quotation that is open; those before it measure.
        let ends =
            place == Place::After || (place == Place::AfterNumber && *is_open && !closes_later);
        signs.push(match (is_double, place) {
            (true, Place::Before) => {
                *is_open = true;
                '“'
            }
            (false, Place::Before) if closes_later => {
                *is_open = true;
                '‘'
            }
            (true, _) if ends => {
                *is_open = false;
                '”'
            }
            (false, Place::Before | Place::Within) => '’',
            (false, _) if ends => {
                *is_open = false;
                '’'
            }
            (true, _) => '"',
            (false, _) => '\'',
        });
    }
    signs
}

/// Returns each mark with its place.
fn places(block: &str) -> Vec<(char, Place)> {
    let letters: Vec<char> = block.chars().collect();
    let mut quotes = Vec::new();
    // The place of the mark just before, if there is one.
    let mut last = None;
    for (at, letter) in letters.iter().enumerate() {
        if [DOUBLE, SINGLE].contains(letter) {
            let before = at.checked_sub(1).map(|before| letters[before]);
            let place = place(*letter, before, last, letters.get(at + 1).copied());
            quotes.push((*letter, place));
            last = Some(place);
        } else {
            last = None;
        }
    }
    quotes
}

fn place(sign: char, before: Option<char>, last: Option<Place>, after: Option<char>) -> Place {
    let is_foreign = |letter: Option<char>| letter.is_some_and(is_non_latin_letter);
    if is_foreign(before) || is_foreign(after) {
        return Place::Nowhere;
    }
    let is_gap = |letter: Option<char>| letter.is_none_or(char::is_whitespace);
    let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let may_open = is_gap(before) || before.is_some_and(|before| "([{<=/".contains(before));
    let may_open_a_word = last == Some(Place::Before)
        || before.is_some_and(|before| "-–—\u{fdd4}\u{fdd5}…".contains(before));
    let is_number = before.is_some_and(char::is_numeric)
        || matches!(last, Some(Place::AfterNumber | Place::Nowhere)) && before == Some(sign);
    match () {
        () if may_open && is_gap(after) => Place::Nowhere,
        () if may_open => Place::Before,
        () if may_open_a_word && !is_gap(after) && after != Some(DOUBLE) => Place::Before,
        () if is_number && is_word(after) => {
            // "1990's", but "6'2" and "6"x4"".
            let is_letter = after.is_some_and(char::is_alphabetic);
            if sign == SINGLE && is_letter {
                Place::Within
            } else {
                Place::Nowhere
            }
        }
        () if is_number => Place::AfterNumber,
        () if is_word(before) && is_word(after) && sign == SINGLE => Place::Within,
        () if is_word(before) && is_word(after) => Place::Nowhere,
        () => Place::After,
    }
}

/// Tells for each mark if another one of its kind closes a quotation before the next one opens.
fn closing_signs_follow(quotes: &[(char, Place)]) -> Vec<bool> {
    let (mut double, mut single) = (false, false);
    let mut follow: Vec<bool> = quotes
        .iter()
        .rev()
        .map(|(sign, place)| {
            let closes = if *sign == DOUBLE {
                &mut double
            } else {
                &mut single
            };
            let follows = *closes;
            match place {
                Place::Before => *closes = false,
                Place::After | Place::AfterNumber => *closes = true,
                Place::Within | Place::Nowhere => {}
            }
            follows
        })
        .collect();
    follow.reverse();
    follow
}
