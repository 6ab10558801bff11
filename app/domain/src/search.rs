//! Searches: reading what was typed, and finding where it matches.
//!
//! Words are runs of letters and digits, folded to lower case; Chinese, Japanese and Thai write without spaces, so each of
//! their characters is a word of its own (and a run of them is found as a phrase). The same rule makes the text that
//! the engines index ([`Search::index`]), the words that a query asks for, and the pieces that are highlighted.

/// A search: the words that must all occur, the last one as a beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    text: String,
    phrases: Vec<Vec<String>>,
}

/// A piece of text, matched or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The text, as it stands in the original.
    pub text: &'a str,
    /// Set where the search matched.
    pub is_match: bool,
}

impl Search {
    /// Most characters of a search; the rest is ignored.
    pub const MAX_CHARS: usize = 100;
    /// Most words of a search; the rest is ignored.
    pub const MAX_PHRASES: usize = 8;

    /// Removes surrounding space, control characters, and everything beyond [`Self::MAX_CHARS`].
    pub fn tidy(typed: &str) -> String {
        typed
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::MAX_CHARS)
            .collect()
    }

    /// Reads typed text, up to [`Self::MAX_CHARS`] and [`Self::MAX_PHRASES`].
    pub fn parse(typed: &str) -> Self {
        let text = Self::tidy(typed);
        let mut phrases: Vec<Vec<String>> = Vec::new();
        let mut end = None;
        for word in words(&text) {
            let folded = fold(word.text);
            match phrases.last_mut() {
                Some(phrase) if word.alone && end == Some(word.start) => phrase.push(folded),
                _ => phrases.push(vec![folded]),
            }
            end = word.alone.then_some(word.start + word.text.len());
        }
        phrases.truncate(Self::MAX_PHRASES);
        Self { text, phrases }
    }

    /// The typed text, tidied, for the search box.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True without a word to look for. Such a search finds everything.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// The phrases that must all occur: words in order, next to each other; the last word of all may go on.
    pub fn phrases(&self) -> &[Vec<String>] {
        &self.phrases
    }

    /// The words of `text`, separated and folded, for a full-text index. Engines need no word rules of their own, so all
    /// find the same rows.
    pub fn index(text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        for word in words(text) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&fold(word.text));
        }
        out
    }
}

struct Word<'a> {
    start: usize,
    text: &'a str,
    /// A character that is a word by itself.
    alone: bool,
}

fn is_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Letters, digits, and the marks that belong to them.
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(u32::from(c), 0x0300..=0x036F | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x093C..=0x094D)
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, c)| is_word(*c))?;
        let mut end = start + first.len_utf8();
        if !is_alone(first) {
            while let Some((at, c)) = rest.next_if(|(_, c)| is_word(*c) && !is_alone(*c)) {
                end = at + c.len_utf8();
            }
        }
        Some(Word {
            start,
            text: text.get(start..end)?,
            alone: is_alone(first),
        })
    })
}

/// Lower case, without the accents of Latin letters, as the engines' indexes see words.
fn fold(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(u32::from(*c), 0x0300..=0x036F))
        .map(unaccented)
        .collect()
}

/// The letter under a Latin accent (Latin-1 and Latin Extended-A).
fn unaccented(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

/// Cuts `text` into pieces, those that `search` matches marked. Joined again, the pieces are `text`.
pub fn highlight<'a>(text: &'a str, search: &Search) -> Vec<Piece<'a>> {
    if search.is_empty() {
        return vec![Piece {
            text,
            is_match: false,
        }];
    }
    let found: Vec<(Word<'a>, String)> = words(text)
        .map(|word| {
            let folded = fold(word.text);
            (word, folded)
        })
        .collect();
    let last = search.phrases.len() - 1;
    let mut pieces = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while at < found.len() {
        let matched = search
            .phrases
            .iter()
            .enumerate()
            .filter(|(n, phrase)| begins_here(&found[at..], phrase, *n == last))
            .map(|(_, phrase)| phrase.len())
            .max();
        let Some(length) = matched else {
            at += 1;
            continue;
        };
        let (from, until) = (
            found[at].0.start,
            found[at + length - 1].0.start + found[at + length - 1].0.text.len(),
        );
        if plain_from < from {
            pieces.push(Piece {
                text: &text[plain_from..from],
                is_match: false,
            });
        }
        pieces.push(Piece {
            text: &text[from..until],
            is_match: true,
        });
        plain_from = until;
        at += length;
    }
    if plain_from < text.len() || pieces.is_empty() {
        pieces.push(Piece {
            text: &text[plain_from..],
            is_match: false,
        });
    }
    pieces
}

fn begins_here(found: &[(Word<'_>, String)], phrase: &[String], last_may_go_on: bool) -> bool {
    found.len() >= phrase.len()
        && phrase.iter().enumerate().all(|(n, wanted)| {
            let have = &found[n].1;
            have == wanted
                || (last_may_go_on && n + 1 == phrase.len() && have.starts_with(wanted.as_str()))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(text: &str, typed: &str) -> String {
        highlight(text, &Search::parse(typed))
            .into_iter()
            .map(|piece| {
                if piece.is_match {
                    format!("[{}]", piece.text)
                } else {
                    piece.text.to_owned()
                }
            })
            .collect()
    }

    #[test]
    fn highlights() {
        for (text, typed, expected) in [
            ("The night train", "night", "The [night] train"),
            ("The night train", "tr", "The night [train]"),
            ("The night train", "ni train", "The night [train]"),
            ("Café au lait", "cafe", "[Café] au lait"),
            ("夜の列車に乗る", "列車", "夜の[列車]に乗る"),
            ("夜の列車に乗る", "車列", "夜の列車に乗る"),
            ("Ночной поезд", "ПОЕЗД", "Ночной [поезд]"),
            ("a<b>", "b", "a<[b]>"),
            ("", "b", ""),
            ("no words", "!!!", "no words"),
        ] {
            assert_eq!(marked(text, typed), expected, "{typed} in {text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_indexed_by_character() {
        assert_eq!(Search::index("夜の列車 and C++."), "夜 の 列 車 and c");
        assert_eq!(
            Search::parse("列車 night").phrases(),
            [
                vec!["列".to_owned(), "車".to_owned()],
                vec!["night".to_owned()]
            ]
        );
    }

    #[test]
    fn long_searches_are_cut() {
        let search = Search::parse(&"word ".repeat(1000));
        assert!(search.text().chars().count() <= Search::MAX_CHARS);
        assert_eq!(search.phrases().len(), Search::MAX_PHRASES);
    }

    proptest! {
        #[test]
        fn pieces_join_to_the_text(text in "\\PC{0,80}", typed in "\\PC{0,12}") {
            let joined: String = highlight(&text, &Search::parse(&typed)).iter().map(|piece| piece.text).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
