//! Tokens: words as the full-text indexes hold them, in small Latin letters and digits alone.
//!
//! No two engines agree which characters of which scripts are letters; about these, all do. The beginning of a word gives the
//! beginning of its token.

/// Letters that begin the code of another character: the first one of the range, and the number of digits. A range ends where
/// its first digit would be the letter itself, which is written twice where it means itself.
const CODES: [(char, u32, u32); 4] = [
    ('y', 0x0370, 2),
    ('x', 0x0900, 2),
    ('z', 0x0E10, 3),
    ('q', 0, 4),
];

/// The most characters of a token: InnoDB's index leaves out longer ones (`innodb_ft_max_token_size`). Words that agree so
/// far are found together.
const MAX: usize = 84;

/// Appends the token of folded words that are one to `out`.
pub(super) fn push(out: &mut String, words: &[&str]) {
    let start = out.len();
    for c in words.iter().flat_map(|word| word.chars()) {
        let before = out.len();
        push_char(out, c);
        if out.len() - start > MAX {
            out.truncate(before);
            return;
        }
    }
}

/// The token of folded words that are one.
pub(super) fn of(words: &[&str]) -> String {
    let mut token = String::new();
    push(&mut token, words);
    token
}

fn push_char(out: &mut String, c: char) {
    if c.is_ascii() {
        out.push(c);
        if CODES.iter().any(|(letter, ..)| *letter == c) {
            out.push(c);
        }
        return;
    }
    for (letter, first, digits) in CODES {
        let Some(number) = u32::from(c).checked_sub(first) else {
            continue;
        };
        let reserved = letter.to_digit(36).unwrap_or(0) * 36_u32.pow(digits - 1);
        if number < reserved {
            out.push(letter);
            for place in (0..digits).rev() {
                let digit = number / 36_u32.pow(place) % 36;
                out.extend(char::from_digit(digit, 36));
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens() {
        for (word, token) in [
            ("night", "night"),
            ("quiz", "qquizz"),
            ("поезд", "y5ry5qy5hy5jy5g"),
            ("दिन", "x12x1rx14"),
            ("夜", "zeto"),
            ("한", "q1658"),
            ("𐐨", "q1fe0"),
        ] {
            assert_eq!(of(&[word]), token, "{word}");
        }
        assert_eq!(of(&["long".repeat(30).as_str()]).len(), MAX);
        assert_eq!(of(&["а".repeat(30).as_str()]).len(), MAX);
    }

    proptest! {
        #[test]
        fn a_token_begins_as_its_word_does(word in "[a-z0-9]{0,3}\\PC{0,6}", more in "[a-zqxyz]{0,2}\\PC{0,4}") {
            let word = word.replace(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric(), "").to_lowercase();
            let more = more.replace(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric(), "").to_lowercase();
            let (token, longer) = (of(&[&word]), of(&[&word, &more]));
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            prop_assert!(longer.starts_with(&token));
            prop_assert_eq!(token.is_empty(), word.is_empty());
        }

        #[test]
        fn different_words_have_different_tokens(one in "[xyzqa]{0,2}[а-яア-ンa-zक-ह]{0,6}", other in "[xyzqa]{0,2}[а-яア-ンa-zक-ह]{0,6}") {
            prop_assert_eq!(of(&[&one]) == of(&[&other]), one == other);
            prop_assert_eq!(of(&[&one]).starts_with(&of(&[&other])), one.starts_with(&other));
        }
    }
}
