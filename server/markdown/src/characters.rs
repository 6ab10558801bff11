//! Characters: those a document may contain, and what Unicode says of them.

use std::borrow::Cow;

use icu_properties::props::{
    BinaryProperty, EastAsianWidth, EmojiPresentation, EnumeratedProperty, GeneralCategory,
    GeneralCategoryGroup, Script,
};
use unicode_segmentation::UnicodeSegmentation;

/// Returns true for a character that both HTML and XML allow: no control character but tab and line
/// breaks, and no noncharacter.
pub(crate) fn is_legal(letter: char) -> bool {
    let is_noncharacter =
        matches!(letter, '\u{fdd0}'..='\u{fdef}') || u32::from(letter) & 0xfffe == 0xfffe;
    !is_noncharacter && (!letter.is_control() || matches!(letter, '\t' | '\n' | '\r'))
}

/// Removes illegal characters. Those that are white space become a space, so that words stay apart.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    let clean = |letter: char| match letter {
        letter if is_legal(letter) => Some(letter),
        letter if letter.is_whitespace() => Some(' '),
        _ => None,
    };
    Cow::Owned(text.chars().filter_map(clean).collect())
}

pub(crate) fn is_punctuation(letter: char) -> bool {
    GeneralCategoryGroup::Punctuation.contains(GeneralCategory::for_char(letter))
}

/// Matches characters without a shape of their own, such as directional marks and the zero-width space.
pub(crate) fn is_format(letter: char) -> bool {
    GeneralCategory::for_char(letter) == GeneralCategory::Format
}

/// Matches the characters of Chinese, Japanese and Korean text, its punctuation included.
pub(crate) fn is_east_asian(letter: char) -> bool {
    let is_wide = [
        EastAsianWidth::Wide,
        EastAsianWidth::Fullwidth,
        EastAsianWidth::Halfwidth,
    ]
    .contains(&EastAsianWidth::for_char(letter));
    is_wide && !EmojiPresentation::for_char(letter)
}

/// Matches letters of another alphabet than the Latin one.
pub(crate) fn is_non_latin_letter(letter: char) -> bool {
    !letter.is_ascii() && letter.is_alphabetic() && Script::for_char(letter) != Script::Latin
}

/// Tells how a script puts its text into units that are read at a steady pace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// Words with spaces between them.
    Words,
    /// Characters that are about half a word each.
    Characters,
    /// Letters of words without spaces between them.
    Letters,
}

impl Spacing {
    pub(crate) fn of(letter: char) -> Self {
        match Script::for_char(letter) {
            Script::Bopomofo
            | Script::Han
            | Script::Hangul
            | Script::Hiragana
            | Script::Katakana
            | Script::Yi => Self::Characters,
            Script::Balinese
            | Script::Javanese
            | Script::Khmer
            | Script::Lao
            | Script::Myanmar
            | Script::NewTaiLue
            | Script::TaiLe
            | Script::TaiTham
            | Script::TaiViet
            | Script::Thai
            | Script::Tibetan => Self::Letters,
            _ => Self::Words,
        }
    }
}

/// Cuts text to at most `max` characters, at the end of a grapheme cluster: no flag, accent or emoji
/// is halved. A first cluster that is longer is cut all the same.
pub(crate) fn truncate(text: &str, max: usize) -> &str {
    let Some((limit, _)) = text.char_indices().nth(max) else {
        return text;
    };
    // The last cluster of one character more is the one that does not fit.
    let longer = text.char_indices().nth(max + 1);
    let longer = &text[..longer.map_or(text.len(), |(end, _)| end)];
    match longer.grapheme_indices(true).next_back() {
        Some((start, _)) if start > 0 => &text[..start],
        Some(_) | None => &text[..limit],
    }
}
