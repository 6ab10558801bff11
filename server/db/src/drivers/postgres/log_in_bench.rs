//! Benchmark: the CPU that a log-in by SCRAM-SHA-256 costs a client, without a server or a stream.
//!
//! The client's nonce is new each time, and so are both messages of the server: a [`Peer`] makes them from keys that it
//! derived once. The cost of that is an [`Implementation`] of its own, to be subtracted from the others.

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};

use super::errors;
use super::scram::{self, Keys, Scram};
use crate::DbError;

const PASSWORD: &str = "correct horse battery staple 123";
const SALT: [u8; 16] = *b"sixteen bytes of";
/// PostgreSQL's own default.
const ROUNDS: u32 = 4096;
/// As long as PostgreSQL's.
const SERVER_NONCE: &str = "twenty-four+letters/more";

/// An implementation of the client's side of a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implementation {
    /// Ours, with the kept key: every log-in of an isolate but its first.
    CachedKey,
    /// Ours, deriving the key: an isolate's first log-in.
    Fresh,
    /// That of tokio-postgres.
    Tokio,
    /// None: only the server's side, which the others include too.
    Peer,
}

impl Implementation {
    /// Finds one by its name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "kept" => Some(Self::CachedKey),
            "fresh" => Some(Self::Fresh),
            "tokio" => Some(Self::Tokio),
            "peer" => Some(Self::Peer),
            _ => None,
        }
    }
}

/// Logs in `times` times: first message, proof, and the check of the server's signature.
///
/// # Errors
/// [`DbError::Unavailable`] or [`DbError::Lost`] when one side refuses the other.
pub async fn log_in(implementation: Implementation, times: u32) -> Result<(), DbError> {
    // Keeps the key.
    let peer = Peer {
        keys: scram::keys(PASSWORD, &SALT, ROUNDS).await?,
    };
    for _ in 0..times {
        once(implementation, &peer).await?;
    }
    Ok(())
}

async fn once(implementation: Implementation, peer: &Peer) -> Result<(), DbError> {
    match implementation {
        Implementation::CachedKey => ours(peer).await,
        Implementation::Fresh => {
            scram::forget();
            ours(peer).await
        }
        Implementation::Tokio => theirs(peer),
        Implementation::Peer => alone(peer),
    }
}

async fn ours(peer: &Peer) -> Result<(), DbError> {
    let mut scram = Scram::new(PASSWORD);
    let first = scram.first();
    let challenge = peer.challenge(&first)?;
    let proof = scram.prove(challenge.as_bytes()).await?;
    scram.verify(peer.signature(&first, &challenge, &proof)?.as_bytes())
}

fn theirs(peer: &Peer) -> Result<(), DbError> {
    let mut scram = ScramSha256::new(PASSWORD.as_bytes(), ChannelBinding::unsupported());
    let first = text(scram.message())?;
    let challenge = peer.challenge(&first)?;
    scram.update(challenge.as_bytes()).map_err(errors::lost)?;
    let signature = peer.signature(&first, &challenge, &text(scram.message())?)?;
    scram.finish(signature.as_bytes()).map_err(errors::lost)
}

/// Makes messages as long as a client's.
fn alone(peer: &Peer) -> Result<(), DbError> {
    let first = format!("n,,n=,r={}", "c".repeat(44));
    let challenge = peer.challenge(black_box(&first))?;
    let proof = format!("c=biws,r={},p={}", "c".repeat(68), "p".repeat(44));
    black_box(peer.signature(&first, &challenge, black_box(&proof))?);
    Ok(())
}

fn text(message: &[u8]) -> Result<String, DbError> {
    String::from_utf8(message.to_vec()).map_err(|_| errors::not_postgres())
}

/// The server's side.
struct Peer {
    keys: Keys,
}

impl Peer {
    /// The response to a client's first message.
    fn challenge(&self, first: &str) -> Result<String, DbError> {
        let (_, nonce) = first.split_once(",r=").ok_or_else(errors::not_postgres)?;
        let salt = STANDARD.encode(SALT);
        Ok(format!("r={nonce}{SERVER_NONCE},s={salt},i={ROUNDS}"))
    }

    /// The last message: the server's own proof. It does not check the client's.
    fn signature(&self, first: &str, challenge: &str, proof: &str) -> Result<String, DbError> {
        let message = signed(first, challenge, proof).ok_or_else(errors::not_postgres)?;
        let signature = scram::hmac(&self.keys.server, message.as_bytes());
        Ok(format!("v={}", STANDARD.encode(signature)))
    }
}

/// The text that both sides sign.
fn signed(first: &str, challenge: &str, proof: &str) -> Option<String> {
    let bare = first.strip_prefix("n,,")?;
    let (without_proof, _) = proof.rsplit_once(",p=")?;
    Some(format!("{bare},{challenge},{without_proof}"))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn every_implementation_logs_in() {
        for name in ["kept", "fresh", "tokio", "peer"] {
            let implementation = Implementation::named(name).expect("an implementation");
            assert_eq!(block_on(log_in(implementation, 2)), Ok(()), "{name}");
        }
        assert_eq!(Implementation::named("other"), None);
    }

    /// Without the check, a log-in would be cheaper.
    #[test]
    fn every_way_checks_the_server() {
        let liar = Peer {
            keys: block_on(scram::keys("another password", &SALT, ROUNDS)).expect("keys"),
        };
        for implementation in [
            Implementation::CachedKey,
            Implementation::Fresh,
            Implementation::Tokio,
        ] {
            assert!(
                block_on(once(implementation, &liar)).is_err(),
                "{implementation:?}"
            );
        }
    }

    /// Without a proof, a log-in would be cheaper too.
    #[test]
    fn both_clients_prove_the_same() {
        let peer = Peer {
            keys: block_on(scram::keys(PASSWORD, &SALT, ROUNDS)).expect("keys"),
        };
        let mut ours = Scram::new(PASSWORD);
        let mut theirs = ScramSha256::new(PASSWORD.as_bytes(), ChannelBinding::unsupported());
        let first = [ours.first(), text(theirs.message()).expect("text")];
        let challenge = first
            .clone()
            .map(|first| peer.challenge(&first).expect("a challenge"));
        let ours = block_on(ours.prove(challenge[0].as_bytes())).expect("a proof");
        theirs.update(challenge[1].as_bytes()).expect("a proof");
        let proof = [ours, text(theirs.message()).expect("text")];
        for at in 0..2 {
            let message = signed(&first[at], &challenge[at], &proof[at]).expect("a message");
            let expected = peer.keys.proof(message.as_bytes());
            assert!(proof[at].ends_with(&STANDARD.encode(expected)), "{at}");
        }
    }
}
