//! Clearing: each kind in its time, and in bounded parts.

use std::time::Duration;

use domain::Timestamp;
use domain::lifetimes::{CODES_KEPT, IDEMPOTENCY_KEYS_KEPT, INVITES_KEPT};

use super::codes::code;
use super::invites::invite;
use super::{MILLISECOND, TestUsers, belongings, hash, session};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::clean_up::{self, Cleared, MAX_ROWS};
use crate::queries::insert;
use crate::schema::tables::{IdempotencyKey, Session, User};

/// The time of these rows, long before all others, so that only these are cleared.
fn start() -> Timestamp {
    Timestamp::from_millis(1_000)
}

fn key(user: &User, name: &str) -> IdempotencyKey {
    IdempotencyKey {
        key: hash(user, name),
        user_id: user.id,
        request_hash: String::new(),
        response: String::new(),
        created_at: start(),
    }
}

/// Each kind is cleared when its time has come, to the millisecond, and no other.
pub(in crate::contract) async fn what_is_over_is_cleared_in_its_time(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let dialect = db.dialect();
        let over = Session {
            expires_at: start(),
            ..session(&ada, "session", start())
        };
        let statements = [
            insert(dialect, &[over]),
            insert(dialect, &[key(&ada, "key")]),
            insert(
                dialect,
                &[code(&ada, &hash(&ada, "browser"), "digits", start())],
            ),
            insert(dialect, &[invite(&ada, "invite", start())]),
        ];
        db.write(&statements.concat()).await.map_err(message)?;
        let mut left = vec!["sessions", "idempotency_keys", "codes", "invites"];
        equal(&belongings::left(db, &ada).await?, &left)?;
        for kept in [
            Duration::ZERO,
            IDEMPOTENCY_KEYS_KEPT,
            CODES_KEPT,
            INVITES_KEPT,
        ] {
            let early = clean_up::clear(db, start() + kept - MILLISECOND).await;
            equal(&early, &Ok(Cleared::default()))?;
            equal(&belongings::left(db, &ada).await?, &left)?;
            let cleared = clean_up::clear(db, start() + kept).await;
            let cleared = cleared.map_err(message)?;
            let table = left.remove(0);
            let rows = match table {
                "sessions" => cleared.sessions,
                "idempotency_keys" => cleared.idempotency_keys,
                "codes" => cleared.codes,
                _ => cleared.invites,
            };
            equal(&rows, &1)?;
            equal(&belongings::left(db, &ada).await?, &left)?;
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}

/// One call clears so many rows of a kind, and says that more are left.
pub(in crate::contract) async fn a_call_clears_a_part(db: &Db, _: &Clients) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let keys: Vec<IdempotencyKey> = (0..=MAX_ROWS).map(|n| key(&ada, &n.to_string())).collect();
        let written = db.write(&insert(db.dialect(), &keys)).await;
        written.map_err(message)?;
        for (rows, is_partial) in [(MAX_ROWS, true), (1, false), (0, false)] {
            let cleared = clean_up::clear(db, start() + IDEMPOTENCY_KEYS_KEPT).await;
            let cleared = cleared.map_err(message)?;
            equal(
                &(cleared.idempotency_keys, cleared.is_partial()),
                &(rows, is_partial),
            )?;
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}
