//! Hostile documents from `corpus/`, and pieces of them put together at random.
//!
//! `PROPTEST_CASES` sets the number of random documents, for a longer run. A document that fails
//! becomes a file of the corpus.

use std::sync::LazyLock;

use ammonia::Builder;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::characters::is_legal;
use crate::html_checks::assert_safe;
use crate::plain_text::is_break_hint;
use crate::xss_vectors::XSS_VECTORS;
use crate::{render_comment, render_post, sanitise};

static CORPUS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let files = std::fs::read_dir("corpus").expect("the corpus");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a text"))
        .chain(XSS_VECTORS.iter().map(|vector| (*vector).to_owned()))
        .collect()
});

/// Asserts what holds for every document.
fn check(markdown: &str) {
    let post = render_post(markdown);
    let comment = render_comment(markdown);
    for html in [&post.html, &comment] {
        assert_safe(html);
        assert!(html.chars().all(is_legal), "{markdown:?}: {html:?}");
    }
    // A parser of HTML finds in it exactly what is written, so it is well-formed.
    assert_eq!(sanitise::post(&post.html), post.html, "{markdown:?}");
    assert_eq!(sanitise::comment(&comment), comment, "{markdown:?}");
    // The text has every letter that the parser finds, and nothing else.
    assert_eq!(
        sorted_letters(&post.text),
        sorted_letters(&text_by_parser(&post.html)),
        "{markdown:?}: {}",
        post.html
    );
    assert!(post.text.chars().all(is_legal), "{markdown:?}");
    assert!(!post.text.contains("  "), "{markdown:?}: {:?}", post.text);
    assert!(post.excerpt.chars().count() <= 200, "{markdown:?}");
    let start = post.excerpt.trim_end_matches('…').trim_end();
    assert!(post.text.contains(start), "{markdown:?}: {start:?}");
    assert!(post.reading_minutes >= 1);
}

/// The text of HTML as its parser finds it, without what is no text of the author.
fn text_by_parser(html: &str) -> String {
    let html = without(html, "<a class=\"fn-", "</a>");
    let html = without(&html, "<p class=\"note-title\"", "</p>");
    let mut builder = Builder::empty();
    builder.clean_content_tags(["rp"].into());
    let text = builder.clean(&html).to_string();
    html_escape::decode_html_entities(&text).into_owned()
}

fn without(html: &str, start: &str, end: &str) -> String {
    let mut pieces = html.split(start);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |rest, piece| {
        rest + piece.split_once(end).expect("an end tag").1
    })
}

fn sorted_letters(text: &str) -> Vec<char> {
    let mut letters: Vec<_> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !is_break_hint(*c))
        .collect();
    letters.sort_unstable();
    letters
}

#[test]
fn hostile_documents_are_harmless() {
    assert!(CORPUS.len() > XSS_VECTORS.len() + 20);
    for document in CORPUS.iter() {
        check(document);
        let quoted: String = document.lines().map(|line| format!("> {line}\n")).collect();
        check(&quoted);
        let indented = document.replace('\n', "\n  ");
        check(&format!("- {indented}\n\n[^1]\n\n[^1]: {indented}"));
        check(&document.replace('\n', "\r\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_hostile_documents_are_harmless(
        pieces in prop::collection::vec((any::<Index>(), any::<Index>(), 0..60_usize), 1..8),
        glue in prop::sample::select(&["", "", "\n", "\n\n", " ", "> ", "*", "<b>", "\""]),
    ) {
        let mut document = String::new();
        for (which, from, length) in pieces {
            let letters: Vec<char> = which.get(&CORPUS).chars().collect();
            document.extend(letters.iter().skip(from.index(letters.len())).take(length));
            document.push_str(glue);
        }
        check(&document);
    }
}
