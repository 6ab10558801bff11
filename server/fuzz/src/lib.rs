//! Fuzz targets: each parser that reads bytes from outside, with what must hold for every input.
//!
//! `cargo test` runs them over their corpora and over inputs made from these (`tests/bounded.rs`); `cargo x test --fuzz`
//! searches on with libFuzzer. An input that broke something is added to `corpus/`, under the target's name.
//! Absent: the parsers.

use domain::{Cursor, Search, highlight};

/// A parser under test.
pub struct Target {
    /// Its name, and that of the folder of its corpus.
    pub name: &'static str,
    /// Gives the parser an input, and panics if what must hold does not.
    pub run: fn(&str),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "cookies",
        run: cookies,
    },
    Target {
        name: "cursor",
        run: cursor,
    },
    Target {
        name: "markdown",
        run: markdown,
    },
    Target {
        name: "search",
        run: search,
    },
];

/// A value that is found stands in the header.
fn cookies(header: &str) {
    for name in ["theme", app::context::SESSION_COOKIE, ""] {
        if let Some(value) = app::context::cookie(header, name) {
            assert!(header.contains(value));
        }
    }
}

/// A cursor that is taken is written as it was read.
fn cursor(text: &str) {
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.to_string(), text);
    }
}

/// HTML holds no script and no handler, and text no character that XML excludes.
fn markdown(source: &str) {
    let post = markdown::render_post(source);
    for html in [&post.html, &markdown::render_comment(source)] {
        assert!(!html.to_ascii_lowercase().contains("<script"), "{html}");
    }
    for text in [&post.html, &post.text, &post.excerpt] {
        let illegal = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
        assert!(!text.contains(illegal), "{text:?}");
    }
}

/// The pieces of a text join to the text.
fn search(input: &str) {
    let (typed, text) = input.split_once('\n').unwrap_or((input, input));
    let search = Search::parse(typed);
    let joined: String = highlight(text, &search)
        .iter()
        .map(|piece| piece.text)
        .collect();
    assert_eq!(joined, text);
}
