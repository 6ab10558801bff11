//! RSA by the crate `rsa`.

use rsa::pkcs8::DecodePublicKey as _;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, RsaPublicKey};

use super::{MODULUS_BITS, too_long, unusable_key, weak_key};
use crate::Error;

/// Encrypts; asynchronous because WebCrypto is.
pub(super) async fn encrypt_block(key: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
    let key = RsaPublicKey::from_public_key_der(key).map_err(|_| unusable_key())?;
    if !MODULUS_BITS.contains(&key.n().bits()) {
        return Err(weak_key());
    }
    key.encrypt(&mut OsRng, Oaep::new::<sha1::Sha1>(), message)
        .map_err(|_| too_long())
}
