//! Typographic signs: quotation marks in English, feet and inches.

use super::{check_posts, plain, post};
use crate::render_comment;

#[test]
fn only_english_has_typographic_quotes() {
    check_posts(&[
        (
            "He said \"yes\" and it's 'fine' with them.",
            "<p>He said “yes” and it’s ‘fine’ with them.</p>",
        ),
        (
            "She wrote: \"The 'best' of those.\" The dogs' bowl.",
            "<p>She wrote: “The ‘best’ of those.” The dogs’ bowl.</p>",
        ),
        (
            "That was \"*good*\" and (\"`x`\") there.",
            "<p>That was “<em>good</em>” and (“<code>x</code>”) there.</p>",
        ),
        (
            "That's \"wait--\" and --\"this\"-- in the '90s.",
            "<p>That’s “wait–” and –“this”– in the ’90s.</p>",
        ),
        (
            "The \\\"plain\\\" and &quot;plain&quot; with that.",
            "<p>The \"plain\" and \"plain\" with that.</p>",
        ),
        (
            "Il a dit \"bonjour\" et l'a vu.",
            "<p>Il a dit \"bonjour\" et l'a vu.</p>",
        ),
        (
            "Er sagte \"Hallo\" und ging's an.",
            "<p>Er sagte \"Hallo\" und ging's an.</p>",
        ),
        ("Er sagte \"the end\".", "<p>Er sagte \"the end\".</p>"),
        (
            "Der Film \"The Good and the Bad\" lief.",
            "<p>Der Film \"The Good and the Bad\" lief.</p>",
        ),
        (
            "He sanoivat \"hei\" ja 'moi'.",
            "<p>He sanoivat \"hei\" ja 'moi'.</p>",
        ),
        (
            "היא אמרה \"שלום\" לצה\"ל וג'ירפה.",
            "<p>היא אמרה \"שלום\" לצה\"ל וג'ירפה.</p>",
        ),
        ("Он сказал \"да\".", "<p>Он сказал \"да\".</p>"),
        ("彼は\"はい\"と言った。", "<p>彼は\"はい\"と言った。</p>"),
        (
            "The word צה\"ל and the name ג'ירפה are \"Hebrew\" there.",
            "<p>The word צה\"ל and the name ג'ירפה are “Hebrew” there.</p>",
        ),
        ("\"Hallo\" -- 'ja'...", "<p>\"Hallo\" – 'ja'…</p>"),
    ]);
    assert!(render_comment("I don't think \"that\" is right.").contains("don’t think “that”"));
    assert!(render_comment("C'est \"bon\".").contains("C'est \"bon\"."));
}

#[test]
fn feet_and_inches_are_not_quotes() {
    for text in [
        "He's 5'10\" and the board is 6' 2\" with that.",
        "The 12\" record and the 7\" one.",
        "From 40°26'46\" there and about 3½\" from this.",
        "The 6\"x4\" print that you made.",
    ] {
        let html = plain(&post(text).html);
        assert_eq!(html, format!("<p>{}</p>", text.replace("He's", "He’s")));
    }
    check_posts(&[
        (
            "The \"class of 1999\" and the \"12 of 24\".",
            "<p>The “class of 1999” and the “12 of 24”.</p>",
        ),
        (
            "She said \"it's 5'10\" tall\" there.",
            "<p>She said “it’s 5'10\" tall” there.</p>",
        ),
        (
            "The 1990's and the 80's: the 'top 10' of those.",
            "<p>The 1990’s and the 80’s: the ‘top 10’ of those.</p>",
        ),
    ]);
}
