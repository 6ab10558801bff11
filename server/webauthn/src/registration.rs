//! Registering a new credential (7.1).

use minicbor::Decoder;

use crate::authenticator_data::AuthenticatorData;
use crate::client_data::{self, Ceremony, require};
use crate::key::PublicKey;
use crate::{Expected, FailedStep};

/// The most bytes of a credential's id.
const MAX_CREDENTIAL_ID: usize = 1_023;

/// A new credential, as a browser sends it.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// `response.clientDataJSON`
    pub client_data: &'a [u8],
    /// `response.attestationObject`
    pub attestation: &'a [u8],
}

/// A credential to store. Whether somebody has it already, the place where it is stored tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// Its id, of at most 1,023 bytes.
    pub id: Vec<u8>,
    /// Its public key, as COSE.
    pub public_key: Vec<u8>,
    /// Its algorithm, by the number in COSE's registry.
    pub algorithm: i64,
    /// The authenticator's count of signatures; 0 where it does not count.
    pub sign_count: u32,
    /// True if the authenticator may copy it to other devices.
    pub is_backup_eligible: bool,
    /// True if it was copied.
    pub is_backed_up: bool,
}

/// Verifies a new credential.
///
/// # Errors
/// The first step that fails.
pub fn verify_registration(
    response: &Registration<'_>,
    expected: &Expected<'_>,
) -> Result<NewCredential, FailedStep> {
    client_data::verify(response.client_data, Ceremony::Create, expected)?;
    let data = authenticator_data(response.attestation).ok_or(FailedStep::AuthenticatorData)?;
    let data = AuthenticatorData::parse(data)?;
    data.verify(expected)?;
    let credential = data.credential.ok_or(FailedStep::AuthenticatorData)?;
    let key = PublicKey::parse(credential.public_key)?;
    require(
        (1..=MAX_CREDENTIAL_ID).contains(&credential.id.len()),
        FailedStep::CredentialId,
    )?;
    Ok(NewCredential {
        id: credential.id.to_owned(),
        public_key: credential.public_key.to_owned(),
        algorithm: key.algorithm(),
        sign_count: data.sign_count,
        is_backup_eligible: data.is_backup_eligible(),
        is_backed_up: data.is_backed_up(),
    })
}

/// "Perform CBOR decoding on the attestationObject field": the authenticator's data in it. The format and the statement are passed
/// over: whoever asks for no attestation trusts none.
fn authenticator_data(attestation: &[u8]) -> Option<&[u8]> {
    let mut decoder = Decoder::new(attestation);
    let mut data = None;
    for _ in 0..decoder.map().ok()?? {
        match decoder.str().ok()? {
            "authData" if data.is_none() => data = Some(decoder.bytes().ok()?),
            "authData" => return None,
            _ => decoder.skip().ok()?,
        }
    }
    data.filter(|_| decoder.position() == attestation.len())
}
