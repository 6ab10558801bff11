//! One-time codes: eight digits that are sent by mail, and typed in the browser that asked for them.

use std::fmt;

use domain::CodePurpose;

use crate::random::{self, NoRandomness};
use crate::token::{self, Token};

/// The digits of a code. With five attempts, one in twenty million guesses is right.
const DIGITS: usize = 8;

/// A one-time code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Draws a code.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, NoRandomness> {
        let digits = random::digits::<DIGITS>(10)?;
        Ok(Self(
            digits.into_iter().map(|n| char::from(b'0' + n)).collect(),
        ))
    }

    /// Takes `text` as a code that somebody typed: blanks and hyphens go, and digits of other scripts become ours. `None` when it is
    /// none.
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'));
        // One more than a code has tells that it is none.
        let digits: Option<String> = typed.take(DIGITS + 1).map(digit).collect();
        digits.filter(|digits| digits.len() == DIGITS).map(Self)
    }

    /// The code as a mail shows it: `1234 5678`.
    pub fn spaced(&self) -> String {
        let (first, second) = self.0.split_at(DIGITS / 2);
        format!("{first} {second}")
    }

    /// The hash to store and to look for. It says nothing without the secret of the browser, which is not stored, and is good for one
    /// purpose.
    pub fn hash(&self, purpose: CodePurpose, browser: &Token) -> String {
        let parts = [purpose.as_str(), browser.as_str(), &self.0];
        token::hash(&parts.map(str::as_bytes))
    }
}

/// Its digits are never shown by accident.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// A digit of ours for one of ours, of full width, or of an Arabic, Persian, Devanagari or Bengali keyboard.
fn digit(c: char) -> Option<char> {
    const ZEROES: [u32; 6] = [0x30, 0xFF10, 0x660, 0x6F0, 0x966, 0x9E6];
    let values = ZEROES.iter().map(|zero| u32::from(c).wrapping_sub(*zero));
    values
        .filter(|value| *value < 10)
        .find_map(|value| char::from_digit(value, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in [
            "12345678",
            " 1234 5678\n",
            "1234-5678",
            "1 2 3 4 5 6 7 8",
            "１２３４５６７８",
            "١٢٣٤٥٦٧٨",
            "१२३४५६७८",
        ] {
            assert_eq!(
                Code::parse(typed),
                Some(Code("12345678".to_owned())),
                "{typed}"
            );
        }
        for wrong in [
            "",
            "1234567",
            "123456789",
            "1234567x",
            "1234567\u{b2}",
            &"1".repeat(10_000),
        ] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_drawn_code_is_read_back() {
        let code = Code::new().expect("random bytes");
        assert_eq!(Code::parse(&code.spaced()), Some(code.clone()));
        assert_ne!(Code::new(), Ok(code.clone()));
        assert_eq!(format!("{code:?}"), "Code");
    }

    #[test]
    fn a_hash_is_of_one_purpose_one_browser_and_one_code() {
        let browsers = [Token::new(), Token::new()].map(|token| token.expect("random bytes"));
        let codes = ["12345678", "12345679"].map(|text| Code::parse(text).expect("a code"));
        let hash = codes[0].hash(CodePurpose::SignIn, &browsers[0]);
        assert_eq!(hash, codes[0].hash(CodePurpose::SignIn, &browsers[0]));
        assert_eq!(hash.len(), 64);
        assert_ne!(
            hash,
            codes[0].hash(CodePurpose::ResetPassword, &browsers[0])
        );
        assert_ne!(hash, codes[0].hash(CodePurpose::SignIn, &browsers[1]));
        assert_ne!(hash, codes[1].hash(CodePurpose::SignIn, &browsers[0]));
    }
}
