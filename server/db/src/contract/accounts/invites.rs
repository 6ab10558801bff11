//! Invites: a share for each, lists, withdrawal. Using one is in `creation`.

use domain::lifetimes::{INVITE_TTL, INVITES_WINDOW, MAX_INVITES};
use domain::{EventKind, InviteId, PageRequest, Role, Timestamp, UserId};
use futures::future::{join, join_all};

use super::{CLOSED, MILLISECOND, TestUsers, event, hash, kinds, now, one_is_done, set_time};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::{insert as insert_rows, invites};
use crate::schema::tables::{Invite, User};
use crate::{Db, DbError};

pub(super) fn invite(user: &User, name: &str, at: Timestamp) -> Invite {
    Invite {
        id: InviteId::new(),
        token_hash: hash(user, name),
        created_by: user.id,
        role: Role::Author,
        note: name.to_owned(),
        expires_at: at + INVITE_TTL,
        used_at: None,
        used_by: None,
        created_at: at,
    }
}

async fn insert(db: &Db, invite: &Invite, user: &User) -> Result<bool, DbError> {
    let event = event(EventKind::InviteCreated, user, invite.created_at);
    invites::insert(db, invite, &event).await
}

/// Nobody makes more than their share within the window, however many they make at once; others have a share of their own.
pub(in crate::contract) async fn nobody_makes_more_invites_than_their_share(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let name = |n: i64| format!("invite {n}");
        for n in 1..MAX_INVITES {
            let made = insert(db, &invite(&ada, &name(n), now()), &ada).await;
            equal(&made, &Ok(true)).map_err(|why| format!("{n}: {why}"))?;
        }
        let last = ["last", "too many"].map(|name| invite(&ada, name, now()));
        let rival = clients.strong();
        let both = join(insert(db, &last[0], &ada), insert(&rival, &last[1], &ada)).await;
        one_is_done(both)?;
        let open = now() + INVITES_WINDOW;
        for (at, expected) in [(open - MILLISECOND, false), (open, true)] {
            let later = invite(&ada, &format!("{expected}"), at);
            equal(&insert(db, &later, &ada).await, &Ok(expected))?;
        }
        let made = kinds(db, &ada).await?;
        equal(&(made.len() as i64), &(MAX_INVITES + 1))?;
        equal(
            &insert(db, &invite(&bob, "one", now()), &bob).await,
            &Ok(true),
        )?;
        for column in CLOSED {
            set_time(db, &bob, column, Some(now())).await?;
            let more = invite(&bob, column.name, now());
            equal(&insert(db, &more, &bob).await, &Ok(false))?;
            set_time(db, &bob, column, None).await?;
        }
        equal(&kinds(db, &bob).await?.len(), &1)
    }
    .await;
    people.delete().await?;
    checked
}

/// An invite is found until it expires, is used or withdrawn, and as long as who made it may sign in.
pub(in crate::contract) async fn an_invite_is_found_until_it_expires(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let is_open = async |invite: &Invite, at| {
            let found = invites::find(db, &invite.token_hash, at).await;
            Ok::<_, String>(found.map_err(message)?.is_some())
        };
        let (one, used) = (invite(&ada, "one", now()), invite(&ada, "used", now()));
        let used = Invite {
            used_at: Some(now()),
            used_by: Some(bob.id),
            ..used
        };
        let rows = insert_rows(db.dialect(), &[one.clone(), used.clone()]);
        db.write(&rows).await.map_err(message)?;
        let end = one.expires_at;
        for (at, expected) in [(end - MILLISECOND, true), (end, false)] {
            equal(&is_open(&one, at).await?, &expected)?;
        }
        let found = invites::find(db, &one.token_hash, now()).await;
        let found = found.map_err(message)?.ok_or("it is not there")?;
        equal(
            &(found.id, found.role, found.inviter_handle.as_str()),
            &(one.id, Role::Author, ada.handle.as_str()),
        )?;
        equal(&is_open(&used, now()).await?, &false)?;
        for column in CLOSED {
            set_time(db, &ada, column, Some(now())).await?;
            equal(&is_open(&one, now()).await?, &false)?;
            set_time(db, &ada, column, None).await?;
        }
        let revoke = async |db: &Db, id, by: Option<&User>| {
            let event = event(EventKind::InviteRevoked, &ada, now());
            invites::revoke(db, id, by.map(|user| user.id), &event).await
        };
        let inviter = async |id| invites::inviter(db, id).await.map_err(message);
        equal(&inviter(one.id).await?, &Some(ada.id))?;
        equal(&inviter(InviteId::new()).await?, &None)?;
        equal(&revoke(db, one.id, Some(&bob)).await, &Ok(false))?;
        equal(&revoke(db, InviteId::new(), None).await, &Ok(false))?;
        for by in [Some(&ada), None] {
            equal(&revoke(db, used.id, by).await, &Ok(false))?;
        }
        equal(&is_open(&one, now()).await?, &true)?;
        let rival = clients.strong();
        let both = join(
            revoke(db, one.id, Some(&ada)),
            revoke(&rival, one.id, Some(&ada)),
        );
        one_is_done(both.await)?;
        equal(&is_open(&one, now()).await?, &false)?;
        let of_bob = invite(&bob, "of bob", now());
        equal(&insert(db, &of_bob, &bob).await, &Ok(true))?;
        equal(&revoke(db, of_bob.id, None).await, &Ok(true))?;
        equal(
            &kinds(db, &ada).await?,
            &vec!["invite_revoked".to_owned(); 2],
        )
    }
    .await;
    people.delete().await?;
    checked
}

/// Follows a list to its end; the notes of the invites that `people` made.
async fn walked(db: &Db, by: Option<UserId>, people: &[&User]) -> Result<Vec<String>, String> {
    let mut page = PageRequest::first(2);
    let mut notes = Vec::new();
    loop {
        let found = invites::list(db, by, &page).await.map_err(message)?;
        equal(&(found.rows.len() <= page.limit), &true)?;
        let of_people = found
            .rows
            .into_iter()
            .filter(|row| people.iter().any(|user| user.id == row.created_by));
        notes.extend(of_people.map(|row| row.note));
        page.cursor = found.older;
        if page.cursor.is_none() {
            return Ok(notes);
        }
    }
}

/// The lists of one user's invites and of all are paged, newest first; each invite is shown once.
pub(in crate::contract) async fn invites_are_paged_newest_first(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let checked = async {
        // Two of each time, so that ids break ties.
        let of_ada = (0..5_u32).map(|n| {
            let at = now() + MILLISECOND * (n / 2);
            invite(&ada, &format!("{n}"), at)
        });
        let of_bob = invite(&bob, "of bob", now() + MILLISECOND);
        let mut all: Vec<Invite> = of_ada.collect();
        all.push(of_bob);
        let written = db.write(&insert_rows(db.dialect(), &all)).await;
        written.map_err(message)?;
        all.sort_by_key(|invite| std::cmp::Reverse((invite.created_at, invite.id)));
        let notes: Vec<String> = all.iter().map(|invite| invite.note.clone()).collect();
        equal(&walked(db, None, &[&ada, &bob]).await?, &notes)?;
        let own: Vec<String> = notes.into_iter().filter(|note| note != "of bob").collect();
        equal(&walked(db, Some(ada.id), &[&ada, &bob]).await?, &own)?;
        equal(&walked(db, Some(cyd.id), &[&cyd]).await?, &Vec::new())
    }
    .await;
    people.delete().await?;
    checked
}

/// Several people make invites at the same time.
pub(in crate::contract) async fn invites_are_made_at_once(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, users) = TestUsers::write::<6>(db).await?;
    let checked = async {
        let others = [db.clone(), clients.strong(), clients.strong()];
        for round in 0..4 {
            let made = users.iter().zip(others.iter().cycle());
            let made = made.map(|(user, db)| async move {
                let invite = invite(user, &format!("{round}"), now());
                insert(db, &invite, user).await
            });
            for made in join_all(made).await {
                equal(&made, &Ok(true))?;
            }
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}
