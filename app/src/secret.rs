//! The site's secret (`SESSION_SECRET`), which signs its cookies.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The cookie with the proof of who owns an account that waits to be erased, which is signed.
pub const OWNER_COOKIE: &str = "__Host-owner";

/// Fewest characters of a secret.
const MIN_LENGTH: usize = 32;

/// A secret; its text is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// None when `text` is too short to be one.
    pub fn new(text: String) -> Option<Self> {
        (text.len() >= MIN_LENGTH).then(|| Self(text.into()))
    }

    /// 32 bytes made of `text` for `purpose`, which nobody else can make.
    pub fn derive(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.mac(purpose, text).finalize().into_bytes().into()
    }

    /// The signature of `text` for `purpose`, in hex.
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        self.derive(purpose, text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Checks a signature that [`Self::sign`] made, in constant time.
    pub fn has_signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        let bytes: Option<Vec<u8>> = signature
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        bytes.is_some_and(|bytes| self.mac(purpose, text).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::new_from_slice(self.0.as_bytes()).expect("HMAC takes keys of any length");
        for part in [purpose, text] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_for_its_text_and_purpose() {
        let secret = Secret::new("x".repeat(32)).expect("long enough");
        let signature = secret.sign("a", "text");
        assert!(secret.has_signed("a", "text", &signature));
        assert!(!secret.has_signed("at", "ext", &signature));
        assert!(!secret.has_signed("a", "text", &signature[2..]));
        assert!(!secret.has_signed("a", "text", "zz"));
        assert!(Secret::new("x".repeat(31)).is_none());
        assert_eq!(format!("{secret:?}"), "Secret");
    }
}
