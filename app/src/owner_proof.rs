//! The proof that somebody owns an account that waits to be erased: who signs in there gets no session, but may keep the account.

use domain::lifetimes::CONFIRMATION_TTL;
use domain::{Timestamp, UserId};
use uuid::Uuid;

use crate::context::{RequestContext, Secret};

/// The purpose that is signed, so that no signature by the same secret for something else is valid here.
const PURPOSE: &str = "owner of an account that waits";

impl RequestContext {
    /// Makes the proof that somebody owns an account, for [`Self::proven_owner`]. None without a secret.
    pub fn prove_owner(&self, owner: UserId, now: Timestamp) -> Option<String> {
        let secret = self.site().secret.as_ref()?;
        Some(write(secret, owner, now))
    }

    /// The owner of an account that waits to be erased, if they have proved within the last minutes who they are.
    pub fn proven_owner(&self, now: Timestamp) -> Option<UserId> {
        read(self.site().secret.as_ref()?, self.owner_proof()?, now)
    }
}

/// Writes the proof: the account, the time, and their signature.
fn write(secret: &Secret, owner: UserId, now: Timestamp) -> String {
    let claim = format!("{}.{}", owner.0.simple(), now.as_millis());
    let signature = secret.sign(PURPOSE, &claim);
    format!("{claim}.{signature}")
}

/// The owner, if the proof is right and not older than [`CONFIRMATION_TTL`].
fn read(secret: &Secret, proof: &str, now: Timestamp) -> Option<UserId> {
    let (claim, signature) = proof.rsplit_once('.')?;
    let (owner, at) = claim.split_once('.')?;
    let at = Timestamp::from_millis(at.parse().ok()?);
    let is_right = secret.has_signed(PURPOSE, claim, signature) && now < at + CONFIRMATION_TTL;
    Uuid::try_parse(owner).ok().map(UserId).filter(|_| is_right)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_proof_is_for_its_owner_and_for_minutes() {
        let secret = |letter: &str| Secret::new(letter.repeat(32)).expect("long enough");
        let now = Timestamp::from_millis(1_800_000_000_000);
        let (ada, bea) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let proof = write(&secret("x"), ada, now);
        let last = now + CONFIRMATION_TTL - Duration::from_millis(1);
        assert_eq!(read(&secret("x"), &proof, last), Some(ada));
        assert_eq!(read(&secret("x"), &proof, now + CONFIRMATION_TTL), None);
        assert_eq!(read(&secret("y"), &proof, now), None);
        let ids = [ada, bea].map(|user| user.0.simple().to_string());
        let later = (now + CONFIRMATION_TTL).as_millis().to_string();
        for forged in [
            proof.replace(&ids[0], &ids[1]),
            proof.replace(&now.as_millis().to_string(), &later),
            proof[..proof.len() - 2].to_owned(),
            secret("x").sign("known browser", &ids[0]),
            String::new(),
        ] {
            assert_eq!(read(&secret("x"), &forged, now), None, "{forged}");
        }
    }
}
