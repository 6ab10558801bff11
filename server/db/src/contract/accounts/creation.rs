//! Making an account.

use domain::{Email, EventKind, Handle, UserId};
use futures::future::join;

use super::{MILLISECOND, TestUsers, event, handle, hash, is_taken, kinds, now};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::contract::written::user;
use crate::queries::accounts::{self, Creation};
use crate::queries::sign_in::{self, Login};
use crate::queries::{handles, insert, invites};
use crate::schema::tables::{Invite, User, users};
use crate::{Db, DbError};

/// A user who is not in the database, and goes with `people` when a case has put them there.
fn newcomer(people: &mut TestUsers) -> User {
    let mut user = user(UserId::new());
    user.created_at = now();
    people.add(&user);
    user
}

async fn create(db: &Db, user: &User, invite: Option<&str>) -> Result<Creation, DbError> {
    accounts::create(db, user, invite, &event(EventKind::SignedUp, user, now())).await
}

async fn is_there(db: &Db, user: &User) -> Result<bool, String> {
    let found = accounts::find(db, user.id).await.map_err(message)?;
    Ok(found.is_some())
}

/// A handle and an address make one account; who comes too late leaves nothing behind.
pub(in crate::contract) async fn a_handle_and_an_address_make_one_account(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (mut people, []) = TestUsers::write(db).await?;
    let first = newcomer(&mut people);
    let same_handle = User {
        handle: first.handle.clone(),
        ..newcomer(&mut people)
    };
    let same_address = User {
        email: first.email.clone(),
        ..newcomer(&mut people)
    };
    let (one, other) = (newcomer(&mut people), newcomer(&mut people));
    let other = User {
        handle: one.handle.clone(),
        ..other
    };
    let checked = async {
        equal(&create(db, &first, None).await, &Ok(Creation::Done))?;
        let found = accounts::find(db, first.id).await.map_err(message)?;
        let found = found.ok_or("the account is not there")?;
        equal(
            &(found.handle.as_str(), found.email.as_str(), found.role),
            &(first.handle.as_str(), first.email.as_str(), first.role),
        )?;
        equal(&found.email_verified_at, &None)?;
        equal(&kinds(db, &first).await?, &vec!["signed_up".to_owned()])?;
        for (late, column) in [(&same_handle, users::handle), (&same_address, users::email)] {
            let made = create(db, late, None).await;
            equal(&is_taken(&made, column), &true)
                .map_err(|why| format!("{}: {made:?}, {why}", column.name))?;
            equal(&is_there(db, late).await?, &false)?;
            equal(&kinds(db, late).await?, &Vec::new())?;
        }
        // Of two at once, one comes in time.
        let second = clients.strong();
        let made = join(create(db, &one, None), create(&second, &other, None)).await;
        let done = [&made.0, &made.1].map(|made| *made == Ok(Creation::Done));
        let late = [&made.0, &made.1].map(|made| is_taken(made, users::handle));
        equal(&(done[0] != done[1], late[0] != late[1]), &(true, true))
            .map_err(|why| format!("{made:?}: {why}"))
    }
    .await;
    people.delete().await?;
    checked
}

/// An invite of `by` that expires at the end of this millisecond.
async fn invite(db: &Db, by: &User, name: &str) -> Result<String, String> {
    let invite = Invite {
        expires_at: now() + MILLISECOND,
        ..super::invites::invite(by, name, now())
    };
    let written = db.write(&insert(db.dialect(), &[invite])).await;
    written.map_err(message)?;
    Ok(hash(by, name))
}

/// An invite makes one account, before it expires; a sign-up that fails does not use it up.
pub(in crate::contract) async fn an_invite_makes_one_account(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (mut people, [by, taken]) = TestUsers::write(db).await?;
    let [late, unknown, first, second, one, other] = [(); 6].map(|()| newcomer(&mut people));
    let checked = async {
        let token = invite(db, &by, "invite").await?;
        let is_open = async || {
            let found = invites::find(db, &token, now()).await.map_err(message)?;
            Ok::<_, String>(found.is_some())
        };
        let late = User {
            created_at: now() + MILLISECOND,
            ..late
        };
        equal(
            &create(db, &late, Some(&token)).await,
            &Ok(Creation::NoInvite),
        )?;
        let nowhere = hash(&by, "nowhere");
        equal(
            &create(db, &unknown, Some(&nowhere)).await,
            &Ok(Creation::NoInvite),
        )?;
        for (fails, column) in [
            (
                User {
                    handle: taken.handle.clone(),
                    ..first.clone()
                },
                users::handle,
            ),
            (
                User {
                    email: taken.email.clone(),
                    ..first.clone()
                },
                users::email,
            ),
        ] {
            let made = create(db, &fails, Some(&token)).await;
            equal(&is_taken(&made, column), &true).map_err(|why| format!("{made:?}: {why}"))?;
            equal(&is_open().await?, &true)?;
        }
        // Nor does one whose handle is kept for another.
        let given_up = User {
            handle: taken.handle.clone(),
            ..first.clone()
        };
        let (new, changed) = (
            handle(&user(UserId::new()).handle)?,
            event(EventKind::HandleChanged, &taken, now()),
        );
        handles::change(db, taken.id, &new, "", &changed)
            .await
            .map_err(message)?;
        let kept = create(db, &given_up, Some(&token)).await;
        equal(&kept, &Ok(Creation::HandleKept))?;
        equal(&is_open().await?, &true)?;
        equal(&create(db, &first, Some(&token)).await, &Ok(Creation::Done))?;
        equal(&is_open().await?, &false)?;
        equal(
            &create(db, &second, Some(&token)).await,
            &Ok(Creation::NoInvite),
        )?;
        for absent in [&late, &unknown, &second] {
            equal(&is_there(db, absent).await?, &false)?;
            equal(&kinds(db, absent).await?, &Vec::new())?;
        }
        let page = domain::PageRequest::first(10);
        let listed = invites::list(db, Some(by.id), &page).await;
        let listed = listed.map_err(message)?.rows;
        let used: Vec<_> = listed
            .iter()
            .map(|row| (row.used_at, row.used_by))
            .collect();
        equal(&used, &vec![(Some(now()), Some(first.id))])?;
        // Of two at once, one comes by it.
        let token = invite(db, &by, "another invite").await?;
        let rival = clients.strong();
        let made = join(
            create(db, &one, Some(&token)),
            create(&rival, &other, Some(&token)),
        )
        .await;
        let both = [made.0.map_err(message)?, made.1.map_err(message)?];
        let there = [is_there(db, &one).await?, is_there(db, &other).await?];
        equal(&there, &both.map(|made| made == Creation::Done))?;
        equal(&(there[0] != there[1]), &true)
    }
    .await;
    people.delete().await?;
    checked
}

/// Whoever signs in is found by handle, address or id, however they type it, until the account is erased.
pub(in crate::contract) async fn who_signs_in_is_found_by_each_of_their_names(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let parse = |text: &str| Email::parse(text).map_err(|why| why.to_string());
    let checked = async {
        let by = async |login| {
            let found = sign_in::find(db, login).await.map_err(message)?;
            Ok::<_, String>(found.map(|user| (user.id, user.is_open())))
        };
        let address = parse(&ada.email.to_uppercase())?;
        let name = Handle::parse(&ada.handle).map_err(|why| format!("{why:?}"))?;
        let all = [
            Login::Handle(&name),
            Login::Email(&address),
            Login::User(ada.id),
        ];
        for login in all {
            equal(&by(login).await?, &Some((ada.id, true)))?;
        }
        let nobodys = parse(&format!("x{}", ada.email))?;
        equal(&by(Login::Email(&nobodys)).await?, &None)?;
        equal(&by(Login::User(UserId::new())).await?, &None)?;
        for column in [users::suspended_at, users::deleted_at, users::erase_at] {
            super::set_time(db, &ada, column, Some(now())).await?;
            for login in all {
                equal(&by(login).await?, &Some((ada.id, false)))?;
            }
            super::set_time(db, &ada, column, None).await?;
        }
        super::set_time(db, &ada, users::erased_at, Some(now())).await?;
        for login in all {
            equal(&by(login).await?, &None)?;
        }
        equal(&by(Login::User(bob.id)).await?, &Some((bob.id, true)))
    }
    .await;
    people.delete().await?;
    checked
}
