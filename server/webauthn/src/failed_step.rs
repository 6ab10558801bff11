//! The steps at which an answer is refused.

use thiserror::Error;

/// The step that failed, for logs and tests: people are told that the passkey was not accepted, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FailedStep {
    /// The client data are not JSON in UTF-8 with the members that they must have.
    #[error("the client data cannot be read")]
    ClientData,
    /// The answer belongs to the other ceremony.
    #[error("the type of the client data is another")]
    Type,
    /// The answer is to another challenge.
    #[error("the challenge is another")]
    Challenge,
    /// The answer was made on another site.
    #[error("the origin is another")]
    Origin,
    /// The answer was made in a frame of another site.
    #[error("the page was in a frame of another site")]
    CrossOrigin,
    /// The attestation object, or the authenticator's data in it, do not have their form.
    #[error("the authenticator's data cannot be read")]
    AuthenticatorData,
    /// The credential is scoped to another relying party.
    #[error("the relying party is another")]
    RpId,
    /// Nobody touched the authenticator.
    #[error("the user was not present")]
    UserPresent,
    /// The authenticator has not verified its user, by a fingerprint, a face or a PIN.
    #[error("the user was not verified")]
    UserVerified,
    /// The credential is said to be backed up, and not to be eligible for that; or its eligibility has changed.
    #[error("the state of the backup contradicts itself")]
    Backup,
    /// The algorithm is none of those that were asked for.
    #[error("the algorithm is not supported")]
    Algorithm,
    /// The public key is none, or is not written as it has to be.
    #[error("the public key cannot be read")]
    PublicKey,
    /// The credential's id is empty, longer than allowed, or another than the browser says.
    #[error("the id of the credential is not right")]
    CredentialId,
    /// The credential belongs to somebody else than the authenticator says.
    #[error("the user handle is another")]
    UserHandle,
    /// The signature is not by this key, or is of something else.
    #[error("the signature is wrong")]
    Signature,
    /// The authenticator has counted less than before: there are two of it.
    #[error("the authenticator's count has not risen")]
    SignCount,
}
