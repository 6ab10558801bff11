//! Passkeys: each belongs to one account, and its count only rises.

use domain::{EventKind, Timestamp};
use futures::future::join;

use super::{CLOSED, MILLISECOND, TestUsers, event, hash, kinds, now, one_is_done, set_time};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, fails, message};
use crate::queries::passkeys::{self, PasskeyUse};
use crate::schema::tables::{Passkey, User};
use crate::{Db, DbError};

pub(super) fn passkey(user: &User, name: &str, at: Timestamp) -> Passkey {
    Passkey {
        id: hash(user, name),
        user_id: user.id,
        credential_id: vec![0, 255, 7],
        public_key: (0..=255).collect(),
        algorithm: -7,
        sign_count: 0,
        name: name.to_owned(),
        transports: "internal hybrid".to_owned(),
        backup_eligible: true,
        backed_up: false,
        created_at: at,
        last_used_at: None,
    }
}

async fn insert(db: &Db, passkey: &Passkey, user: &User) -> Result<bool, DbError> {
    let event = event(EventKind::PasskeyAdded, user, now());
    passkeys::insert(db, passkey, &event).await
}

async fn names(db: &Db, user: &User) -> Result<Vec<String>, String> {
    let listed = passkeys::list(db, user.id).await.map_err(message)?;
    Ok(listed.into_iter().map(|passkey| passkey.name).collect())
}

/// A passkey belongs to one account, whose owner alone renames and removes it.
pub(in crate::contract) async fn a_passkey_belongs_to_one_account(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let phone = passkey(&ada, "phone", now());
        let laptop = passkey(&ada, "laptop", now() + MILLISECOND);
        equal(&names(db, &ada).await?, &Vec::new())?;
        for added in [&phone, &laptop] {
            equal(&insert(db, added, &ada).await, &Ok(true))?;
        }
        let stolen = Passkey {
            user_id: bob.id,
            ..phone.clone()
        };
        let tells = clients.traits.names_duplicate_keys;
        fails(
            &insert(db, &stolen, &bob).await,
            "it was registered twice",
            |error| match error {
                DbError::Unique { table, column } => {
                    !tells || (table == "passkeys" && column == "id")
                }
                _ => false,
            },
        )?;
        equal(&kinds(db, &bob).await?, &Vec::new())?;
        equal(
            &names(db, &ada).await?,
            &vec!["laptop".to_owned(), "phone".to_owned()],
        )?;
        let found = passkeys::find(db, &phone.id).await.map_err(message)?;
        let found = found.ok_or("the passkey is not there")?;
        equal(
            &(found.user_id, found.handle, found.public_key),
            &(ada.id, ada.handle.clone(), phone.public_key.clone()),
        )?;
        let nobodys = hash(&ada, "nobody's");
        equal(
            &passkeys::find(db, &nobodys)
                .await
                .is_ok_and(|found| found.is_none()),
            &true,
        )?;

        let rename = async |user: &User, id: &str| passkeys::rename(db, user.id, id, "new").await;
        let remove = async |db: &Db, user: &User, id: &str| {
            let event = event(EventKind::PasskeyRemoved, user, now());
            passkeys::remove(db, user.id, id, &event).await
        };
        for (user, id) in [(&bob, &phone.id), (&ada, &nobodys)] {
            equal(&rename(user, id).await, &Ok(false))?;
            equal(&remove(db, user, id).await, &Ok(false))?;
        }
        equal(&rename(&ada, &phone.id).await, &Ok(true))?;
        equal(
            &names(db, &ada).await?,
            &vec!["laptop".to_owned(), "new".to_owned()],
        )?;
        let rival = clients.strong();
        let both = join(remove(db, &ada, &phone.id), remove(&rival, &ada, &phone.id));
        one_is_done(both.await)?;
        equal(&names(db, &ada).await?, &vec!["laptop".to_owned()])?;
        let all = ["passkey_added", "passkey_added", "passkey_removed"];
        equal(&kinds(db, &ada).await?, &all.map(str::to_owned).to_vec())?;
        equal(&kinds(db, &bob).await?, &Vec::new())?;
        // It is found whatever the state of the account, but a closed one gets no other.
        for column in CLOSED {
            set_time(db, &ada, column, Some(now())).await?;
            let found = passkeys::find(db, &laptop.id).await.map_err(message)?;
            equal(&found.is_some(), &true)?;
            let more = passkey(&ada, column.name, now());
            equal(&insert(db, &more, &ada).await, &Ok(false))?;
            set_time(db, &ada, column, None).await?;
        }
        equal(&names(db, &ada).await?, &vec!["laptop".to_owned()])?;
        equal(&kinds(db, &ada).await?.len(), &3)
    }
    .await;
    people.delete().await?;
    checked
}

/// A use counts if the authenticator's count has risen, or it does not count at all; of the same use twice, one does.
pub(in crate::contract) async fn the_count_of_a_passkey_only_rises(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let key = passkey(&ada, "key", now());
        equal(&insert(db, &key, &ada).await, &Ok(true))?;
        let used = async |db: &Db, sign_count: i64, after: u32| {
            let used = PasskeyUse {
                id: &key.id,
                sign_count,
                backed_up: true,
                at: now() + MILLISECOND * after,
            };
            passkeys::note_use(db, used).await.map_err(message)
        };
        let state = async || {
            let listed = passkeys::list(db, ada.id).await.map_err(message)?;
            let one = listed.first().map(|one| (one.last_used_at, one.backed_up));
            one.ok_or_else(|| "the passkey is not there".to_owned())
        };
        equal(&state().await?, &(None, false))?;
        for (n, (count, counts)) in [
            (0, true),
            (0, true),
            (5, true),
            (5, false),
            (4, false),
            (0, false),
            (6, true),
            (u32::MAX.into(), true),
            (6, false),
        ]
        .into_iter()
        .enumerate()
        {
            let before = state().await?;
            let n = n as u32 + 1;
            equal(&used(db, count, n).await?, &counts).map_err(|why| format!("{n}: {why}"))?;
            let expected = match counts {
                true => (Some(now() + MILLISECOND * n), true),
                false => before,
            };
            equal(&state().await?, &expected)?;
        }
        let second = passkey(&ada, "second", now());
        equal(&insert(db, &second, &ada).await, &Ok(true))?;
        let replay = PasskeyUse {
            id: &second.id,
            sign_count: 9,
            backed_up: false,
            at: now(),
        };
        let rival = clients.strong();
        let both = join(
            passkeys::note_use(db, replay),
            passkeys::note_use(&rival, replay),
        )
        .await;
        one_is_done(both)?;
        let nobodys = PasskeyUse {
            id: "nobody's",
            ..replay
        };
        equal(&passkeys::note_use(db, nobodys).await, &Ok(false))
    }
    .await;
    people.delete().await?;
    checked
}
