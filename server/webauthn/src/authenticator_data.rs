//! The authenticator's data (6.1): a hash of the relying party's id, flags, a count, and of a new credential its id and key.

use minicbor::Decoder;

use crate::client_data::require;
use crate::{Expected, FailedStep, sha256};

/// The bits of the flags.
const USER_PRESENT: u8 = 1 << 0;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// The authenticator's data, read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthenticatorData<'a> {
    rp_id_hash: [u8; 32],
    flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) credential: Option<AttestedCredential<'a>>,
}

/// A credential as its authenticator describes it when it is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttestedCredential<'a> {
    pub(crate) id: &'a [u8],
    /// The public key, as COSE.
    pub(crate) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads the data, to their last byte.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, FailedStep> {
        Self::read(bytes).ok_or(FailedStep::AuthenticatorData)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (&flags, rest) = rest.split_first()?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>()?;
        let mut credential = None;
        if flags & HAS_CREDENTIAL != 0 {
            let (_aaguid, more) = rest.split_first_chunk::<16>()?;
            let (length, more) = more.split_first_chunk::<2>()?;
            let (id, more) = more.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (public_key, more) = split_item(more)?;
            credential = Some(AttestedCredential { id, public_key });
            rest = more;
        }
        if flags & HAS_EXTENSIONS != 0 {
            rest = split_item(rest)?.1;
        }
        rest.is_empty().then_some(Self {
            rp_id_hash: *rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*sign_count),
            credential,
        })
    }

    /// The steps that both ceremonies have: the relying party, the user's presence, their verification, and the state of the backup.
    pub(crate) fn verify(&self, expected: &Expected<'_>) -> Result<(), FailedStep> {
        let is_set = |flag| self.flags & flag != 0;
        require(
            self.rp_id_hash == sha256(expected.rp_id.as_bytes()),
            FailedStep::RpId,
        )?;
        require(is_set(USER_PRESENT), FailedStep::UserPresent)?;
        require(is_set(USER_VERIFIED), FailedStep::UserVerified)?;
        require(
            self.is_backup_eligible() || !self.is_backed_up(),
            FailedStep::Backup,
        )
    }

    pub(crate) const fn is_backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    pub(crate) const fn is_backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }
}

/// The first item of CBOR, and what follows it.
fn split_item(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut decoder = Decoder::new(bytes);
    decoder.skip().ok()?;
    bytes.split_at_checked(decoder.position())
}
