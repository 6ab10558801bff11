//! Equal writes at the same time, such as those of a double click: one is done, and one event tells of it.

use domain::lifetimes::{INVITES_WINDOW, MAX_INVITES};
use domain::{Email, EventKind};
use futures::future::join_all;

use super::api_tokens::token;
use super::invites::invite;
use super::passkeys::passkey;
use super::{MILLISECOND, TestUsers, event, kinds, now, session, set_time};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::{accounts, admin, api_tokens, insert, invites, passkeys, sessions};
use crate::schema::tables::{Session, users};
use crate::{Db, DbError};

/// The rounds of each write: two of them do not always meet.
const ROUNDS: u32 = 8;

/// Checks that one of several writes was done.
async fn one<F>(writes: impl Iterator<Item = F>) -> CaseResult
where
    F: Future<Output = Result<bool, DbError>>,
{
    let done: Result<Vec<bool>, DbError> = join_all(writes).await.into_iter().collect();
    let done = done.map_err(message)?;
    equal(&done.iter().filter(|done| **done).count(), &1)
}

/// Rows of an account are removed once, a suspension lifted once, an address verified once.
pub(in crate::contract) async fn of_equal_writes_at_once_one_is_done(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let all = [db.clone(), clients.strong(), clients.strong()];
    let (all, ada) = (&all, &ada);
    let email = Email::parse(&ada.email).map_err(|why| why.to_string())?;
    let email = &email;
    let id = |session: &Session| session.public_id.ok_or("a session without an id");
    let tell = |kind| event(kind, ada, now());
    let checked = async {
        for round in 0..ROUNDS {
            let name = |what: &str| format!("{what} {round}");
            let [listed, here] = ["listed", "here"].map(|what| session(ada, &name(what), now()));
            let (token, passkey) = (
                token(ada, &name("token"), None, now()),
                passkey(ada, &name("passkey"), now()),
            );
            let invite = invite(ada, &name("invite"), now());
            let rows = [
                insert(db.dialect(), &[listed.clone(), here.clone()]),
                insert(db.dialect(), std::slice::from_ref(&token)),
                insert(db.dialect(), std::slice::from_ref(&passkey)),
                insert(db.dialect(), std::slice::from_ref(&invite)),
            ];
            db.write(&rows.concat()).await.map_err(message)?;
            set_time(db, ada, users::email_verified_at, None).await?;

            let (listed, here, key) = (id(&listed)?, here.id.as_str(), passkey.id.as_str());
            one(all.iter().map(async |db| {
                sessions::revoke(db, ada.id, listed, &tell(EventKind::SessionRevoked)).await
            }))
            .await?;
            one(all
                .iter()
                .map(async |db| sessions::end(db, here, &tell(EventKind::SignedOut)).await))
            .await?;
            one(all.iter().map(async |db| {
                api_tokens::revoke(db, ada.id, token.id, &tell(EventKind::TokenRevoked)).await
            }))
            .await?;
            one(all.iter().map(async |db| {
                passkeys::remove(db, ada.id, key, &tell(EventKind::PasskeyRemoved)).await
            }))
            .await?;
            one(all.iter().map(async |db| {
                invites::revoke(db, invite.id, None, &tell(EventKind::InviteRevoked)).await
            }))
            .await?;
            one(all.iter().map(async |db| {
                let told = tell(EventKind::EmailVerified);
                accounts::verify_email(db, ada.id, email, &told).await
            }))
            .await?;
            one(all.iter().map(async |db| {
                admin::suspend(db, ada.id, "spam", &tell(EventKind::Suspended)).await
            }))
            .await?;
            one(all
                .iter()
                .map(async |db| admin::restore(db, ada.id, &tell(EventKind::Restored)).await))
            .await?;
        }
        let kinds = kinds(db, ada).await?;
        for kind in [
            EventKind::SessionRevoked,
            EventKind::SignedOut,
            EventKind::TokenRevoked,
            EventKind::PasskeyRemoved,
            EventKind::InviteRevoked,
            EventKind::EmailVerified,
            EventKind::Suspended,
            EventKind::Restored,
        ] {
            let told = kinds.iter().filter(|told| *told == kind.as_str()).count();
            equal(&told, &(ROUNDS as usize)).map_err(|why| format!("{kind:?}: {why}"))?;
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}

/// Who has one invite left makes one, however many they ask for at the same time.
pub(in crate::contract) async fn the_last_invite_is_made_once(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let all = [db.clone(), clients.strong(), clients.strong()];
    let (all, ada) = (&all, &ada);
    let checked = async {
        for round in 0..ROUNDS {
            let at = now() + (INVITES_WINDOW + MILLISECOND) * round;
            let made = (1..MAX_INVITES).map(|n| invite(ada, &format!("{round} {n}"), at));
            let rows = insert(db.dialect(), &made.collect::<Vec<_>>());
            db.write(&rows).await.map_err(message)?;
            one(all.iter().enumerate().map(async |(n, db)| {
                let last = invite(ada, &format!("{round} last {n}"), at);
                let told = event(EventKind::InviteCreated, ada, at);
                invites::insert(db, &last, &told).await
            }))
            .await?;
        }
        equal(&kinds(db, ada).await?.len(), &(ROUNDS as usize))
    }
    .await;
    people.delete().await?;
    checked
}
