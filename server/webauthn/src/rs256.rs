//! RSA with SHA-256 (RFC 8017, 8.2.2), by keys of 2,048 bits with the exponent 65537: the keys of Windows Hello where its chip knows
//! no others. To verify takes only public numbers.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};

use crate::sha256;

const BYTES: usize = U2048::BYTES;
const EXPONENT: [u8; 3] = [1, 0, 1];
/// "A DigestInfo of SHA-256", up to the hash (9.2, note 1).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// A public key: its modulus.
pub(crate) struct VerifyingKey(Odd<U2048>);

impl VerifyingKey {
    /// The key of this modulus, if it is odd and has its length, and this exponent.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let is_whole = modulus.len() == BYTES && modulus.first().is_some_and(|first| *first >= 128);
        if !is_whole || exponent != EXPONENT {
            return None;
        }
        let odd: Option<Odd<U2048>> = Odd::new(U2048::from_be_slice(modulus)).into();
        odd.map(Self)
    }

    /// True if `signature` is one of `message`: opened by the key, it is the whole text that would have been signed. Nothing in it is
    /// parsed.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != BYTES {
            return false;
        }
        let signature = U2048::from_be_slice(signature);
        if signature >= *self.0.as_ref() {
            return false;
        }
        let params = FixedMontyParams::new_vartime(self.0);
        let base = FixedMontyForm::new(&signature, &params);
        // 65537 is 2^16 + 1.
        base.square_repeat_vartime(16).mul(&base).retrieve() == encoded(message)
    }
}

/// EMSA-PKCS1-v1_5 (9.2): 00 01, a padding of FF, 00, and the hash of the message with the name of its algorithm.
pub(crate) fn encoded(message: &[u8]) -> U2048 {
    let end = [&[0], DIGEST_INFO.as_slice(), &sha256(message)].concat();
    let mut text = vec![0xff; BYTES - end.len()];
    text[..2].copy_from_slice(&[0, 1]);
    text.extend(end);
    U2048::from_be_slice(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by OpenSSL: `openssl dgst -sha256 -sign`.
    const MODULUS: U2048 = U2048::from_be_hex(concat!(
        "aefbeb5137ee7e947e09547d9b372a0cf6a32ad7cc3857a254f0b9cb02730071",
        "345a95c03af9cf2b018641b12f39b222f8fa6395011b4e5b0427379f80f84cb2",
        "b93a2fb37d9a1dff68636ffe6b2c7f99b4b3c9f09b311b16ef4563a3608abe3a",
        "4ac41505ae868fe0f1f85c9df96bd94481c11321a211e2cc3b9584c544ad38eb",
        "bfabbc6536f64a470f329541b934e02fa0bf15bca4160e4f7795b7313f81ebdb",
        "d38bfda3c93d9cfdacaa151bd2a5d0a6265d48a68866aa076bdde6b1daa19ab0",
        "1378238ae467b273d74f64362efb82d2f92875ed755ab8041fd0e49c9452becb",
        "f24a957a27063d927f04427e4efb32270e868bfff67fbe0d880e12986367e4af",
    ));
    const SIGNATURE: U2048 = U2048::from_be_hex(concat!(
        "3967499d509913fd3ccac769603e66869041dbb494cabc47aef21fd31361d683",
        "47af0b947022d8f7f6bae1d34ba09acf67cfb41217e14271b35361b9b326e644",
        "ce660cbd402cf8adba8fdac0754f45579d57ea706d9ba4d75e8730527291a292",
        "c8fe916ec4971cb889f129567db7aa1aeab7e5026fdd6df550d4ddacc4d4ffd4",
        "2769ebffbf84573c1f98551c07c4cd744845b3eb42fc04a0a2eff6eb5096f1c3",
        "d48ba35dd421d874703f637c3e7f8e27403eb7a2fb4753fc3ee92f6045c752f4",
        "e87d8d977fd6ec279cb53dd1e7718b72e77112e492a22d68140f6695176bf6d6",
        "1bcd48541e1c7823b1287c6ea2e8482ca382c8cd31447b1beca6d138e3cfc67c",
    ));

    #[test]
    fn a_signature_of_openssl_is_right() {
        let (modulus, signature) = (MODULUS.to_be_bytes(), SIGNATURE.to_be_bytes());
        let key = VerifyingKey::new(modulus.as_ref(), &EXPONENT).expect("a key");
        assert!(key.has_signed(b"a message", signature.as_ref()));
        assert!(!key.has_signed(b"a massage", signature.as_ref()));
        // The next number of the same rest is as large as the modulus, or larger.
        let larger = SIGNATURE.wrapping_add(&MODULUS).to_be_bytes();
        assert!(!key.has_signed(b"a message", larger.as_ref()));
    }
}
