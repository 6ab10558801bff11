//! `mysql_native_password` and `caching_sha2_password`, both sides of them.
//! Absent: every other plugin, as with Hyperdrive.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rsa::pkcs8::{DecodePublicKey, EncodePublicKey, LineEnding};
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub(crate) const NATIVE: &str = "mysql_native_password";
pub(crate) const CACHING: &str = "caching_sha2_password";

/// In a packet of `caching_sha2_password`: the fast path was enough.
pub(crate) const ENOUGH: &[u8] = &[1, 3];
/// The password itself is asked for.
pub(crate) const IN_FULL: &[u8] = &[1, 4];
/// The client asks for the key that hides its password.
pub(crate) const KEY_PLEASE: &[u8] = &[2];

/// What the server's side of `caching_sha2_password` remembers.
#[derive(Default)]
pub(crate) struct Caching {
    /// Somebody has entered in full, so the fast path is open.
    is_warm: AtomicBool,
    key: OnceLock<RsaPrivateKey>,
}

impl Caching {
    pub(crate) fn is_warm(&self) -> bool {
        self.is_warm.load(Ordering::Relaxed)
    }

    pub(crate) fn warm(&self) {
        self.is_warm.store(true, Ordering::Relaxed);
    }

    /// Closes the fast path.
    pub(crate) fn cool(&self) {
        self.is_warm.store(false, Ordering::Relaxed);
    }

    fn key(&self) -> Option<&RsaPrivateKey> {
        if let Some(key) = self.key.get() {
            return Some(key);
        }
        let key = RsaPrivateKey::new(&mut rand::rng(), 2048).ok()?;
        Some(self.key.get_or_init(|| key))
    }

    /// The public key, as a packet.
    pub(crate) fn public(&self) -> Option<Vec<u8>> {
        let public = RsaPublicKey::from(self.key()?);
        let pem = public.to_public_key_pem(LineEnding::LF).ok()?;
        Some([&[1], pem.as_bytes()].concat())
    }

    /// The password that was hidden with the public key, its NUL included.
    pub(crate) fn reveal(&self, hidden: &[u8], nonce: &[u8]) -> Option<Vec<u8>> {
        let masked = self.key()?.decrypt(Oaep::<Sha1>::new(), hidden).ok()?;
        Some(mask(&masked, nonce))
    }
}

/// Hides the password with the server's key.
pub(crate) fn hide(password: &str, nonce: &[u8], pem: &[u8]) -> Option<Vec<u8>> {
    let key = RsaPublicKey::from_public_key_pem(std::str::from_utf8(pem).ok()?).ok()?;
    let masked = mask(&[password.as_bytes(), &[0]].concat(), nonce);
    key.encrypt(&mut rand::rng(), Oaep::<Sha1>::new(), &masked)
        .ok()
}

fn mask(bytes: &[u8], nonce: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .zip(nonce.iter().cycle())
        .map(|(byte, by)| byte ^ by)
        .collect()
}

/// What proves the password by this plugin; none when it is another.
pub(crate) fn scramble(plugin: &str, password: &str, nonce: &[u8]) -> Option<Vec<u8>> {
    let password = password.as_bytes();
    match plugin {
        NATIVE | CACHING if password.is_empty() => Some(Vec::new()),
        NATIVE => {
            let once = Sha1::digest(password);
            let by = Sha1::digest([nonce, &Sha1::digest(once)].concat());
            Some(mask(&once, &by))
        }
        CACHING => {
            let once = Sha256::digest(password);
            // Hash and nonce stand the other way round here.
            let by = Sha256::digest([&Sha256::digest(once)[..], nonce].concat());
            Some(mask(&once, &by))
        }
        _ => None,
    }
}

/// Twenty bytes that are never NUL.
pub(crate) fn nonce() -> [u8; 20] {
    rand::random::<[u8; 20]>().map(|byte| b'!' + byte % 90)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_revealed() {
        let caching = Caching::default();
        let public = caching.public().unwrap_or_default();
        let hidden = hide("secret", b"12345678901234567890", &public[1..]).unwrap_or_default();
        assert_eq!(
            caching.reveal(&hidden, b"12345678901234567890").as_deref(),
            Some(&b"secret\0"[..])
        );
        assert_ne!(
            caching.reveal(&hidden, b"x2345678901234567890").as_deref(),
            Some(&b"secret\0"[..])
        );
    }

    /// Worked out by another program.
    #[test]
    fn proofs_are_what_the_plugins_define() {
        let hex = |plugin| -> String {
            let proof = scramble(plugin, "secret", b"12345678901234567890").unwrap_or_default();
            proof.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(hex(NATIVE), "0f8b9033e0897c0a8338ebe3dea9010dda47ab56");
        assert_eq!(
            hex(CACHING),
            "51ecd6dedbd34d5445c0a190d4f51acf0d23b94db66c91f3f789faa9193751cd"
        );
    }

    #[test]
    fn unknown_plugins_are_not_spoken() {
        assert_eq!(scramble("mysql_clear_password", "secret", b"nonce"), None);
        assert_eq!(scramble(NATIVE, "", b"nonce"), Some(Vec::new()));
    }
}
