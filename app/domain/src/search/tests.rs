//! Searches in many scripts.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

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
        // Letters under accents, composed or not, and letters whose case is more than one letter.
        (
            "Tiếng Việt được",
            "tieng viet duoc",
            "[Tiếng] [Việt] [được]",
        ),
        (
            "Tie\u{302}\u{301}ng Việt",
            "tiếng",
            "[Tie\u{302}\u{301}ng] Việt",
        ),
        ("Łódź, Ørsted", "lodz orsted", "[Łódź], [Ørsted]"),
        ("lodz", "ŁÓDŹ", "[lodz]"),
        ("Αθήνα", "αθηνα", "[Αθήνα]"),
        ("ΟΔΟΣ οδός", "οδοσ", "[ΟΔΟΣ] [οδός]"),
        ("Straße STRASSE", "strasse", "[Straße] [STRASSE]"),
        ("STRAẞE", "straße", "[STRAẞE]"),
        (
            "İstanbul ISPARTA ısı",
            "istanbul isparta isi",
            "[İstanbul] [ISPARTA] [ısı]",
        ),
        ("Ёлка, ёлка", "елка", "[Ёлка], [ёлка]"),
        ("مُحَمَّد", "محمد", "[مُحَمَّد]"),
        ("שָׁלוֹם", "שלום", "[שָׁלוֹם]"),
        ("Ångström", "a\u{30a}ngstro\u{308}m", "[Ångström]"),
        ("ﬁnal ｆｕｌｌ", "final full", "[ﬁnal] [ｆｕｌｌ]"),
        (
            "Ħamrun þorn æther",
            "hamrun thorn aether",
            "[Ħamrun] [þorn] [æther]",
        ),
        ("Donau\u{ad}dampf", "donaudampf", "[Donau\u{ad}dampf]"),
        // Vowels that are marks belong to the word, and a mark to its letter.
        ("दिन दान दीन", "दिन", "[दिन] दान दीन"),
        ("দিন দান", "দান", "দিন [দান]"),
        ("ข้าวสวย", "ข้าว", "[ข้าว]สวย"),
        ("ข้าว", "ข", "[ข้]าว"),
        ("தமிழ்நாடு", "தமிழ்", "[தமிழ்நாடு]"),
        ("ភាសាខ្មែរ", "ខ្មែរ", "ភាសា[ខ្មែរ]"),
        ("が か\u{3099}", "が", "[が] [か\u{3099}]"),
        ("がか", "か", "が[か]"),
        ("ｶﾞｽ", "ガス", "[ｶﾞｽ]"),
        ("한국어", "\u{1112}\u{1161}\u{11ab}", "[한국어]"),
        ("列 車", "列車", "列 車"),
        ("Signpost™ 1️⃣", "signpost 1", "[Signpost]™ [1️⃣]"),
    ] {
        assert_eq!(marked(text, typed), expected, "{typed} in {text}");
    }
}

#[test]
fn scripts_without_spaces_are_indexed_in_pairs() {
    let token = |words: &str| token::of(&[words]);
    let pairs = ["夜の", "の列", "列車", "車"].map(token).join(" ");
    assert_eq!(Search::index("夜の列車 and C++."), format!("{pairs} and c"));
    let search = Search::parse("夜の列 車 night");
    let phrases: Vec<_> = search
        .phrases()
        .iter()
        .map(|phrase| (phrase.tokens().join(" "), phrase.is_prefix()))
        .collect();
    let expected = [
        (["夜の", "の列"].map(token).join(" "), false),
        (token("車"), true),
        ("night".to_owned(), true),
    ];
    assert_eq!(phrases, expected);
}

#[test]
fn a_long_text_is_indexed_by_its_first_words() {
    let text: String = (0..120_000).map(|n| format!("word{n} ")).collect();
    let index = Search::index(&text);
    assert!(index.starts_with("word0 word1 "));
    assert!(
        index.len() <= Search::MAX_INDEX_BYTES + 100,
        "{}",
        index.len()
    );
    assert_eq!(Search::index(&"long".repeat(1000)).len(), 84);
}

#[test]
fn what_is_typed_is_tidied() {
    for (typed, tidy, words) in [
        ("night\ttrain", "night train", 2),
        ("night\r\ntrain\u{0}\u{7f}", "night train", 2),
        ("night\u{2028}train", "night train", 2),
        ("\u{202e}night\u{202c}", "night", 1),
        ("\u{2067}ni\u{200b}ght\u{2069}\u{feff}", "night", 1),
        ("می\u{200c}خواهم", "می\u{200c}خواهم", 1),
        ("👩🏽\u{200d}🌾 ❤\u{fe0f}", "👩🏽\u{200d}🌾 ❤\u{fe0f}", 0),
        ("夜\u{3000}車", "夜 車", 2),
        ("🍕", "🍕", 0),
        (" !!! ", "!!!", 0),
        ("¿?™", "¿?™", 0),
        ("\u{301}", "\u{301}", 0),
        ("\u{202e}\t ", "", 0),
    ] {
        let search = Search::parse(typed);
        assert_eq!(search.text(), tidy, "{typed:?}");
        assert_eq!(Search::tidy(tidy), tidy);
        assert_eq!(search.phrases().len(), words, "{typed:?}");
        assert_eq!(search.has_words(), words > 0);
        assert_eq!(search.is_empty(), tidy.is_empty());
    }
}

#[test]
fn snippets() {
    let long = "One two three four five six seven eight nine ten eleven twelve thirteen.";
    for (text, typed, max, expected) in [
        (long, "one", 20, Some("One two three four…")),
        (long, "seven", 20, Some("…six seven eight…")),
        (long, "thirteen", 20, Some("…thirteen.")),
        (long, "fourteen", 20, None),
        (long, "!", 20, None),
        ("short night", "night", 20, Some("short night")),
        (
            "夜の列車に乗って遠くまで行く",
            "遠く",
            6,
            Some("…って遠くまで…"),
        ),
        ("aaaaaaaaaaaaaaaaaaaaaaaaa", "a", 5, Some("aaaaa…")),
        ("ข้าว้ข้าว้ข้าว้", "ข", 3, Some("ข้าว้…")),
        ("🇯🇵🇯🇵🇯🇵 night 🇯🇵🇯🇵🇯🇵🇯🇵", "night", 9, Some("…night…")),
    ] {
        assert_eq!(
            snippet(text, &Search::parse(typed), max).as_deref(),
            expected,
            "{typed} in {text}"
        );
    }
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

    #[test]
    fn a_text_is_found_by_its_own_words(text in "[a-zA-Z0-9éßİ夜の列ข้าวदिनабがﬁ ́.\\-]{0,40}", from in 0usize..40, length in 1usize..12) {
        let characters: Vec<&str> = text.graphemes(true).collect();
        let (from, until) = (from.min(characters.len()), (from + length).min(characters.len()));
        let typed = characters.get(from..until).unwrap_or_default().concat();
        let search = Search::parse(&typed);
        let index = format!(" {} ", Search::index(&text));
        // The first word may begin in the middle of one.
        for phrase in search.phrases().iter().skip(1) {
            let tail = if phrase.is_prefix() { "" } else { " " };
            let wanted = format!(" {}{tail}", phrase.tokens().join(" "));
            prop_assert!(index.contains(&wanted), "{wanted} in {index}");
        }
        for piece in highlight(&text, &search) {
            prop_assert!(!piece.text.starts_with(is_combining_mark) || text.starts_with(is_combining_mark));
        }
    }

    #[test]
    fn canonically_equivalent_texts_are_one(text in "\\PC{0,30}") {
        let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
        prop_assert_eq!(Search::index(&composed), Search::index(&text));
        prop_assert_eq!(Search::index(&decomposed), Search::index(&text));
    }

    #[test]
    fn a_snippet_is_a_short_part_of_its_text(text in "[a-c 夜列́]{0,60}", typed in "[a-c夜列]{1,3}", max in 1usize..20) {
        let search = Search::parse(&typed);
        let is_found = highlight(&text, &search).iter().any(|piece| piece.is_match);
        let part = snippet(&text, &search, max);
        prop_assert_eq!(part.is_some(), is_found);
        if let Some(part) = part {
            let inner = part.trim_start_matches('…').trim_end_matches('…');
            prop_assert!(text.contains(inner));
            prop_assert!(inner.graphemes(true).count() <= max);
        }
    }
}
