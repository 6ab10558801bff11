//! Verifying the use of a credential (7.2).

use crate::authenticator_data::AuthenticatorData;
use crate::client_data::{self, Ceremony, require};
use crate::key::PublicKey;
use crate::{Expected, FailedStep, sha256};

/// The use of a credential, as a browser sends it.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'a> {
    /// `response.clientDataJSON`
    pub client_data: &'a [u8],
    /// `response.authenticatorData`
    pub authenticator_data: &'a [u8],
    /// `response.signature`
    pub signature: &'a [u8],
    /// `response.userHandle`: the user as they were named when the credential was made. Without it the site knows its user otherwise.
    pub user_handle: Option<&'a [u8]>,
}

/// The stored credential whose id the browser has sent.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// The owner, as they were named when it was made.
    pub user_handle: &'a [u8],
    /// Its public key, as COSE.
    pub public_key: &'a [u8],
    /// The authenticator's count at the last use.
    pub sign_count: u32,
    /// True if the authenticator may copy it to other devices.
    pub is_backup_eligible: bool,
}

/// A use, whose facts are stored with the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The authenticator's count of signatures; 0 where it does not count.
    pub sign_count: u32,
    /// True if the credential was copied to other devices.
    pub is_backed_up: bool,
}

/// Verifies the use of a credential.
///
/// # Errors
/// The first step that fails.
pub fn verify_assertion(
    response: &Assertion<'_>,
    expected: &Expected<'_>,
    credential: &Credential<'_>,
) -> Result<Use, FailedStep> {
    verify_owner(response, credential)?;
    client_data::verify(response.client_data, Ceremony::Get, expected)?;
    let data = AuthenticatorData::parse(response.authenticator_data)?;
    data.verify(expected)?;
    require(
        data.is_backup_eligible() == credential.is_backup_eligible,
        FailedStep::Backup,
    )?;
    verify_signature(response, credential)?;
    verify_count(data.sign_count, credential.sign_count)?;
    Ok(Use {
        sign_count: data.sign_count,
        is_backed_up: data.is_backed_up(),
    })
}

/// "Identify the user being authenticated and verify that this user is the owner".
fn verify_owner(response: &Assertion<'_>, credential: &Credential<'_>) -> Result<(), FailedStep> {
    let is_owner = response
        .user_handle
        .is_none_or(|handle| handle == credential.user_handle);
    require(is_owner, FailedStep::UserHandle)
}

/// "Verify that sig is a valid signature over the binary concatenation of authData and hash".
fn verify_signature(
    response: &Assertion<'_>,
    credential: &Credential<'_>,
) -> Result<(), FailedStep> {
    let hash = sha256(response.client_data);
    let message = [response.authenticator_data, &hash].concat();
    PublicKey::parse(credential.public_key)?.verify(&message, response.signature)
}

/// The count rises, unless the authenticator does not count at all.
fn verify_count(count: u32, stored: u32) -> Result<(), FailedStep> {
    let is_uncounted = count == 0 && stored == 0;
    require(is_uncounted || count > stored, FailedStep::SignCount)
}
