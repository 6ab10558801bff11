//! The words of a text, folded: what is a letter, what is under an accent, where a word ends. By Unicode's own tables, which
//! only the server holds.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::is_invisible;

/// A word of a text.
pub(super) struct Word<'a> {
    /// Its place in the text, in bytes. It begins and ends between characters as readers see them.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The word without case, accents and compatibility forms.
    pub(super) folded: Cow<'a, str>,
    /// A character of a script without spaces: a word by itself.
    pub(super) is_alone: bool,
    /// Directly after another one that is alone.
    pub(super) follows: bool,
}

/// The words of `text`.
pub(super) fn words(text: &str) -> Words<'_> {
    Words {
        text,
        at: 0,
        is_after_alone: false,
    }
}

/// See [`words`].
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    is_after_alone: bool,
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let mut word: Option<Word<'a>> = None;
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let (start, (length, unit)) = (self.at, first_unit(rest));
            let is_alone =
                matches!(&unit, Unit::Word(folded) if folded.chars().next().is_some_and(is_alone));
            if is_alone && word.is_some() {
                break;
            }
            self.at += length;
            match unit {
                Unit::Nothing => {}
                Unit::Border => {
                    self.is_after_alone = false;
                    if word.is_some() {
                        break;
                    }
                }
                Unit::Word(folded) => match &mut word {
                    Some(word) => {
                        word.folded.to_mut().push_str(&folded);
                        word.end = self.at;
                    }
                    None => {
                        let follows = is_alone && self.is_after_alone;
                        let end = self.at;
                        self.is_after_alone = is_alone;
                        word = Some(Word {
                            start,
                            end,
                            folded,
                            is_alone,
                            follows,
                        });
                        if is_alone {
                            break;
                        }
                    }
                },
            }
        }
        word
    }
}

/// A character as readers see it, or several plain ones.
enum Unit<'a> {
    /// Part of a word, folded.
    Word(Cow<'a, str>),
    /// A border between words.
    Border,
    /// Neither: it is passed over.
    Nothing,
}

/// The first unit of a text that is not empty, and its length in bytes.
fn first_unit(text: &str) -> (usize, Unit<'_>) {
    let bytes = text.as_bytes();
    let plain = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    // A mark after the last letter belongs to it.
    let is_marked = bytes.get(plain).is_some_and(|byte| !byte.is_ascii());
    let plain = plain - usize::from(is_marked && plain > 0);
    if let Some(run) = text.get(..plain).filter(|run| !run.is_empty()) {
        let is_lower = !run.bytes().any(|byte| byte.is_ascii_uppercase());
        let folded = if is_lower {
            Cow::Borrowed(run)
        } else {
            Cow::Owned(run.to_ascii_lowercase())
        };
        return (plain, Unit::Word(folded));
    }
    if bytes.iter().take(2).all(u8::is_ascii) && !bytes[0].is_ascii_alphanumeric() {
        return (1, Unit::Border);
    }
    if let Some(character) = first_plain(text) {
        return (character.len(), Unit::Word(Cow::Borrowed(character)));
    }
    let character = text.graphemes(true).next().unwrap_or(text);
    (character.len(), fold(character))
}

/// The first letter, if it is folded as it is and has no mark. Most letters of most texts are; the tables cost a hundred times
/// as much.
fn first_plain(text: &str) -> Option<&str> {
    let mut letters = text.chars();
    let first = letters.next().filter(|c| is_plain(*c))?;
    let takes_mark = |next: char| {
        !(next.is_ascii()
            || is_plain(next)
            || matches!(next, '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{3020}'))
    };
    if letters.next().is_some_and(takes_mark) {
        return None;
    }
    text.get(..first.len_utf8())
}

/// Letters that folding does not change, of the scripts that are written most.
fn is_plain(c: char) -> bool {
    matches!(c,
        'α'..='ρ' | 'σ'..='ω' | 'а'..='и' | 'к'..='я' | 'א'..='ת' | 'ا'..='غ' | 'ف'..='ي' | 'ก'..='ะ' | 'า'
        | 'เ'..='ๆ' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '㐀'..='䶿' | '一'..='鿿')
}

/// Folds one character with its marks.
fn fold(character: &str) -> Unit<'static> {
    let Some(base) = character.chars().find(|c| !is_passed_over(*c)) else {
        return Unit::Nothing;
    };
    if !base.is_alphanumeric() || is_combining_mark(base) {
        return Unit::Border;
    }
    let mut folded = String::with_capacity(character.len());
    let letters = character.nfkd().filter(|c| !is_passed_over(*c));
    // By way of the capital, as Unicode's case folding does: ß is ss, ς is σ, ı is i.
    let letters = letters
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| !is_passed_over(*c) && (c.is_alphanumeric() || is_combining_mark(*c)));
    for letter in letters {
        match without_stroke(letter) {
            "" => folded.push(letter),
            latin => folded.push_str(latin),
        }
    }
    if folded.is_empty() {
        Unit::Border
    } else {
        Unit::Word(Cow::Owned(folded.nfc().collect()))
    }
}

/// Scripts that are written without spaces.
fn is_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x1950..=0x19DF | 0x1A20..=0x1AAF | 0x3040..=0x30FF
        | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA9E0..=0xA9FF | 0xAA60..=0xAA7F | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF)
}

/// Marks without which a word is still the same word, in scripts whose readers leave them out: Latin, Greek, Cyrillic, Arabic,
/// Hebrew, Syriac. Elsewhere marks are vowels, and belong to the word.
fn is_passed_over(c: char) -> bool {
    is_invisible(c)
        || matches!(u32::from(c),
            0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5 | 0x05C7
            | 0x0610..=0x061A | 0x0640 | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC | 0x06DF..=0x06E4
            | 0x06E7..=0x06E8 | 0x06EA..=0x06ED | 0x0711 | 0x0730..=0x074A | 0x08D3..=0x08FF | 0x1AB0..=0x1AFF
            | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

/// Latin letters whose stroke, hook or ligature Unicode does not take apart, as CLDR's transform Latin-ASCII writes them; empty
/// for all others.
fn without_stroke(c: char) -> &'static str {
    match c {
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ð' | 'đ' | 'ɖ' | 'ɗ' | 'ƌ' => "d",
        'ø' => "o",
        'ł' | 'ƚ' | 'ɫ' | 'ɬ' | 'ɭ' => "l",
        'ħ' | 'ɦ' => "h",
        'ŧ' | 'ƫ' | 'ƭ' | 'ʈ' => "t",
        'ŋ' | 'ɲ' | 'ƞ' | 'ɳ' => "n",
        'ĸ' | 'ɋ' => "q",
        'ƀ' | 'ƃ' | 'ɓ' => "b",
        'ƈ' | 'ȼ' => "c",
        'ɇ' | 'ɛ' => "e",
        'ƒ' => "f",
        'ǥ' | 'ɠ' => "g",
        'ɨ' => "i",
        'ɉ' | 'ȷ' => "j",
        'ƙ' => "k",
        'ƥ' => "p",
        'ɍ' | 'ɽ' => "r",
        'ȿ' | 'ʂ' => "s",
        'ʉ' => "u",
        'ʋ' => "v",
        'ɏ' | 'ƴ' => "y",
        'ƶ' | 'ȥ' | 'ɀ' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_letters_are_what_folding_gives() {
        let plain = (char::MIN..=char::MAX).filter(|c| is_plain(*c));
        for letter in plain.map(String::from) {
            let folded = fold(&letter);
            assert!(
                matches!(&folded, Unit::Word(word) if *word == letter),
                "{letter}"
            );
            for next in ["\u{301}", "\u{3099}", "\u{64b}", "\u{e49}", "\u{5b8}"] {
                assert!(
                    first_plain(&format!("{letter}{next}")).is_none(),
                    "{letter} {next}"
                );
            }
        }
    }
}
