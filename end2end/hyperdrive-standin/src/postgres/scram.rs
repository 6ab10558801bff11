//! SCRAM-SHA-256 (RFC 5802, RFC 7677), client and server side, without channel binding.
//! Absent: `SASLprep`, because test passwords are ASCII.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// PostgreSQL's default.
const ITERATIONS: u32 = 4096;
pub(crate) const MECHANISM: &str = "SCRAM-SHA-256";

type Key = [u8; 32];

/// A cache of salted passwords, because their derivation is slow.
#[derive(Default)]
pub(crate) struct SaltedPasswords {
    server: OnceLock<([u8; 16], Key)>,
    client: Mutex<HashMap<(Vec<u8>, u32), Key>>,
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Key {
    let mut mac = hmac_state(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn hmac_state(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn hash(bytes: &[u8]) -> Key {
    Sha256::digest(bytes).into()
}

fn xor(left: Key, right: &[u8]) -> Key {
    let mut both = left;
    both.iter_mut().zip(right).for_each(|(a, b)| *a ^= b);
    both
}

/// PBKDF2 with HMAC-SHA-256, one block.
fn salt_password(password: &str, salt: &[u8], iterations: u32) -> Key {
    let mac = hmac_state(password.as_bytes());
    let hmac = |bytes: &[u8]| -> Key {
        mac.clone()
            .chain_update(bytes)
            .finalize()
            .into_bytes()
            .into()
    };
    let mut block = hmac(&[salt, &1_u32.to_be_bytes()].concat());
    let mut sum = block;
    for _ in 1..iterations {
        block = hmac(&block);
        sum = xor(sum, &block);
    }
    sum
}

fn nonce() -> String {
    BASE64.encode(rand::random::<[u8; 18]>())
}

/// Finds the value of the attribute `name` in a message.
fn attribute<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message
        .split(',')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// The server side of one exchange.
pub(crate) struct ScramServer {
    salted_password: Key,
    /// The messages so far; both sides sign them.
    auth_message: String,
    nonce: String,
}

impl ScramServer {
    /// Takes the client-first-message and returns the server-first-message.
    pub(crate) fn begin(
        cache: &SaltedPasswords,
        password: &str,
        client_first: &str,
    ) -> Option<(Self, String)> {
        let bare = client_first
            .strip_prefix("n,,")
            .or_else(|| client_first.strip_prefix("y,,"))?;
        let (salt, salted_password) = *cache.server.get_or_init(|| {
            let salt = rand::random();
            (salt, salt_password(password, &salt, ITERATIONS))
        });
        let nonce = format!("{}{}", attribute(bare, "r")?, nonce());
        let server_first = format!("r={nonce},s={},i={ITERATIONS}", BASE64.encode(salt));
        let auth_message = format!("{bare},{server_first}");
        Some((
            Self {
                salted_password,
                auth_message,
                nonce,
            },
            server_first,
        ))
    }

    /// Takes the client-final-message and returns the server-final-message; `None` if the password is wrong.
    pub(crate) fn finish(self, client_final: &str) -> Option<String> {
        let (without_proof, proof) = client_final.rsplit_once(",p=")?;
        if attribute(without_proof, "r")? != self.nonce {
            return None;
        }
        let proof = BASE64
            .decode(proof)
            .ok()
            .filter(|proof| proof.len() == 32)?;
        let auth_message = format!("{},{without_proof}", self.auth_message);
        let stored_key = hash(&hmac(&self.salted_password, &[b"Client Key"]));
        let client_key = xor(hmac(&stored_key, &[auth_message.as_bytes()]), &proof);
        if hash(&client_key) != stored_key {
            return None;
        }
        let server_key = hmac(&self.salted_password, &[b"Server Key"]);
        Some(format!(
            "v={}",
            BASE64.encode(hmac(&server_key, &[auth_message.as_bytes()]))
        ))
    }
}

/// The client side of one exchange.
pub(crate) struct ScramClient {
    nonce: String,
}

impl ScramClient {
    pub(crate) fn new() -> Self {
        Self { nonce: nonce() }
    }

    fn first_bare(&self) -> String {
        format!("n=,r={}", self.nonce)
    }

    /// Returns the client-first-message.
    pub(crate) fn first_message(&self) -> String {
        format!("n,,{}", self.first_bare())
    }

    /// Returns the client-final-message for a server-first-message.
    pub(crate) fn final_message(
        &self,
        cache: &SaltedPasswords,
        password: &str,
        server_first: &str,
    ) -> Option<String> {
        let nonce = attribute(server_first, "r").filter(|nonce| nonce.starts_with(&self.nonce))?;
        let salt = BASE64.decode(attribute(server_first, "s")?).ok()?;
        let iterations = attribute(server_first, "i")?.parse().ok()?;
        let salted_password = *cache
            .client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((salt.clone(), iterations))
            .or_insert_with(|| salt_password(password, &salt, iterations));
        let without_proof = format!("c=biws,r={nonce}");
        let auth_message = format!("{},{server_first},{without_proof}", self.first_bare());
        let client_key = hmac(&salted_password, &[b"Client Key"]);
        let proof = xor(
            client_key,
            &hmac(&hash(&client_key), &[auth_message.as_bytes()]),
        );
        Some(format!("{without_proof},p={}", BASE64.encode(proof)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_example_of_rfc_7677() {
        let client = ScramClient {
            nonce: "rOprNGfwEbeRWgbNEkqO".to_owned(),
        };
        let server = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        // The example has a user name in its first message, which PostgreSQL's clients leave empty.
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let key = hmac(&salt_password("pencil", &salt, 4096), &[b"Client Key"]);
        let auth_message = format!(
            "n=user,r={},{server},c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            client.nonce
        );
        let proof = xor(key, &hmac(&hash(&key), &[auth_message.as_bytes()]));
        assert_eq!(
            BASE64.encode(proof),
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(
            client
                .final_message(&SaltedPasswords::default(), "pencil", server)
                .is_some()
        );
    }

    #[test]
    fn only_the_right_password_is_accepted() {
        let cache = SaltedPasswords::default();
        for (password, is_right) in [("secret", true), ("Secret", false), ("", false)] {
            let client = ScramClient::new();
            let (server, server_first) =
                ScramServer::begin(&cache, "secret", &client.first_message()).unwrap();
            let client_final = client
                .final_message(&SaltedPasswords::default(), password, &server_first)
                .unwrap();
            assert_eq!(
                server.finish(&client_final).is_some(),
                is_right,
                "{password}"
            );
        }
    }
}
