//! An authenticator in software, for tests: it makes real keys and signatures, and tells whatever a test wants it to.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use minicbor::Encoder;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

use crate::{encode, rs256, sha256};

/// A key by which the authenticator signs.
pub enum Key {
    /// ES256.
    P256(SigningKey),
    /// EdDSA.
    Ed25519(ed25519_dalek::SigningKey),
    /// RS256, by a key that is only here.
    Rsa,
}

impl Key {
    /// The key of ES256 that is made of `seed`.
    ///
    /// # Panics
    /// For a seed of zeroes.
    pub fn p256(seed: u8) -> Self {
        Self::P256(SigningKey::from_slice(&[seed; 32]).expect("a number below the curve's order"))
    }

    /// The key of EdDSA that is made of `seed`.
    pub fn ed25519(seed: u8) -> Self {
        Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    /// The public key, as COSE.
    pub fn cose(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                cose(&[(1, 2), (3, -7), (-1, 1)], &[(-2, x), (-3, y)])
            }
            Self::Ed25519(key) => {
                let x = key.verifying_key().to_bytes();
                cose(&[(1, 1), (3, -8), (-1, 6)], &[(-2, &x)])
            }
            Self::Rsa => {
                let modulus = RSA_MODULUS.to_be_bytes();
                cose(
                    &[(1, 3), (3, -257)],
                    &[(-1, modulus.as_ref()), (-2, &[1, 0, 1])],
                )
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::Ed25519(key) => ed25519_dalek::Signer::sign(key, message)
                .to_bytes()
                .to_vec(),
            Self::Rsa => {
                let modulus = Odd::new(RSA_MODULUS).expect("an odd number");
                let params = FixedMontyParams::new_vartime(modulus);
                let base = FixedMontyForm::new(&rs256::encoded(message), &params);
                let signature = base.pow_vartime(&RSA_EXPONENT).retrieve();
                signature.to_be_bytes().as_ref().to_vec()
            }
        }
    }
}

/// The numbers of the key of RSA: made for these tests, and used nowhere else.
const RSA_MODULUS: U2048 = U2048::from_be_hex(concat!(
    "eb1e5aebec957ea5e7bb85f6ef3d906e378a4707c2b960c771e7c8546b786746",
    "115994157309cb5c6768ec2987d42cc50b23b925aa620d620c3d608c0195eb2c",
    "2adb37716a6d1fc98caccc550d1e9ba70aaf8c89a09288eea11d3c52a3c0d8f1",
    "bc5c9b0755b9737e9e479e021149af760ec73f0255e7595cc0eb9da0de0036cd",
    "b87c80873ab3c6c2505d23fe503e04837573e89428dfd3045558adbb77c9ba5c",
    "84ffe2006399474de8c27faa43e3859cba789455e3f07b0636f0312734ceb287",
    "b88e479a387af500558e416c5a0506e50ceb5d33ac62f95535d22ec8545634bc",
    "e7069eeb7e92d78198f7567f6e892c23ed65c7cf96796ea5f13d21a3a3570535",
));
const RSA_EXPONENT: U2048 = U2048::from_be_hex(concat!(
    "1f3c34a30416a6311f348beb0ec4748417efd058e9171c92d28092de183af229",
    "5e53b2b718c5d3d4ee4e0395cedc32a868bef1b15dcdd1ee5526f045194ed3e3",
    "d5bbb2c567f8a050f3d5defd6b9545e36ea97cb7a9f3ddaa2a104abbc5d2705f",
    "c900da7da277552f1c92f21c5f3495514f4c4c0420ea6fb64150ebeb7ba2b6a4",
    "e3a81b8735582d481f16306240a736e2e7b9d3c7f68191ad83859c333e0cab85",
    "1f176ddac7201cc449e322faa57b585c074fc27f907dc2860bb5f5278eba77ad",
    "80da867fa0c430a493dd3d6cfd99070e5e5b85de245f41319b0e0837cf60653a",
    "3144f095b10bf07398bc751145832323f8687ba92c88e75acdb8df93c7113a7f",
));

/// A map of COSE with these numbers and bytes.
pub fn cose(numbers: &[(i64, i64)], bytes: &[(i64, &[u8])]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let write = "a vector takes every byte";
    encoder
        .map((numbers.len() + bytes.len()) as u64)
        .expect(write);
    for (label, number) in numbers {
        encoder.i64(*label).expect(write).i64(*number).expect(write);
    }
    for (label, bytes) in bytes {
        encoder.i64(*label).expect(write).bytes(bytes).expect(write);
    }
    encoder.into_writer()
}

/// An authenticator that holds one credential, in a browser that shows one site.
pub struct Authenticator {
    /// The key of the credential.
    pub key: Key,
    /// The credential's id.
    pub id: Vec<u8>,
    /// The user for whom it was made.
    pub user_handle: Vec<u8>,
    /// The origin of the page.
    pub origin: String,
    /// The relying party that the credential is scoped to.
    pub rp_id: String,
    /// The flags that it sets, but that of a credential.
    pub flags: u8,
    /// The count that it tells.
    pub sign_count: u32,
    /// The browser says that the page is in a frame of another site.
    pub is_framed: bool,
}

/// A use of the credential.
#[derive(Clone, Debug)]
pub struct SignedUse {
    /// `response.clientDataJSON`
    pub client_data: Vec<u8>,
    /// `response.authenticatorData`
    pub authenticator_data: Vec<u8>,
    /// `response.signature`
    pub signature: Vec<u8>,
}

impl Authenticator {
    /// The flags of an authenticator whose user was present and verified, and which may copy its keys.
    pub const FLAGS: u8 = 0b0000_1101;

    /// An authenticator that is honest, and does not count.
    pub fn new(origin: &str, rp_id: &str, key: Key) -> Self {
        Self {
            id: sha256(&key.cose()).to_vec(),
            key,
            user_handle: Vec::new(),
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            flags: Self::FLAGS,
            sign_count: 0,
            is_framed: false,
        }
    }

    /// The client data of a ceremony: `webauthn.create` or `webauthn.get`.
    pub fn client_data(&self, ceremony: &str, challenge: &[u8]) -> Vec<u8> {
        let (origin, challenge) = (&self.origin, encode(challenge));
        let framed = self.is_framed;
        format!(r#"{{"type":"{ceremony}","challenge":"{challenge}","origin":"{origin}","crossOrigin":{framed}}}"#).into_bytes()
    }

    /// The authenticator's data, of a new credential with its id and this key.
    pub fn data(&self, public_key: Option<&[u8]>) -> Vec<u8> {
        let mut data = sha256(self.rp_id.as_bytes()).to_vec();
        data.push(self.flags | if public_key.is_some() { 1 << 6 } else { 0 });
        data.extend(self.sign_count.to_be_bytes());
        if let Some(public_key) = public_key {
            data.extend([0; 16]);
            data.extend((self.id.len() as u16).to_be_bytes());
            data.extend(&self.id);
            data.extend(public_key);
        }
        data
    }

    /// The client data and the attestation object of the credential.
    pub fn create(&self, challenge: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let client_data = self.client_data("webauthn.create", challenge);
        (client_data, attestation(&self.data(Some(&self.key.cose()))))
    }

    /// A use of the credential.
    pub fn get(&self, challenge: &[u8]) -> SignedUse {
        self.sign(self.client_data("webauthn.get", challenge), self.data(None))
    }

    /// A use with these data.
    pub fn sign(&self, client_data: Vec<u8>, authenticator_data: Vec<u8>) -> SignedUse {
        let message = [authenticator_data.as_slice(), &sha256(&client_data)].concat();
        SignedUse {
            signature: self.key.sign(&message),
            client_data,
            authenticator_data,
        }
    }
}

/// An attestation object without a statement.
///
/// # Panics
/// Never.
pub fn attestation(authenticator_data: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let write = "a vector takes every byte";
    encoder.map(3).expect(write);
    encoder.str("fmt").expect(write).str("none").expect(write);
    encoder.str("attStmt").expect(write).map(0).expect(write);
    encoder.str("authData").expect(write);
    encoder.bytes(authenticator_data).expect(write);
    encoder.into_writer()
}
