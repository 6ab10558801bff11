//! The password for a server whose public key came over the wire. Owns reading that key.
//!
//! The padding and the arithmetic are `mysql_common`'s. Its reader of keys is not used: it panics on a key that is cut
//! short, and the key is the server's word.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mysql_common::crypto::rsa::{GetRandom, Pkcs1OaepPadding, PublicKey};
use num_bigint::BigUint;

use crate::Error;

/// What the padding needs of the modulus: two SHA-1 digests and two bytes.
const PADDING: usize = 42;

/// Encrypts the password, ended by NUL and mixed with the server's challenge, for the server's key.
pub(crate) fn encrypt(password: &[u8], nonce: &[u8; 20], pem: &[u8]) -> Result<Vec<u8>, Error> {
    let (modulus, exponent) =
        key(pem).ok_or_else(|| bad("the server's public key cannot be read"))?;
    // 1,024 to 8,192 bits in whole bytes; an exponent as they are in use. More would be work for the server's pleasure.
    if !(128..=1024).contains(&modulus.len())
        || modulus[0] < 0x80
        || modulus[modulus.len() - 1] & 1 == 0
        || exponent.is_empty()
        || exponent.len() > 4
        || exponent[exponent.len() - 1] & 1 == 0
    {
        return Err(bad("the server's public key is of no use"));
    }
    let mut message = password.to_vec();
    message.push(0);
    for (byte, mask) in message.iter_mut().zip(nonce.iter().cycle()) {
        *byte ^= mask;
    }
    if message.len() + PADDING > modulus.len() {
        return Err(bad("the password is too long for the server's public key"));
    }
    PublicKey::new(
        BigUint::from_bytes_be(modulus.as_slice()),
        BigUint::from_bytes_be(&exponent),
    )
    .encrypt_block(&message, Pkcs1OaepPadding::new(GetRandom))
    .map_err(|_| bad("the password cannot be encrypted"))
}

fn bad(why: &str) -> Error {
    Error::Auth(why.to_owned())
}

/// Modulus and exponent, without leading zeros, of a PEM file with either header.
fn key(pem: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let pem = std::str::from_utf8(pem).ok()?;
    let (is_bare, body) = match between(
        pem,
        "-----BEGIN PUBLIC KEY-----",
        "-----END PUBLIC KEY-----",
    ) {
        Some(body) => (false, body),
        None => (
            true,
            between(
                pem,
                "-----BEGIN RSA PUBLIC KEY-----",
                "-----END RSA PUBLIC KEY-----",
            )?,
        ),
    };
    let body: String = body.split_ascii_whitespace().collect();
    let der = STANDARD.decode(body).ok()?;
    let mut bare = &der[..];
    if !is_bare {
        // SubjectPublicKeyInfo: the algorithm, then the key within a string of bits, none of them unused.
        let (mut information, _) = element(bare, 0x30)?;
        (_, information) = element(information, 0x30)?;
        let (bits, _) = element(information, 0x03)?;
        bare = bits.strip_prefix(&[0])?;
    }
    let (numbers, _) = element(bare, 0x30)?;
    let (modulus, rest) = element(numbers, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((unsigned(modulus), unsigned(exponent)))
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(body, _)| body)
}

/// The content of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, first, rest @ ..] = der else {
        return None;
    };
    if *found != tag {
        return None;
    }
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => rest
            .split_first()
            .map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => rest
            .split_first_chunk::<2>()
            .map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?,
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn unsigned(integer: &[u8]) -> Vec<u8> {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    integer[zeros..].to_vec()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use ::rsa::pkcs1::EncodeRsaPublicKey as _;
    use ::rsa::pkcs8::{EncodePublicKey as _, LineEnding};
    use ::rsa::rand_core::OsRng;
    use ::rsa::{Oaep, RsaPrivateKey, RsaPublicKey};

    const NONCE: [u8; 20] = *b"abcdefghijklmnopqrst";

    fn private() -> RsaPrivateKey {
        RsaPrivateKey::new(&mut OsRng, 1024).unwrap()
    }

    fn decrypted(private: &RsaPrivateKey, encrypted: &[u8]) -> Vec<u8> {
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
    fn the_owner_of_the_key_reads_the_password() {
        let private = private();
        let public = RsaPublicKey::from(&private);
        let longest = [b'x'; 128 - PADDING - 1];
        for pem in [
            public.to_public_key_pem(LineEnding::LF).unwrap(),
            public.to_pkcs1_pem(LineEnding::CRLF).unwrap(),
        ] {
            for password in [&b"secret"[..], &longest] {
                let encrypted = encrypt(password, &NONCE, pem.as_bytes()).unwrap();
                assert_eq!(encrypted.len(), 128);
                assert_eq!(decrypted(&private, &encrypted), [password, &[0]].concat());
            }
            assert!(matches!(
                encrypt(&[b'x'; 128 - PADDING], &NONCE, pem.as_bytes()),
                Err(Error::Auth(_))
            ));
        }
    }

    #[test]
    fn a_key_that_is_damaged_is_an_error() {
        let pem = RsaPublicKey::from(&private())
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
        // Whatever bit is wrong, nothing panics.
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
