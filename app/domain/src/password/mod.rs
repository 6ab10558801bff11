//! Passwords: what is taken for a new one, after NIST SP 800-63B. Long enough, not among those that everybody tries first, not
//! made of the person's own names; no rule about kinds of characters, which makes passwords worse.
//!
//! Absent: how they are stored.

mod guesses;

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::FieldRule;

/// A password as it was typed, in the form in which it is compared: keyboards differ in how they write the same letter (NFKC).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// A password that somebody may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword(Password);

/// An error for a new password that is not taken, as a sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeakPassword(pub &'static str);

impl fmt::Display for WeakPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for WeakPassword {}

impl Password {
    /// The most bytes of a password: more costs time and makes it no better.
    pub const MAX_BYTES: usize = 1024;

    /// Takes `text` as a password to be compared with a stored one; `None` when it is too long to be one.
    pub fn typed(text: &str) -> Option<Self> {
        // What is longer than this does not become short enough by being composed.
        if text.len() > 4 * Self::MAX_BYTES {
            return None;
        }
        let composed: String = text.nfkc().collect();
        (composed.len() <= Self::MAX_BYTES).then_some(Self(composed))
    }

    /// The bytes of which the hash is made.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Its text is never shown.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl NewPassword {
    /// The fewest characters of a new password.
    pub const MIN: usize = 10;

    /// The rule of a field where one is typed.
    pub const RULE: FieldRule = FieldRule {
        pattern: None,
        min: Self::MIN,
        sentence: "A password has at least 10 characters.",
    };

    /// Takes `text` as a new password of a person whose names are `own`: handle, name, e-mail address, and the site's name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str, own: &[&str]) -> Result<Self, WeakPassword> {
        let too_long = WeakPassword("A password has at most 1024 bytes.");
        let password = Password::typed(text).ok_or(too_long)?;
        Self::check(&password.0, own)?;
        Ok(Self(password))
    }

    /// Checks a new password by the same rules, while it is typed: without Unicode's tables, which a browser need not load.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn check(text: &str, own: &[&str]) -> Result<(), WeakPassword> {
        if text.chars().count() < Self::MIN {
            return Err(WeakPassword(Self::RULE.sentence));
        }
        if text.contains('\0') {
            return Err(WeakPassword("A password cannot have the character NUL."));
        }
        if guesses::are_enough(text, &[]) {
            return Err(WeakPassword(
                "This password is among those that are tried first. A few words that have nothing to do with each other are better.",
            ));
        }
        if guesses::are_enough(text, own) {
            return Err(WeakPassword(
                "This password is made of your own names. A few words that have nothing to do with you are better.",
            ));
        }
        Ok(())
    }

    /// The password, to be hashed.
    pub fn as_password(&self) -> &Password {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str, own: &[&str]) -> &'static str {
        NewPassword::parse(text, own).map_or_else(|why| why.0, |_| "taken")
    }

    #[test]
    fn good_passwords_of_every_kind_are_taken() {
        for good in [
            "plum lantern gravel",
            "correct giraffe battery",
            "m8Jq2-vX0w",
            "Tr4umhaftSchönesWetter",
            "夜明けの列車と古い駅の猫",
            "это очень длинная фраза",
            "          x y z q v w",
            "#k$2L!p9^Qz",
            "🦊🪵🧂🫖🛶🪁🧦🥝🪐🎻",
            "tuesdays smell of rain",
        ] {
            assert_eq!(says(good, &["ada", "Ada Lovelace"]), "taken", "{good}");
        }
        assert_eq!(says(&"plum lantern gravel ".repeat(50), &[]), "taken");
    }

    #[test]
    fn short_and_endless_ones_are_not() {
        for short in ["", "short", "m8Jq2-vX0", "夜明けの列車"] {
            assert!(says(short, &[]).contains("at least 10"), "{short}");
        }
        let long = "plum lantern gravel ".repeat(60);
        assert!(says(&long, &[]).contains("at most 1024"));
        assert!(says(&"\u{fdfa}".repeat(100), &[]).contains("at most 1024"));
        assert!(says("plum lantern\0 gravel", &[]).contains("NUL"));
    }

    #[test]
    fn those_that_are_tried_first_are_not() {
        for common in [
            "password123",
            "Password123!",
            "p@ssw0rd2024",
            "PASSWORDPASSWORD",
            "passwordpassword1",
            "1234567890",
            "0987654321",
            "123123123123",
            "1111111111",
            "aaaaaaaaaa",
            "abababababab",
            "abcdefghij",
            "qwertyuiop",
            "QWERTYuiop123",
            "qwertzuiop",
            "1q2w3e4r5t6y",
            "zaq12wsxcde3",
            "asdfghjkl;",
            "!@#$%^&*()",
            "iloveyou2025",
            "letmein12345",
            "welcome2024!",
            "dragon123456",
            "football1987",
            "sunshine!!!!",
            "princess-2001",
            "trustno1trustno1",
            "changeme!!",
            "admin-admin-admin",
            "qwerty-password-123",
            "correcthorsebatterystaple",
            "correct horse battery staple",
            "1qaz2wsx3edc",
            "liverpool2005",
            "          ",
            "..........1",
        ] {
            assert!(says(common, &[]).contains("tried first"), "{common}");
        }
    }

    #[test]
    fn those_made_of_ones_own_names_are_not() {
        let own = [
            "ada-lovelace",
            "Ada King, Countess of Lovelace",
            "countess@analytical.example",
            "Waystation",
        ];
        for made in [
            "ada-lovelace",
            "AdaLovelace1815",
            "4d4-l0v3l4c3!!",
            "lovelacelovelace",
            "countess@analytical.example",
            "analytical2024",
            "Waystation123",
            "lovelace-password",
        ] {
            assert!(says(made, &own).contains("own names"), "{made}");
        }
        assert_eq!(says("the magicians adapt", &own), "taken");
        assert_eq!(says("AdaLovelace1815", &[]), "taken");
    }

    #[test]
    fn one_password_is_one_however_it_was_typed() {
        let composed = Password::typed("Zoë plum lantern");
        assert!(composed.is_some() && composed == Password::typed("Zoe\u{308} plum lantern"));
        assert_eq!(Password::typed("ｐｌｕｍ"), Password::typed("plum"));
        assert_ne!(Password::typed("plum "), Password::typed("plum"));
        assert_eq!(format!("{composed:?}"), "Some(Password)");
    }
}
