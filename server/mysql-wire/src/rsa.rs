//! Encryption of the password with the public key that the server sends, including the parsing of that key.
//!
//! Padding and arithmetic come from `mysql_common`. Its key parser is not used: it panics on a truncated key, and the key
//! is untrusted input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mysql_common::crypto::rsa::{GetRandom, Pkcs1OaepPadding, PublicKey};
use num_bigint::BigUint;

use crate::Error;

/// The share of the modulus that OAEP padding takes: two SHA-1 digests and two bytes.
const OAEP_OVERHEAD_BYTES: usize = 42;

/// Encrypts the password, terminated by NUL and XORed with the server's nonce, with the server's key.
pub(crate) fn encrypt(password: &[u8], nonce: &[u8; 20], pem: &[u8]) -> Result<Vec<u8>, Error> {
    let (modulus, exponent) =
        parse_key(pem).ok_or_else(|| auth_error("the server's public key cannot be parsed"))?;
    // 1,024 to 8,192 bits in whole bytes, and an exponent of a usual size. A larger key would let the server cost us CPU.
    if !(128..=1024).contains(&modulus.len())
        || modulus[0] < 0x80
        || modulus[modulus.len() - 1] & 1 == 0
        || exponent.is_empty()
        || exponent.len() > 4
        || exponent[exponent.len() - 1] & 1 == 0
    {
        return Err(auth_error(
            "the server's public key is weak or unusually large",
        ));
    }
    let mut message = password.to_vec();
    message.push(0);
    for (byte, mask) in message.iter_mut().zip(nonce.iter().cycle()) {
        *byte ^= mask;
    }
    if message.len() + OAEP_OVERHEAD_BYTES > modulus.len() {
        return Err(auth_error(
            "the password is too long for the server's public key",
        ));
    }
    PublicKey::new(
        BigUint::from_bytes_be(modulus.as_slice()),
        BigUint::from_bytes_be(&exponent),
    )
    .encrypt_block(&message, Pkcs1OaepPadding::new(GetRandom))
    .map_err(|_| auth_error("the password cannot be encrypted"))
}

fn auth_error(reason: &str) -> Error {
    Error::Auth(reason.to_owned())
}

/// Parses modulus and exponent, without leading zeros, from a PEM file in SubjectPublicKeyInfo or PKCS #1 form.
fn parse_key(pem: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let pem = std::str::from_utf8(pem).ok()?;
    let (is_pkcs1, body) = match between(
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
    let mut key = &der[..];
    if !is_pkcs1 {
        // SubjectPublicKeyInfo: the algorithm, then the key in a bit string without unused bits.
        let (mut information, _) = der_element(key, 0x30)?;
        (_, information) = der_element(information, 0x30)?;
        let (bits, _) = der_element(information, 0x03)?;
        key = bits.strip_prefix(&[0])?;
    }
    let (numbers, _) = der_element(key, 0x30)?;
    let (modulus, rest) = der_element(numbers, 0x02)?;
    let (exponent, _) = der_element(rest, 0x02)?;
    Some((
        without_leading_zeros(modulus),
        without_leading_zeros(exponent),
    ))
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(body, _)| body)
}

/// Splits off a DER element with this tag; returns its content and the bytes after it.
fn der_element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
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

fn without_leading_zeros(integer: &[u8]) -> Vec<u8> {
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
        for pem in [
            public.to_public_key_pem(LineEnding::LF).unwrap(),
            public.to_pkcs1_pem(LineEnding::CRLF).unwrap(),
        ] {
            for password in [&b"secret"[..], &longest] {
                let encrypted = encrypt(password, &NONCE, pem.as_bytes()).unwrap();
                assert_eq!(encrypted.len(), 128);
                assert_eq!(decrypt(&private, &encrypted), [password, &[0]].concat());
            }
            assert!(matches!(
                encrypt(&[b'x'; 128 - OAEP_OVERHEAD_BYTES], &NONCE, pem.as_bytes()),
                Err(Error::Auth(_))
            ));
        }
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
