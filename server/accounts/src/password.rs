//! Stored passwords: argon2id, self-describing, with a salt of their own.
//!
//! The parameters are one of OWASP's equal choices (cheatsheetseries.owasp.org, Password Storage): the one with the least memory,
//! because a Worker's memory never shrinks. Whoever raises them changes [`COST`]; older hashes are made anew when their owners sign
//! in. Absent: the rules for a new password (`domain::NewPassword`).

use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use domain::Password;

use crate::random::{self, NoRandomness};

/// The stored text of somebody without a password: the hash of none.
pub const UNUSABLE: &str = "!";

/// A price in memory (KiB) and passes over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    memory: u32,
    passes: u32,
}

/// The cost of a new hash.
const COST: Cost = Cost {
    memory: 7 * 1024,
    passes: 5,
};

/// The highest cost of a hash that is verified: others were made elsewhere, and would take a Worker's whole memory.
const MAX_COST: Cost = Cost {
    memory: 64 * 1024,
    passes: 16,
};

/// The most lanes of a hash that is verified.
const MAX_LANES: u32 = 8;

/// The bytes of a salt.
const SALT: usize = 16;

/// The bytes of a hash.
const OUTPUT: usize = 32;

/// An error: nothing can be hashed now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashFailure {
    /// No salt can be drawn.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The memory for it cannot be had, or a parameter is not allowed.
    #[error("argon2 failed: {0}")]
    Argon2(String),
}

/// The result of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another, or there is none.
    Wrong,
    /// It is the one.
    Right {
        /// True if the stored hash cost less than a new one would: [`hash`] the password again and store that.
        wants_rehash: bool,
    },
}

/// Hashes a password for storing.
///
/// # Errors
/// When there are no random bytes, or not enough memory.
pub fn hash(password: &Password) -> Result<String, HashFailure> {
    let salt = random::bytes::<SALT>()?;
    let params = Params::new(COST.memory, COST.passes, 1, Some(OUTPUT));
    let params = params.map_err(|error| HashFailure::Argon2(error.to_string()))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string())
        .map_err(|error| HashFailure::Argon2(error.to_string()))
}

/// Compares a password with a `stored` hash. Without one that can be used (an unknown user, somebody who signs in without a
/// password), it computes as long as for a new hash: the time tells nobody who has an account.
///
/// # Errors
/// When there is not enough memory.
pub fn verify(password: &Password, stored: Option<&str>) -> Result<Verdict, HashFailure> {
    let stored = stored.and_then(Stored::parse);
    let is_known = stored.is_some();
    let stored = stored.unwrap_or_else(Stored::nobodys);
    let is_right = stored.is_of(password)? && is_known;
    Ok(if is_right {
        Verdict::Right {
            wants_rehash: stored.is_cheaper_than(COST),
        }
    } else {
        Verdict::Wrong
    })
}

/// The parts of a stored hash.
struct Stored {
    algorithm: Algorithm,
    version: Version,
    cost: Cost,
    lanes: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Stored {
    /// `None` when it is no hash of argon2, or one that costs too much.
    fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let stored = Self {
            algorithm: Algorithm::try_from(hash.algorithm.as_str()).ok()?,
            version: match hash.version {
                Some(version) => Version::try_from(version).ok()?,
                // The format leaves out the version before there were two.
                None => Version::V0x10,
            },
            cost: Cost {
                memory: params.m_cost(),
                passes: params.t_cost(),
            },
            lanes: params.p_cost(),
            salt: hash.salt?.as_ref().to_vec(),
            output: hash.hash?.as_bytes().to_vec(),
        };
        let is_affordable = stored.cost.memory <= MAX_COST.memory
            && stored.cost.passes <= MAX_COST.passes
            && stored.lanes <= MAX_LANES;
        is_affordable.then_some(stored)
    }

    /// A hash that is nobody's, of the cost of a new one.
    fn nobodys() -> Self {
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            cost: COST,
            lanes: 1,
            salt: vec![0; SALT],
            output: vec![0; OUTPUT],
        }
    }

    /// Hashes `password` with the same parameters and compares in constant time.
    fn is_of(&self, password: &Password) -> Result<bool, HashFailure> {
        let failed = |error: &dyn std::fmt::Display| HashFailure::Argon2(error.to_string());
        let Cost { memory, passes } = self.cost;
        let params = Params::new(memory, passes, self.lanes, Some(self.output.len()));
        let params = params.map_err(|error| failed(&error))?;
        let mut made = vec![0; self.output.len()];
        Argon2::new(self.algorithm, self.version, params)
            .hash_password_into(password.as_bytes(), &self.salt, &mut made)
            .map_err(|error| failed(&error))?;
        // The comparison of `Output` is in constant time.
        let (made, stored) = (Output::new(&made), Output::new(&self.output));
        Ok(made.map_err(|error| failed(&error))? == stored.map_err(|error| failed(&error))?)
    }

    /// True if it is of another kind, or made with less work.
    fn is_cheaper_than(&self, cost: Cost) -> bool {
        let work = |cost: Cost| u64::from(cost.memory) * u64::from(cost.passes);
        self.algorithm != Algorithm::Argon2id
            || self.version != Version::V0x13
            || work(self.cost) < work(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: Verdict = Verdict::Right {
        wants_rehash: false,
    };
    const OLD: Verdict = Verdict::Right { wants_rehash: true };

    fn typed(text: &str) -> Password {
        Password::typed(text).expect("a password")
    }

    #[test]
    fn a_password_is_recognised_by_its_hash() {
        let password = typed("plum lantern gravel");
        let hash = hash(&password).expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{hash}");
        assert!(hash.len() <= 255, "it fits its column");
        assert_eq!(verify(&password, Some(&hash)), Ok(RIGHT));
        assert_eq!(
            verify(&typed("plum lantern gravel "), Some(&hash)),
            Ok(Verdict::Wrong)
        );
        assert_eq!(verify(&typed(""), Some(&hash)), Ok(Verdict::Wrong));
        assert_ne!(
            super::hash(&password),
            Ok(hash),
            "each has a salt of its own"
        );
    }

    /// Vectors of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
    #[test]
    fn hashes_made_elsewhere_are_verified_and_wanted_anew_if_they_cost_less() {
        for (hash, verdict) in [
            (
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                OLD,
            ),
            (
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                RIGHT,
            ),
            (
                "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
                OLD,
            ),
        ] {
            assert_eq!(
                verify(&typed("password"), Some(hash)),
                Ok(verdict),
                "{hash}"
            );
            assert_eq!(
                verify(&typed("Password"), Some(hash)),
                Ok(Verdict::Wrong),
                "{hash}"
            );
        }
    }

    #[test]
    fn what_is_no_hash_is_nobodys_password() {
        let long = format!(
            "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ${}",
            "A".repeat(43)
        );
        for stored in [
            None,
            Some(UNUSABLE),
            Some(""),
            Some("plain"),
            Some("$2b$10$abcdefghijklmnopqrstuv"),
            Some(&long),
        ] {
            for text in ["", "!", "plain", "password"] {
                assert_eq!(
                    verify(&typed(text), stored),
                    Ok(Verdict::Wrong),
                    "{stored:?}"
                );
            }
        }
        // Nor is the hash of nothing, with which unknown users are compared.
        let zeroes = Stored::nobodys();
        assert_eq!(zeroes.is_of(&typed("")), Ok(false));
    }

    #[test]
    fn an_unknown_user_costs_as_much_as_a_new_hash() {
        let nobodys = Stored::nobodys();
        assert_eq!((nobodys.cost, nobodys.lanes), (COST, 1));
        assert!(!nobodys.is_cheaper_than(COST));
    }
}
