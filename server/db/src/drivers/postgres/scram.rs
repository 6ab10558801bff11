//! SCRAM-SHA-256 (RFC 5802 and 7677), with the key kept.
//!
//! The key is derived from the password by thousands of rounds of HMAC, which in WebAssembly cost more than a page. It
//! depends only on the password and the server's salt: so it is derived once for each isolate, by WebCrypto in a Worker,
//! and only the two keys that a log-in needs are kept, not the password.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::DbError;

type Key = [u8; 32];

/// The keys by which both sides prove that they know the password.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    client: Key,
    pub(super) server: Key,
}

impl Keys {
    /// The client's proof: its key, masked by a signature of the messages of both sides.
    pub(super) fn proof(&self, message: &[u8]) -> Key {
        let stored: Key = Sha256::digest(self.client).into();
        let mut proof = self.client;
        for (byte, other) in proof.iter_mut().zip(hmac(&stored, message)) {
            *byte ^= other;
        }
        proof
    }
}

/// The keys of this isolate's log-ins, by a hash of their input.
static KEYS: LazyLock<Mutex<HashMap<Key, Keys>>> = LazyLock::new(Mutex::default);

/// The most log-ins to keep keys of; a site has one or two.
const MAX_KEPT_KEYS: usize = 16;

/// The most rounds that a server may require: PostgreSQL's own default is 4,096.
const MAX_ROUNDS: u32 = 1_000_000;

/// A log-in in progress.
pub(super) struct Scram {
    password: String,
    nonce: String,
    bare: String,
    server_signature: Option<Key>,
}

impl Scram {
    pub(super) fn new(password: &str) -> Self {
        // Two random UUIDs hold more than 128 random bits.
        let random = [uuid::Uuid::now_v7(), uuid::Uuid::now_v7()];
        let nonce = STANDARD.encode(Sha256::digest(
            [random[0].as_bytes().as_slice(), random[1].as_bytes()].concat(),
        ));
        Self::with_nonce(password, nonce)
    }

    fn with_nonce(password: &str, nonce: String) -> Self {
        Self {
            // PostgreSQL uses a password that cannot be prepared as it is.
            password: stringprep::saslprep(password)
                .map_or_else(|_| password.to_owned(), std::borrow::Cow::into_owned),
            bare: format!("n=,r={nonce}"),
            nonce,
            server_signature: None,
        }
    }

    /// The first message to the server.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.bare)
    }

    /// The response to the server's first message.
    pub(super) async fn prove(&mut self, server_first: &[u8]) -> Result<String, DbError> {
        let text = std::str::from_utf8(server_first).map_err(|_| broken("it is not text"))?;
        let (nonce, salt, rounds) =
            first_of_server(text).ok_or_else(|| broken("its first message cannot be read"))?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(broken("its nonce does not continue ours"));
        }
        let salt = STANDARD
            .decode(salt)
            .map_err(|_| broken("its salt cannot be read"))?;
        if rounds == 0 || rounds > MAX_ROUNDS {
            return Err(broken("it requires an absurd number of rounds"));
        }
        let keys = keys(&self.password, &salt, rounds).await?;
        let without_proof = format!("c=biws,r={nonce}");
        let message = format!("{},{text},{without_proof}", self.bare);
        let proof = keys.proof(message.as_bytes());
        self.server_signature = Some(hmac(&keys.server, message.as_bytes()));
        Ok(format!("{without_proof},p={}", STANDARD.encode(proof)))
    }

    /// Checks the server's last message, which needs the password too.
    pub(super) fn verify(&self, server_final: &[u8]) -> Result<(), DbError> {
        let given = std::str::from_utf8(server_final)
            .ok()
            .and_then(|text| text.split(',').next()?.strip_prefix("v="))
            .and_then(|text| STANDARD.decode(text).ok());
        match (given, self.server_signature) {
            (Some(given), Some(expected)) if given == expected => Ok(()),
            _ => Err(broken("it does not know the password either")),
        }
    }
}

fn first_of_server(text: &str) -> Option<(&str, &str, u32)> {
    let mut parts = text.split(',');
    let nonce = parts.next()?.strip_prefix("r=")?;
    let salt = parts.next()?.strip_prefix("s=")?;
    let rounds = parts.next()?.strip_prefix("i=")?.parse().ok()?;
    Some((nonce, salt, rounds))
}

fn broken(why: &str) -> DbError {
    DbError::Unavailable(format!(
        "The database server's log-in cannot be trusted: {why}."
    ))
}

pub(super) fn hmac(key: &[u8], message: &[u8]) -> Key {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub(super) async fn keys(password: &str, salt: &[u8], rounds: u32) -> Result<Keys, DbError> {
    let made_of: Key = {
        let mut hash = Sha256::new();
        hash.update(Sha256::digest(password));
        hash.update(rounds.to_be_bytes());
        hash.update(salt);
        hash.finalize().into()
    };
    if let Some(keys) = kept().get(&made_of) {
        return Ok(*keys);
    }
    let salted = salted(password, salt, rounds).await?;
    let keys = Keys {
        client: hmac(&salted, b"Client Key"),
        server: hmac(&salted, b"Server Key"),
    };
    let mut kept = kept();
    if kept.len() >= MAX_KEPT_KEYS {
        kept.clear();
    }
    kept.insert(made_of, keys);
    Ok(keys)
}

/// Forgets the kept keys.
#[cfg(feature = "contract")]
pub(super) fn forget() {
    kept().clear();
}

fn kept() -> std::sync::MutexGuard<'static, HashMap<Key, Keys>> {
    KEYS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// RFC 5802's `Hi`, which is PBKDF2 with one block.
#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::unused_async, reason = "the browser's own is asynchronous")]
async fn salted(password: &str, salt: &[u8], rounds: u32) -> Result<Key, DbError> {
    let mut last = hmac(password.as_bytes(), &[salt, &1_u32.to_be_bytes()].concat());
    let mut out = last;
    for _ in 1..rounds {
        last = hmac(password.as_bytes(), &last);
        for (byte, other) in out.iter_mut().zip(last) {
            *byte ^= other;
        }
    }
    Ok(out)
}

#[cfg(target_arch = "wasm32")]
async fn salted(password: &str, salt: &[u8], rounds: u32) -> Result<Key, DbError> {
    use worker::js_sys::{Object, Reflect, Uint8Array};
    use worker::send::SendFuture;
    use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
    use worker::wasm_bindgen_futures::JsFuture;

    #[wasm_bindgen]
    extern "C" {
        type Subtle;

        #[wasm_bindgen(thread_local_v2, js_namespace = crypto, js_name = subtle)]
        static SUBTLE: Subtle;

        #[wasm_bindgen(method, catch, js_name = importKey)]
        fn import_key(
            this: &Subtle,
            format: &str,
            key: &Uint8Array,
            algorithm: &str,
            extractable: bool,
            usages: Vec<String>,
        ) -> Result<worker::js_sys::Promise, JsValue>;

        #[wasm_bindgen(method, catch, js_name = deriveBits)]
        fn derive_bits(
            this: &Subtle,
            algorithm: &Object,
            key: &JsValue,
            bits: u32,
        ) -> Result<worker::js_sys::Promise, JsValue>;
    }

    let derived = SendFuture::new(async move {
        let subtle = SUBTLE.with(|subtle| subtle.unchecked_ref::<JsValue>().clone());
        let subtle: Subtle = subtle.unchecked_into();
        let key = Uint8Array::from(password.as_bytes());
        let usages = vec!["deriveBits".to_owned()];
        let key = JsFuture::from(subtle.import_key("raw", &key, "PBKDF2", false, usages)?).await?;
        let how = Object::new();
        Reflect::set(&how, &"name".into(), &"PBKDF2".into())?;
        Reflect::set(&how, &"hash".into(), &"SHA-256".into())?;
        Reflect::set(&how, &"salt".into(), &Uint8Array::from(salt))?;
        Reflect::set(&how, &"iterations".into(), &rounds.into())?;
        let bits = JsFuture::from(subtle.derive_bits(&how, &key, 256)?).await?;
        Ok::<_, JsValue>(Uint8Array::new(&bits).to_vec())
    })
    .await
    .map_err(|error| broken(&format!("WebCrypto cannot make its key ({error:?})")))?;
    Key::try_from(derived).map_err(|_| broken("WebCrypto gave a key of another length"))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    /// The example of RFC 7677, section 3.
    #[test]
    fn the_rfcs_example() {
        let mut scram = Scram::with_nonce("pencil", "rOprNGfwEbeRWgbNEkqO".to_owned());
        scram.bare = "n=user,r=rOprNGfwEbeRWgbNEkqO".to_owned();
        let server_first =
            b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = block_on(scram.prove(server_first)).expect("a proof");
        assert!(
            proof.ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
            "{proof}"
        );
        scram
            .verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
            .expect("the server knows it");
        assert!(
            scram
                .verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=")
                .is_err()
        );
        assert!(scram.verify(b"e=other-error").is_err());
    }

    #[test]
    fn a_server_that_lies_is_refused() {
        for lie in [
            "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=abcd,s=!,i=4096",
            "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
            "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4294967295",
            "",
            "\u{ff}",
        ] {
            let mut scram = Scram::with_nonce("pencil", "abc".to_owned());
            assert!(block_on(scram.prove(lie.as_bytes())).is_err(), "{lie}");
        }
    }
}
