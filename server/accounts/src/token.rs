//! Tokens: random, known to one browser or program, and stored only as a hash.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::random::{self, NoRandomness};

/// The digits of a token's text.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The digits of a token: 62^43 is more than 2^256.
const DIGITS: usize = 43;

/// The digits of a checksum: 62^6 is more than 2^32.
const CHECK_DIGITS: usize = 6;

/// A token of 256 bits: of a session, of an invite, of a link, of the browser that asked for a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Draws a token.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, NoRandomness> {
        random_text().map(Self)
    }

    /// The token of 32 secret bytes: their number in base 62, most significant digit first.
    pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
        let mut digits = ['0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            let mut rest = 0;
            for byte in &mut bytes {
                let value = rest * 256 + u32::from(*byte);
                *byte = (value / 62) as u8;
                rest = value % 62;
            }
            *digit = character(rest as u8);
        }
        Self(digits.into_iter().collect())
    }

    /// Takes `text` as a token that somebody sent; `None` when it has not the form of one, and is nowhere in the database.
    pub fn parse(text: &str) -> Option<Self> {
        is_random_text(text).then(|| Self(text.to_owned()))
    }

    /// The text to send.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash to store and to look for: SHA-256 in hex. It needs no salt, because nobody guesses 256 random bits.
    pub fn hash(&self) -> String {
        hash(&[self.0.as_bytes()])
    }
}

/// A token by which a program uses the API: `wpt_`, 43 random digits, and 6 of a checksum by which scanners for leaked secrets tell
/// it from other text.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    /// The beginning of every token.
    pub const PREFIX: &str = "wpt_";

    /// Draws a token.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, NoRandomness> {
        let random = random_text()?;
        Ok(Self(format!(
            "{}{random}{}",
            Self::PREFIX,
            checksum(&random)
        )))
    }

    /// Takes `text` as a token that somebody sent; `None` when its form or its checksum is wrong, and it is nowhere in the database.
    pub fn parse(text: &str) -> Option<Self> {
        let (random, check) = text.strip_prefix(Self::PREFIX)?.split_at_checked(DIGITS)?;
        (is_random_text(random) && checksum(random) == check).then(|| Self(text.to_owned()))
    }

    /// The text to show, once.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash to store and to look for.
    pub fn hash(&self) -> String {
        hash(&[self.0.as_bytes()])
    }
}

/// Their texts are never shown by accident.
macro_rules! hidden {
    ($($type:ident),+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )+};
}

hidden!(Token, ApiToken);

/// SHA-256 of `parts`, in hex. Of several, each is preceded by its length, so that other parts of the same text give another hash.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        if parts.len() > 1 {
            sha.update((part.len() as u64).to_be_bytes());
        }
        sha.update(part);
    }
    sha.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn random_text() -> Result<String, NoRandomness> {
    let digits = random::digits::<DIGITS>(62)?;
    Ok(digits.into_iter().map(character).collect())
}

fn is_random_text(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn character(digit: u8) -> char {
    char::from(BASE62.get(usize::from(digit)).copied().unwrap_or(b'0'))
}

/// CRC-32 in base 62, most significant digit first.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = ['0'; CHECK_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = character((rest % 62) as u8);
        rest /= 62;
    }
    digits.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_no_other_text_is_one() {
        let token = Token::new().expect("random bytes");
        assert_eq!(Token::parse(token.as_str()), Some(token.clone()));
        assert_ne!(Token::new(), Ok(token.clone()));
        let text = token.as_str();
        for wrong in [
            "",
            &text[1..],
            &format!("{text}x"),
            &format!("{}-", &text[1..]),
            &format!("{}ä", &text[2..]),
        ] {
            assert_eq!(Token::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn bytes_are_a_number_in_base_62() {
        let mut bytes = [0; 32];
        assert_eq!(Token::from_bytes(bytes).as_str(), "0".repeat(43));
        bytes[30] = 1;
        assert_eq!(
            Token::from_bytes(bytes).as_str(),
            format!("{}48", "0".repeat(41))
        );
        let largest = Token::from_bytes([255; 32]);
        assert_eq!(Token::parse(largest.as_str()), Some(largest));
    }

    /// The hash of the request context: it looks sessions up by it.
    #[test]
    fn a_hash_is_plain_sha_256() {
        let hash = Token(String::from("abc")).hash();
        assert_eq!(
            hash,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn an_api_token_is_known_by_its_prefix_and_checksum() {
        let token = ApiToken::new().expect("random bytes");
        let text = token.as_str();
        assert!(
            text.starts_with("wpt_") && text.len() == 4 + DIGITS + CHECK_DIGITS,
            "{text}"
        );
        assert_eq!(ApiToken::parse(text), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "ApiToken");
        for at in 4..text.len() {
            let other = if text[at..].starts_with('x') {
                "y"
            } else {
                "x"
            };
            let wrong = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(ApiToken::parse(&wrong), None, "a wrong digit at {at}");
        }
        for wrong in [
            "",
            "wpt_",
            &text[4..],
            &format!("{text}0"),
            &text.replace("wpt_", "ghp_"),
            "wpt_ääääääääääääääääääääääääääää",
        ] {
            assert_eq!(ApiToken::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_checksum_is_the_usual_crc_32() {
        // The check value of CRC-32, 0xCBF43926, is 3421780262.
        assert_eq!(crc32fast::hash(b"123456789"), 3_421_780_262);
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
    }
}
