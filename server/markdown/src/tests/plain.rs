//! Excerpts and reading time, and the absence of illegal characters.

use super::{check_posts, check_text, post};
use crate::render_comment;

#[test]
fn excerpts_end_between_grapheme_clusters() {
    let excerpt = |text: &str| post(text).excerpt;
    let filled =
        |count: usize, rest: &str| format!("{}{rest}{}", "字".repeat(count), "字".repeat(20));
    for (count, cluster) in [
        (198, "🇯🇵"),
        (197, "🏳️‍🌈"),
        (198, "👩🏽"),
        (198, "か\u{3099}"),
        (198, "क्ष"),
        (198, "한".to_owned().as_str()),
    ] {
        let cut = excerpt(&filled(count, cluster));
        let head = cut.strip_suffix('…').expect("it is cut");
        assert!(
            head == "字".repeat(count) || head == format!("{}{cluster}", "字".repeat(count)),
            "{cut}"
        );
        assert!(cut.chars().count() <= 200, "{cut}");
    }
    assert_eq!(
        excerpt(&filled(198, "🇯🇵")),
        format!("{}…", "字".repeat(198))
    );
    // A heap of accents is cut all the same.
    let cut = excerpt(&format!("a{}", "\u{301}".repeat(500)));
    assert!(cut.starts_with('a') || cut.starts_with('á'), "{cut}");
    assert!(cut.chars().count() <= 200);
}

#[test]
fn reading_time_counts_characters_where_no_spaces_are_written() {
    for (text, minutes) in [
        ("ภาษาไทย".repeat(500), 4),
        ("ພາສາລາວ".repeat(500), 4),
        ("ភាសាខ្មែរ".repeat(500), 3),
        ("မြန်မာဘာသာ".repeat(500), 3),
        ("かんじカンジ".repeat(500), 6),
        ("漢字".repeat(500), 2),
        ("word ".repeat(220), 1),
        ("слово ".repeat(440), 2),
        // Marks are part of their words.
        ("हिन्दी ".repeat(440), 2),
    ] {
        assert_eq!(post(&text).reading_minutes, minutes, "{}", &text[..30]);
    }
}

#[test]
fn illegal_characters_do_not_survive() {
    for bad in [
        '\u{0}',
        '\u{1}',
        '\u{8}',
        '\u{b}',
        '\u{c}',
        '\u{1b}',
        '\u{1f}',
        '\u{7f}',
        '\u{80}',
        '\u{85}',
        '\u{9f}',
        '\u{fdd0}',
        '\u{fdd1}',
        '\u{fdd2}',
        '\u{fdd3}',
        '\u{fdd4}',
        '\u{fdd5}',
        '\u{fdef}',
        '\u{fffe}',
        '\u{ffff}',
        '\u{1fffe}',
        '\u{10ffff}',
    ] {
        let code = u32::from(bad);
        for form in [
            bad.to_string(),
            format!("&#x{code:x};"),
            format!("&#{code};"),
        ] {
            let markdown = format!(
                "a{form}b `c{form}d` [e{form}](/f{form}g \"h{form}\") ![i{form}](/j{form}.png \"k{form}\")\n\n\
                 ## l{form}\n\n```m{form}\nn{form}\n```\n\n<p>o{form}</p><a href=\"/p{form}\" title=\"{form}\">q</a><img alt=\"r{form}\">\n\n\
                 - s{form}[^t{form}]\n\n[^t{form}]: u{form}\n\n<abbr title=\"v{form}\">w</abbr> **「{form}」**x ~{form}"
            );
            let rendered = post(&markdown);
            let comment = render_comment(&markdown);
            for text in [&rendered.html, &rendered.text, &rendered.excerpt, &comment] {
                assert!(
                    text.chars().all(crate::characters::is_legal),
                    "{form:?}: {text:?}"
                );
            }
        }
    }
    check_text(&[
        ("a\u{fffe}b", "ab"),
        ("a&#xFFFE;b", "ab"),
        ("a\u{b}b\u{c}c\u{85}d", "a b c d"),
        ("tab\there", "tab here"),
        ("\u{1}# Title", "Title"),
        ("javascript\u{1}: no", "javascript: no"),
    ]);
    check_posts(&[
        ("[a](java\u{fffe}script:alert(1))", "<p>a</p>"),
        ("[a](java&#xfffe;script:alert(1))", "<p>a</p>"),
    ]);
}
