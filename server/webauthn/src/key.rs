//! Public keys as COSE writes them (RFC 9052, 7 and RFC 9053, 7), and signatures by them.

use minicbor::Decoder;
use minicbor::data::Type;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};

use crate::client_data::require;
use crate::{FailedStep, rs256};

/// ECDSA on P-256 with SHA-256.
const ES256: i64 = -7;
/// EdDSA, on Ed25519.
const EDDSA: i64 = -8;

/// RSASSA-PKCS1-v1_5 with SHA-256.
const RS256: i64 = -257;

/// The algorithms that the site asks for, the one that it likes best first, by their numbers in COSE's registry.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

/// A public key.
pub(crate) enum PublicKey {
    Es256(VerifyingKey),
    Ed25519(ed25519_dalek::VerifyingKey),
    Rs256(rs256::VerifyingKey),
}

impl PublicKey {
    /// Reads a key, which must have the parameters of its type and no others (6.5.1).
    pub(crate) fn parse(cose: &[u8]) -> Result<Self, FailedStep> {
        let parameters = Parameters::read(cose).ok_or(FailedStep::PublicKey)?;
        let key = match parameters.algorithm {
            Some(ES256) => parameters.es256().map(Self::Es256),
            Some(EDDSA) => parameters.ed25519().map(Self::Ed25519),
            Some(RS256) => parameters.rs256().map(Self::Rs256),
            _ => return Err(FailedStep::Algorithm),
        };
        key.ok_or(FailedStep::PublicKey)
    }

    /// The algorithm's number in COSE's registry.
    pub(crate) const fn algorithm(&self) -> i64 {
        match self {
            Self::Es256(_) => ES256,
            Self::Ed25519(_) => EDDSA,
            Self::Rs256(_) => RS256,
        }
    }

    /// Verifies a signature of `message`, in the form of 6.5.5.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), FailedStep> {
        let is_right = match self {
            Self::Es256(key) => Signature::from_der(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::Rs256(key) => key.has_signed(message, signature),
        };
        require(is_right, FailedStep::Signature)
    }
}

/// The parameters of a key, by the labels of the registry.
#[derive(Default)]
struct Parameters<'a> {
    /// 1
    key_type: Option<i64>,
    /// 3
    algorithm: Option<i64>,
    /// -1, as a number
    curve: Option<i64>,
    /// -1, as bytes: the modulus of RSA
    modulus: Option<&'a [u8]>,
    /// -2; of RSA, the exponent
    x: Option<&'a [u8]>,
    /// -3
    y: Option<&'a [u8]>,
}

impl<'a> Parameters<'a> {
    /// Reads a map to its last byte. None if a label is unknown or stands there twice.
    fn read(cose: &'a [u8]) -> Option<Self> {
        let mut decoder = Decoder::new(cose);
        let mut read = Self::default();
        for _ in 0..decoder.map().ok()?? {
            let is_new = match decoder.i64().ok()? {
                1 => read.key_type.replace(decoder.i64().ok()?).is_none(),
                3 => read.algorithm.replace(decoder.i64().ok()?).is_none(),
                -1 if decoder.datatype().ok()? == Type::Bytes => {
                    read.modulus.replace(decoder.bytes().ok()?).is_none()
                }
                -1 => read.curve.replace(decoder.i64().ok()?).is_none(),
                -2 => read.x.replace(decoder.bytes().ok()?).is_none(),
                -3 => read.y.replace(decoder.bytes().ok()?).is_none(),
                _ => false,
            };
            if !is_new {
                return None;
            }
        }
        (decoder.position() == cose.len()).then_some(read)
    }

    /// A point of P-256, which is refused where it is not on the curve.
    fn es256(&self) -> Option<VerifyingKey> {
        const EC2: i64 = 2;
        const P256: i64 = 1;
        let (x, y): (&[u8; 32], &[u8; 32]) = (self.x?.try_into().ok()?, self.y?.try_into().ok()?);
        if (self.key_type, self.curve, self.modulus) != (Some(EC2), Some(P256), None) {
            return None;
        }
        let uncompressed = [&[0x04], x.as_slice(), y].concat();
        VerifyingKey::from_sec1_bytes(&uncompressed).ok()
    }

    /// A point of Ed25519.
    fn ed25519(&self) -> Option<ed25519_dalek::VerifyingKey> {
        const OKP: i64 = 1;
        const ED25519: i64 = 6;
        let x: &[u8; 32] = self.x?.try_into().ok()?;
        if (self.key_type, self.curve) != (Some(OKP), Some(ED25519))
            || self.y.or(self.modulus).is_some()
        {
            return None;
        }
        let key = ed25519_dalek::VerifyingKey::from_bytes(x).ok()?;
        // One for which signatures can be made without a secret.
        (!key.is_weak()).then_some(key)
    }

    /// A key of RSA (RFC 8230, 4).
    fn rs256(&self) -> Option<rs256::VerifyingKey> {
        const RSA: i64 = 3;
        if (self.key_type, self.curve, self.y) != (Some(RSA), None, None) {
            return None;
        }
        rs256::VerifyingKey::new(self.modulus?, self.x?)
    }
}
