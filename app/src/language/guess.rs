//! Guesses a text's language from its script. A guess is what there is as long as authors do not say which language they
//! write in. Latin script is taken for the site's own language.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

use crate::site;

/// The letters that tell the languages of one script apart, in the order in which they are looked for. The language without
/// letters is the one that is left.
type Letters = &'static [(&'static str, &'static [char])];

const ARABIC: Letters = &[
    ("ps", &['ټ', 'ډ', 'ړ', 'ښ', 'ځ', 'څ']),
    ("ckb", &['ڕ', 'ڵ', 'ێ', 'ۆ']),
    ("ur", &['ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ']),
    ("fa", &['پ', 'چ', 'ژ', 'گ', 'ک', 'ی']),
    ("ar", &[]),
];
const CYRILLIC: Letters = &[
    ("mk", &['ѓ', 'ќ', 'ѕ']),
    ("sr", &['ђ', 'ћ', 'љ', 'њ', 'џ']),
    ("be", &['ў']),
    ("kk", &['ә', 'қ', 'ң', 'ұ', 'һ']),
    ("uk", &['і', 'ї', 'є', 'ґ']),
    ("ru", &['ы', 'э', 'ё']),
    ("bg", &['ъ']),
    ("ru", &[]),
];
const BENGALI: Letters = &[("as", &['ৰ', 'ৱ']), ("bn", &[])];
const DEVANAGARI: Letters = &[("mr", &['ळ']), ("hi", &[])];
const HEBREW: Letters = &[("yi", &['װ', 'ױ', 'ײ']), ("he", &[])];

/// Guesses the language of several texts that belong together, such as a title and an excerpt, by the script of most of
/// their letters. Returns its BCP 47 tag.
pub fn guess(texts: &[&str]) -> &'static str {
    if texts.iter().all(|text| text.is_ascii()) {
        return site::LANGUAGE;
    }
    of_letters(texts.iter().flat_map(|text| text.chars()))
}

/// Guesses the language of HTML by its text, without its tags.
pub fn guess_in_html(html: &str) -> &'static str {
    let mut is_tag = false;
    of_letters(html.chars().filter(move |c| {
        is_tag = *c == '<' || is_tag && *c != '>';
        !is_tag
    }))
}

fn of_letters(letters: impl Iterator<Item = char> + Clone) -> &'static str {
    let scripts = CodePointMapData::<Script>::new();
    let mut latin = 0_usize;
    let mut counts: Vec<(Script, usize)> = Vec::new();
    for letter in letters.clone() {
        if letter.is_ascii() {
            latin += usize::from(letter.is_ascii_alphabetic());
            continue;
        }
        let script = scripts.get(letter);
        match script {
            Script::Latin => latin += 1,
            Script::Common | Script::Inherited | Script::Unknown => {}
            _ => match counts.iter_mut().find(|(known, _)| *known == script) {
                Some((_, count)) => *count += weight(script),
                None => counts.push((script, weight(script))),
            },
        }
    }
    let of = |wanted: &[Script]| -> usize {
        let these = counts.iter().filter(|(script, _)| wanted.contains(script));
        these.map(|(_, count)| count).sum()
    };
    // Chinese, Japanese and Korean share characters: together they are one script, and then kana or Hangul decide.
    let kana = of(&[Script::Hiragana, Script::Katakana]);
    let hangul = of(&[Script::Hangul]);
    let east_asian = of(&[Script::Han, Script::Bopomofo]) + kana + hangul;
    let most = counts.iter().max_by_key(|(_, count)| *count);
    let (script, count) = most.copied().unwrap_or((Script::Latin, 0));
    if latin >= count.max(east_asian) {
        return site::LANGUAGE;
    }
    if east_asian >= count {
        // A foreign word or two decide nothing.
        return if kana * 10 >= east_asian && kana >= hangul {
            "ja"
        } else if hangul * 10 >= east_asian {
            "ko"
        } else {
            "zh"
        };
    }
    language(script, letters)
}

/// East Asian characters weigh two letters: fewer of them say as much.
fn weight(script: Script) -> usize {
    let is_dense = matches!(
        script,
        Script::Han | Script::Bopomofo | Script::Hiragana | Script::Katakana | Script::Hangul
    );
    1 + usize::from(is_dense)
}

/// The language of a script, or the largest of its languages.
fn language(script: Script, letters: impl Iterator<Item = char> + Clone) -> &'static str {
    match script {
        Script::Arabic => by_letters(ARABIC, letters),
        Script::Bengali => by_letters(BENGALI, letters),
        Script::Cyrillic => by_letters(CYRILLIC, letters),
        Script::Devanagari => by_letters(DEVANAGARI, letters),
        Script::Hebrew => by_letters(HEBREW, letters),
        Script::Armenian => "hy",
        Script::CanadianAboriginal => "iu",
        Script::Cherokee => "chr",
        Script::Ethiopic => "am",
        Script::Georgian => "ka",
        Script::Greek => "el",
        Script::Gujarati => "gu",
        Script::Gurmukhi => "pa",
        Script::Kannada => "kn",
        Script::Khmer => "km",
        Script::Lao => "lo",
        Script::Malayalam => "ml",
        Script::Mongolian => "mn",
        Script::Myanmar => "my",
        Script::Nko => "nqo",
        Script::Oriya => "or",
        Script::Sinhala => "si",
        Script::Syriac => "syr",
        Script::Tamil => "ta",
        Script::Telugu => "te",
        Script::Thaana => "dv",
        Script::Thai => "th",
        Script::Tibetan => "bo",
        _ => "und",
    }
}

fn by_letters(languages: Letters, letters: impl Iterator<Item = char> + Clone) -> &'static str {
    let has = |own: &[char]| {
        let mut lower = letters.clone().flat_map(char::to_lowercase);
        lower.any(|letter| own.contains(&letter))
    };
    languages
        .iter()
        .find(|(_, own)| own.is_empty() || has(own))
        .map_or("und", |(tag, _)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_of_most_letters_decides() {
        for (text, language) in [
            ("", "en"),
            ("42 — 🍕!", "en"),
            ("How to read a waymark", "en"),
            ("Tiếng Việt được", "en"),
            ("修一本旧书", "zh"),
            ("用 Rust 写一个博客，给大家看看", "zh"),
            (
                "我爱吃「もち」这种点心，昨天又在东京的小店里买了一大盒回家",
                "zh",
            ),
            ("ㄅㄆㄇ 注音", "zh"),
            ("夜の列車に乗る", "ja"),
            ("カメラ", "ja"),
            ("東京タワーへ行く", "ja"),
            ("밤 기차를 타다", "ko"),
            ("大韓民國의 역사", "ko"),
            ("خرائط لا تكذب كثيرًا", "ar"),
            ("مراجعة iPhone الجديد", "ar"),
            ("این یک کتاب قدیمی است", "fa"),
            ("یہ ایک پرانی کتاب ہے", "ur"),
            ("دا يو زوړ کتاب دی", "ps"),
            ("שלום עולם!", "he"),
            ("אַ ייִדישע מעשׂה װאָס", "yi"),
            ("ข้าวผัด", "th"),
            ("दिन और रात", "hi"),
            ("मराठी शाळा", "mr"),
            ("தமிழ்நாடு", "ta"),
            ("Αθήνα", "el"),
            ("Последний поезд, и мы опоздали", "ru"),
            ("Останній потяг їде", "uk"),
            ("Последният влак пътува", "bg"),
            ("Последњи воз", "sr"),
            ("Қазақша әңгіме", "kk"),
            ("ქართული", "ka"),
            ("Հայերեն", "hy"),
            ("አማርኛ", "am"),
            ("𐌰𐌱𐌲", "und"),
            ("A post in English about the word 夜", "en"),
        ] {
            assert_eq!(guess(&[text]), language, "{text}");
        }
    }

    #[test]
    fn texts_that_belong_together_are_counted_together() {
        assert_eq!(guess(&["Welcome", "一个给走在前面的人写字的地方"]), "zh");
        assert_eq!(guess(&["夜", "A long excerpt in English"]), "en");
    }

    #[test]
    fn tags_are_no_letters() {
        for (html, language) in [
            (
                "<p dir=\"auto\" class=\"a-long-class-name\">夜の列車</p>",
                "ja",
            ),
            ("<p>Plain</p>", "en"),
            ("<a href=\"/שלום\">Plain</a>", "en"),
            ("", "en"),
        ] {
            assert_eq!(guess_in_html(html), language, "{html}");
        }
    }
}
