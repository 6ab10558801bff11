//! The authentication plugins `mysql_native_password` and `caching_sha2_password`, client and server side.
//! Absent: all other plugins, which Hyperdrive does not support either.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rsa::pkcs8::{DecodePublicKey, EncodePublicKey, LineEnding};
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub(crate) const NATIVE: &str = "mysql_native_password";
pub(crate) const CACHING_SHA2: &str = "caching_sha2_password";

/// `caching_sha2_password`: the fast path succeeded.
pub(crate) const FAST_AUTH_SUCCESS: &[u8] = &[1, 3];
/// `caching_sha2_password`: the client must send its password.
pub(crate) const PERFORM_FULL_AUTH: &[u8] = &[1, 4];
/// `caching_sha2_password`: the client asks for the server's public key.
pub(crate) const REQUEST_PUBLIC_KEY: &[u8] = &[2];

/// The server's state of `caching_sha2_password`.
#[derive(Default)]
pub(crate) struct CachingSha2 {
    /// Set by the first full authentication.
    is_fast_path_open: AtomicBool,
    key: OnceLock<RsaPrivateKey>,
}

impl CachingSha2 {
    pub(crate) fn is_fast_path_open(&self) -> bool {
        self.is_fast_path_open.load(Ordering::Relaxed)
    }

    pub(crate) fn open_fast_path(&self) {
        self.is_fast_path_open.store(true, Ordering::Relaxed);
    }

    pub(crate) fn close_fast_path(&self) {
        self.is_fast_path_open.store(false, Ordering::Relaxed);
    }

    fn key(&self) -> Option<&RsaPrivateKey> {
        if let Some(key) = self.key.get() {
            return Some(key);
        }
        let key = RsaPrivateKey::new(&mut rand::rng(), 2048).ok()?;
        Some(self.key.get_or_init(|| key))
    }

    /// Returns the payload of the packet with the public key.
    pub(crate) fn public_key(&self) -> Option<Vec<u8>> {
        let public = RsaPublicKey::from(self.key()?);
        let pem = public.to_public_key_pem(LineEnding::LF).ok()?;
        Some([&[1], pem.as_bytes()].concat())
    }

    /// Decrypts a password that was encrypted with the public key, including its NUL.
    pub(crate) fn decrypt_password(&self, encrypted: &[u8], nonce: &[u8]) -> Option<Vec<u8>> {
        let masked = self.key()?.decrypt(Oaep::<Sha1>::new(), encrypted).ok()?;
        Some(xor(&masked, nonce))
    }
}

/// Encrypts the password with the server's public key.
pub(crate) fn encrypt_password(password: &str, nonce: &[u8], pem: &[u8]) -> Option<Vec<u8>> {
    let key = RsaPublicKey::from_public_key_pem(std::str::from_utf8(pem).ok()?).ok()?;
    let masked = xor(&[password.as_bytes(), &[0]].concat(), nonce);
    key.encrypt(&mut rand::rng(), Oaep::<Sha1>::new(), &masked)
        .ok()
}

/// XORs the bytes with the mask, which is repeated.
fn xor(bytes: &[u8], mask: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
        .collect()
}

/// Computes the plugin's response to the nonce; `None` for an unknown plugin.
pub(crate) fn scramble(plugin: &str, password: &str, nonce: &[u8]) -> Option<Vec<u8>> {
    let password = password.as_bytes();
    match plugin {
        NATIVE | CACHING_SHA2 if password.is_empty() => Some(Vec::new()),
        NATIVE => {
            let hash = Sha1::digest(password);
            let mask = Sha1::digest([nonce, &Sha1::digest(hash)].concat());
            Some(xor(&hash, &mask))
        }
        CACHING_SHA2 => {
            let hash = Sha256::digest(password);
            // Hash and nonce are in the opposite order here.
            let mask = Sha256::digest([&Sha256::digest(hash)[..], nonce].concat());
            Some(xor(&hash, &mask))
        }
        _ => None,
    }
}

/// Returns 20 random bytes without NUL.
pub(crate) fn nonce() -> [u8; 20] {
    rand::random::<[u8; 20]>().map(|byte| b'!' + byte % 90)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encrypted_password_can_be_decrypted() {
        let caching_sha2 = CachingSha2::default();
        let public = caching_sha2.public_key().unwrap_or_default();
        let encrypted =
            encrypt_password("secret", b"12345678901234567890", &public[1..]).unwrap_or_default();
        assert_eq!(
            caching_sha2
                .decrypt_password(&encrypted, b"12345678901234567890")
                .as_deref(),
            Some(&b"secret\0"[..])
        );
        assert_ne!(
            caching_sha2
                .decrypt_password(&encrypted, b"x2345678901234567890")
                .as_deref(),
            Some(&b"secret\0"[..])
        );
    }

    /// The expected values come from another implementation.
    #[test]
    fn responses_match_another_implementation() {
        let hex = |plugin| -> String {
            let response = scramble(plugin, "secret", b"12345678901234567890").unwrap_or_default();
            response.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(hex(NATIVE), "0f8b9033e0897c0a8338ebe3dea9010dda47ab56");
        assert_eq!(
            hex(CACHING_SHA2),
            "51ecd6dedbd34d5445c0a190d4f51acf0d23b94db66c91f3f789faa9193751cd"
        );
    }

    #[test]
    fn unknown_plugins_have_no_response() {
        assert_eq!(scramble("mysql_clear_password", "secret", b"nonce"), None);
        assert_eq!(scramble(NATIVE, "", b"nonce"), Some(Vec::new()));
    }
}
