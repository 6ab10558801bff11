//! SCRAM-SHA-256 (RFC 5802, RFC 7677), both sides of it, without channel binding.
//! Absent: `SASLprep`; the passwords of tests are ASCII.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What PostgreSQL asks for.
const ITERATIONS: u32 = 4096;
/// The only mechanism.
pub(crate) const MECHANISM: &str = "SCRAM-SHA-256";

type Key = [u8; 32];

/// What was derived from the password, once, because it is slow.
#[derive(Default)]
pub(crate) struct Secrets {
    server: OnceLock<([u8; 16], Key)>,
    client: Mutex<HashMap<(Vec<u8>, u32), Key>>,
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Key {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
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
fn salted(password: &str, salt: &[u8], iterations: u32) -> Key {
    let mac = keyed(password.as_bytes());
    let next = |bytes: &[u8]| -> Key {
        mac.clone()
            .chain_update(bytes)
            .finalize()
            .into_bytes()
            .into()
    };
    let mut round = next(&[salt, &1_u32.to_be_bytes()].concat());
    let mut sum = round;
    for _ in 1..iterations {
        round = next(&round);
        sum = xor(sum, &round);
    }
    sum
}

fn nonce() -> String {
    BASE64.encode(rand::random::<[u8; 18]>())
}

/// The value of `name=` in a message.
fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message
        .split(',')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// The server's side of one exchange.
pub(crate) struct Server {
    salted: Key,
    /// The messages so far, as both sides sign them.
    signed: String,
    nonce: String,
}

impl Server {
    /// Takes the client's first message; gives the answer to it.
    pub(crate) fn begin(secrets: &Secrets, password: &str, first: &str) -> Option<(Self, String)> {
        let bare = first
            .strip_prefix("n,,")
            .or_else(|| first.strip_prefix("y,,"))?;
        let (salt, salted) = *secrets.server.get_or_init(|| {
            let salt = rand::random();
            (salt, salted(password, &salt, ITERATIONS))
        });
        let nonce = format!("{}{}", field(bare, "r")?, nonce());
        let answer = format!("r={nonce},s={},i={ITERATIONS}", BASE64.encode(salt));
        let signed = format!("{bare},{answer}");
        Some((
            Self {
                salted,
                signed,
                nonce,
            },
            answer,
        ))
    }

    /// Takes the client's proof; gives the server's own, or none when the password is wrong.
    pub(crate) fn end(self, last: &str) -> Option<String> {
        let (without_proof, proof) = last.rsplit_once(",p=")?;
        if field(without_proof, "r")? != self.nonce {
            return None;
        }
        let proof = BASE64
            .decode(proof)
            .ok()
            .filter(|proof| proof.len() == 32)?;
        let signed = format!("{},{without_proof}", self.signed);
        let stored = hash(&mac(&self.salted, &[b"Client Key"]));
        let client = xor(mac(&stored, &[signed.as_bytes()]), &proof);
        if hash(&client) != stored {
            return None;
        }
        let key = mac(&self.salted, &[b"Server Key"]);
        Some(format!(
            "v={}",
            BASE64.encode(mac(&key, &[signed.as_bytes()]))
        ))
    }
}

/// The client's side of one exchange.
pub(crate) struct Client {
    nonce: String,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self { nonce: nonce() }
    }

    fn bare(&self) -> String {
        format!("n=,r={}", self.nonce)
    }

    /// The first message.
    pub(crate) fn first(&self) -> String {
        format!("n,,{}", self.bare())
    }

    /// The proof, in answer to the server's first message.
    pub(crate) fn last(&self, secrets: &Secrets, password: &str, answer: &str) -> Option<String> {
        let nonce = field(answer, "r").filter(|nonce| nonce.starts_with(&self.nonce))?;
        let salt = BASE64.decode(field(answer, "s")?).ok()?;
        let iterations = field(answer, "i")?.parse().ok()?;
        let salted = *secrets
            .client
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((salt.clone(), iterations))
            .or_insert_with(|| salted(password, &salt, iterations));
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{},{answer},{without_proof}", self.bare());
        let key = mac(&salted, &[b"Client Key"]);
        let proof = xor(key, &mac(&hash(&key), &[signed.as_bytes()]));
        Some(format!("{without_proof},p={}", BASE64.encode(proof)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// The example of RFC 7677.
    #[test]
    fn the_example_of_the_rfc() {
        let client = Client {
            nonce: "rOprNGfwEbeRWgbNEkqO".to_owned(),
        };
        let server = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        // The example names the user in its first message, which PostgreSQL's clients leave empty.
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let key = mac(&salted("pencil", &salt, 4096), &[b"Client Key"]);
        let signed = format!(
            "n=user,r={},{server},c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            client.nonce
        );
        let proof = xor(key, &mac(&hash(&key), &[signed.as_bytes()]));
        assert_eq!(
            BASE64.encode(proof),
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(client.last(&Secrets::default(), "pencil", server).is_some());
    }

    #[test]
    fn both_sides_agree_on_the_right_password_alone() {
        let secrets = Secrets::default();
        for (password, is_right) in [("secret", true), ("Secret", false), ("", false)] {
            let client = Client::new();
            let (server, answer) = Server::begin(&secrets, "secret", &client.first()).unwrap();
            let last = client.last(&Secrets::default(), password, &answer).unwrap();
            assert_eq!(server.end(&last).is_some(), is_right, "{password}");
        }
    }
}
