//! Text as XML 1.0 can hold it.

use std::borrow::Cow;

/// Without the characters that XML 1.0 cannot hold, not even as references: all that its production `Char` (2.2) leaves out.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_legal(*c)).collect())
    }
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_dropped() {
        for (text, expected) in [
            ("a\u{FFFE}b\u{FFFF}c", "abc"),
            ("\u{0}\u{8}\u{B}\u{C}\u{1F}x", "x"),
            (
                "\t\n\r \u{7F}\u{85}\u{FFFD}\u{1FFFE}",
                "\t\n\r \u{7F}\u{85}\u{FFFD}\u{1FFFE}",
            ),
            ("夜🍕", "夜🍕"),
        ] {
            assert_eq!(legal(text), expected);
        }
    }
}
