//! Encryption of the password with the public key that the server sends.
//!
//! Owns what is encrypted, and the key's outer form. RSA itself is the platform's: WebCrypto in a Worker, the crate `rsa`
//! in native programs. Both check the key, which is untrusted input.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod webcrypto;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg(not(target_arch = "wasm32"))]
use native::encrypt_block;
#[cfg(target_arch = "wasm32")]
use webcrypto::encrypt_block;

use crate::Error;

/// The sizes of a key's modulus that are taken, in bits. A larger key would let the server cost us CPU.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// The largest key that is parsed, in bytes: one with a modulus of 8,192 bits is little more than half as large.
const MAX_KEY_BYTES: usize = 2048;

/// Encrypts the password, terminated by NUL and XORed with the server's nonce, with the server's key by OAEP with SHA-1.
pub(crate) async fn encrypt(
    password: &[u8],
    nonce: &[u8; 20],
    pem: &[u8],
) -> Result<Vec<u8>, Error> {
    let key = key_of_pem(pem)
        .filter(|key| key.len() <= MAX_KEY_BYTES)
        .ok_or_else(unusable_key)?;
    let mut message = password.to_vec();
    message.push(0);
    for (byte, mask) in message.iter_mut().zip(nonce.iter().cycle()) {
        *byte ^= mask;
    }
    encrypt_block(&key, &message).await
}

fn auth_error(reason: &str) -> Error {
    Error::Auth(reason.to_owned())
}

fn unusable_key() -> Error {
    auth_error("the server's public key cannot be used")
}

fn weak_key() -> Error {
    auth_error("the server's public key is weak or unusually large")
}

fn too_long() -> Error {
    auth_error("the password is too long for the server's public key")
}

/// Decodes the PEM form in which MySQL reads and sends its key (SubjectPublicKeyInfo).
fn key_of_pem(pem: &[u8]) -> Option<Vec<u8>> {
    let pem = std::str::from_utf8(pem).ok()?;
    let (_, rest) = pem.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use ::rsa::pkcs1::EncodeRsaPublicKey as _;
    use ::rsa::pkcs8::{EncodePublicKey as _, LineEnding};
    use ::rsa::rand_core::OsRng;
    use ::rsa::{Oaep, RsaPrivateKey, RsaPublicKey};

    /// The share of the modulus that OAEP padding takes: two SHA-1 digests and two bytes.
    const OAEP_OVERHEAD_BYTES: usize = 42;

    const NONCE: [u8; 20] = *b"abcdefghijklmnopqrst";

    fn encrypt(password: &[u8], nonce: &[u8; 20], pem: &[u8]) -> Result<Vec<u8>, Error> {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(super::encrypt(password, nonce, pem))
    }

    fn generate_key() -> RsaPrivateKey {
        RsaPrivateKey::new(&mut OsRng, 1024).unwrap()
    }

    fn decrypt(private: &RsaPrivateKey, encrypted: &[u8]) -> Vec<u8> {
        let plain = private
            .decrypt(Oaep::new::<sha1::Sha1>(), encrypted)
            .unwrap();
        plain
            .iter()
            .zip(NONCE.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect()
    }

    #[test]
    fn the_owner_of_the_key_can_decrypt_the_password() {
        let private = generate_key();
        let public = RsaPublicKey::from(&private);
        let longest = [b'x'; 128 - OAEP_OVERHEAD_BYTES - 1];
        for line_ending in [LineEnding::LF, LineEnding::CRLF] {
            let pem = public.to_public_key_pem(line_ending).unwrap();
            for password in [&b"secret"[..], &longest] {
                let encrypted = encrypt(password, &NONCE, pem.as_bytes()).unwrap();
                assert_eq!(encrypted.len(), 128);
                assert_eq!(decrypt(&private, &encrypted), [password, &[0]].concat());
            }
            assert!(matches!(
                encrypt(&[b'x'; 128 - OAEP_OVERHEAD_BYTES], &NONCE, pem.as_bytes()),
                Err(Error::Auth(why)) if why.contains("too long")
            ));
        }
    }

    #[test]
    fn a_key_of_another_size_or_form_is_refused() {
        let small = RsaPublicKey::from(&RsaPrivateKey::new(&mut OsRng, 512).unwrap());
        let pem = small.to_public_key_pem(LineEnding::LF).unwrap();
        assert!(matches!(
            encrypt(b"x", &NONCE, pem.as_bytes()),
            Err(Error::Auth(why)) if why.contains("weak")
        ));
        // No server sends this form: it reads its own key in the other.
        let pem = RsaPublicKey::from(&generate_key())
            .to_pkcs1_pem(LineEnding::LF)
            .unwrap();
        assert!(matches!(
            encrypt(b"x", &NONCE, pem.as_bytes()),
            Err(Error::Auth(why)) if why.contains("cannot be used")
        ));
    }

    #[test]
    fn a_damaged_key_is_an_error() {
        let pem = RsaPublicKey::from(&generate_key())
            .to_public_key_pem(LineEnding::LF)
            .unwrap();
        let (_, body) = pem.split_once('\n').unwrap();
        let body: String = body
            .split("-----END")
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let der = STANDARD.decode(body).unwrap();
        let wrap = |der: &[u8]| {
            let body = STANDARD.encode(der);
            format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
        };
        assert!(encrypt(b"secret", &NONCE, wrap(&der).as_bytes()).is_ok());
        for length in 0..der.len() {
            assert!(
                encrypt(b"secret", &NONCE, wrap(&der[..length]).as_bytes()).is_err(),
                "{length}"
            );
        }
        // No single wrong bit causes a panic.
        for at in 0..der.len() * 8 {
            let mut wrong = der.clone();
            wrong[at / 8] ^= 1 << (at % 8);
            let _ = encrypt(b"secret", &NONCE, wrap(&wrong).as_bytes());
        }
        for pem in [
            "",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
        ] {
            assert!(encrypt(b"secret", &NONCE, pem.as_bytes()).is_err());
        }
    }
}
