//! Accounts: what their owners do with them. Owns that an invite makes one account. What administrators do is in `admin`, changing a
//! handle in `handles`, another password in `passwords`, closing an account in `erasure`.
//!
//! A conflict is [`DbError::Unique`] with the column `handle` or `email` of `users`.

use domain::{Email, Timestamp, UserId};
use sea_query::{Cond, ExprTrait, SelectStatement};

use super::handles::{forget, is_kept_from};
use super::helpers::{col, from, value};
use super::profile_links::{self, LinkRow};
use super::query::Query;
use super::render::render;
use super::writes::{changed, delete, exists, having, insert_if, lock, null, update};
use crate::schema::macros::row;
use crate::schema::tables::{
    Event, ProfileLink, User, codes, invites, profile_links as links, users,
};
use crate::{Db, DbError};

row! {
    /// An account as its owner sees it.
    Account {
        id = users::id,
        handle = users::handle,
        email = users::email,
        name = users::name,
        bio = users::bio,
        role = users::role,
        email_verified_at = users::email_verified_at,
        created_at = users::created_at,
        updated_at = users::updated_at,
        suspended_at = users::suspended_at,
        suspended_reason = users::suspended_reason,
        erase_at = users::erase_at,
        keeps_posts = users::keeps_posts,
        erased_at = users::erased_at,
        deleted_at = users::deleted_at,
    }
}

/// Finds an account, whatever its state. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, id: UserId) -> Result<Option<Account>, DbError> {
    db.first(by_id(id)).await
}

/// Finds an account with the links of its profile, as their owner edits them. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn with_links(db: &Db, id: UserId) -> Result<Option<(Account, Vec<LinkRow>)>, DbError> {
    let (accounts, links) = db.batch((by_id(id), profile_links::of_user(id))).await?;
    Ok(accounts.into_iter().next().map(|account| (account, links)))
}

/// The account of this id.
pub(super) fn by_id(id: UserId) -> Query<Account> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::id).eq(value(&id)));
    Query::new(select)
}

/// The result of making an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// It was made.
    Done,
    /// The handle was another's until lately, and is kept for them.
    HandleKept,
    /// The invite does not exist, was used, or has expired.
    NoInvite,
}

/// Makes an account; with `invite`, the hash of a token, only if that can be used, and uses it up. The event is about the new
/// account. One batch of three, or five.
///
/// # Errors
/// [`DbError::Unique`] for a handle or an address that somebody has; the invite can still be used then. Any other [`DbError`].
pub async fn create(
    db: &Db,
    user: &User,
    invite: Option<&str>,
    event: &Event,
) -> Result<Creation, DbError> {
    let dialect = db.dialect();
    // Not whoever else has this id, which comes from outside.
    let is_there = || {
        let mut made = having(users::id, &user.id);
        made.and_where(col(users::handle).eq(user.handle.as_str()))
            .and_where(col(users::created_at).eq(value(&user.created_at)));
        exists(made)
    };
    let mut allowed = Cond::all().add(is_kept_from(&user.handle, user.id, user.created_at).not());
    if let Some(invite) = invite {
        allowed = allowed.add(exists(used_invite(invite, user.id)));
    }
    let mut statements = vec![
        insert_if(dialect, user, allowed),
        forget(dialect, &user.handle, is_there()),
        insert_if(dialect, event, is_there()),
    ];
    if let Some(invite) = invite {
        let mut take = update(invites::token_hash, &invite.to_owned());
        take.value(invites::used_at.name, value(&user.created_at))
            .value(invites::used_by.name, value(&user.id))
            .and_where(col(invites::used_at).is_null())
            .and_where(col(invites::expires_at).gt(value(&user.created_at)));
        statements.insert(0, render(dialect, &take));
        // Nobody came by it now.
        let mut give_back = update(invites::token_hash, &invite.to_owned());
        give_back
            .value(invites::used_at.name, null())
            .value(invites::used_by.name, null())
            .and_where(col(invites::used_by).eq(value(&user.id)))
            .and_where(col(invites::used_at).eq(value(&user.created_at)))
            .and_where(is_there().not());
        statements.push(render(dialect, &give_back));
    }
    let rows = db.write(&statements).await?;
    Ok(match invite {
        None if changed(&rows, 0) => Creation::Done,
        Some(_) if changed(&rows, 1) => Creation::Done,
        Some(_) if !changed(&rows, 0) => Creation::NoInvite,
        _ => Creation::HandleKept,
    })
}

/// The invite of this hash, if this user comes by it.
fn used_invite(invite: &str, user: UserId) -> SelectStatement {
    let mut select = having(invites::token_hash, &invite.to_owned());
    select.and_where(col(invites::used_by).eq(value(&user)));
    select
}

/// Notes that the address of an account is its user's, if it is still this one. False if it was known, or is another. One batch of
/// three.
///
/// # Errors
/// Any [`DbError`].
pub async fn verify_email(
    db: &Db,
    id: UserId,
    email: &Email,
    event: &Event,
) -> Result<bool, DbError> {
    let (dialect, now) = (db.dialect(), event.created_at);
    let unverified = || {
        Cond::all()
            .add(col(users::email).eq(email.as_str()))
            .add(col(users::email_verified_at).is_null())
    };
    let mut user = having(users::id, &id);
    user.cond_where(unverified());
    let mut update = update(users::id, &id);
    update
        .value(users::email_verified_at.name, value(&now))
        .cond_where(unverified());
    let statements = [
        lock(dialect, users::id, &id),
        insert_if(dialect, event, exists(user)),
        render(dialect, &update),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Gives an account another address, which is proved to be its user's, and makes codes void that were sent to the old one. False if
/// it is the account's already. One batch of four.
///
/// # Errors
/// [`DbError::Unique`] for an address that somebody has, or any other [`DbError`].
pub async fn change_email(
    db: &Db,
    id: UserId,
    email: &Email,
    event: &Event,
) -> Result<bool, DbError> {
    let (dialect, now) = (db.dialect(), event.created_at);
    let is_another = || col(users::email).ne(email.as_str());
    let user = || {
        let mut user = having(users::id, &id);
        exists(user.and_where(is_another()).take())
    };
    let mut void = delete(codes::user_id, &id);
    void.and_where(user());
    let mut update = update(users::id, &id);
    update
        .value(users::email.name, email.as_str())
        .value(users::email_verified_at.name, value(&now))
        .and_where(is_another());
    let statements = [
        lock(dialect, users::id, &id),
        insert_if(dialect, event, user()),
        render(dialect, &void),
        render(dialect, &update),
    ];
    Ok(changed(&db.write(&statements).await?, 3))
}

/// A public profile, to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewProfile<'a> {
    /// The name as it is shown.
    pub name: &'a str,
    /// A short text.
    pub bio: &'a str,
    /// Handle, name and bio as words for the full-text index.
    pub search_text: &'a str,
    /// The links, in their order.
    pub links: &'a [ProfileLink],
}

/// Writes the profile of a user, and replaces its links; with `opened`, the time of the account's last change, only if it was not
/// changed since. False if it was. One batch.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_profile(
    db: &Db,
    id: UserId,
    profile: NewProfile<'_>,
    opened: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_unchanged = || match opened {
        Some(opened) => Cond::all().add(col(users::updated_at).eq(value(&opened))),
        None => Cond::all(),
    };
    let user = || {
        let mut user = having(users::id, &id);
        exists(user.cond_where(is_unchanged()).take())
    };
    let mut update = update(users::id, &id);
    update
        .value(users::name.name, profile.name)
        .value(users::bio.name, profile.bio)
        .value(users::search_text.name, profile.search_text)
        .value(users::updated_at.name, value(&now))
        .cond_where(is_unchanged());
    let mut earlier = delete(links::user_id, &id);
    earlier.and_where(user());
    if !profile.links.is_empty() {
        let ids = profile.links.iter().map(|link| value(&link.id));
        earlier.and_where(col(links::id).is_not_in(ids));
    }
    let mut statements = vec![lock(dialect, users::id, &id)];
    let new = profile.links.iter();
    statements.extend(new.map(|link| insert_if(dialect, link, user())));
    // The time of the last change is compared until the last statement, which makes it another.
    statements.extend([render(dialect, &earlier), render(dialect, &update)]);
    let rows = db.write(&statements).await?;
    Ok(changed(&rows, statements.len() - 1))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::{EventKind, LinkId, Role};
    use uuid::Uuid;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::SignedUp);
        let (id, now) = (UserId(Uuid::nil()), event.created_at);
        let email = Email::parse("ada@example.com").expect("an address");
        let user = User {
            id,
            handle: "ada".to_owned(),
            email: email.as_str().to_owned(),
            name: "Ada".to_owned(),
            bio: String::new(),
            role: Role::Reader,
            password_hash: "!".to_owned(),
            post_count: 0,
            search_text: "ada".to_owned(),
            created_at: now,
            updated_at: now,
            deleted_at: None,
            email_verified_at: None,
            suspended_at: None,
            suspended_reason: None,
            erase_at: None,
            keeps_posts: false,
            erased_at: None,
        };
        let link = ProfileLink {
            id: LinkId(Uuid::nil()),
            user_id: id,
            position: 0,
            label: "Home".to_owned(),
            url: "https://ada.example".to_owned(),
        };
        let profile = NewProfile {
            name: "Ada",
            bio: "",
            search_text: "ada",
            links: &[link],
        };
        check("accounts", |queries, with| {
            let db = &with.db;
            let create = |invite| create(db, &user, invite, &event);
            queries.query("find", find(db, id));
            queries.query("with_links", with_links(db, id));
            queries.query("create", create(None));
            queries.query("create by invite", create(Some("hash")));
            queries.query("verify_email", verify_email(db, id, &email, &event));
            queries.query("change_email", change_email(db, id, &email, &event));
            queries.query("set_profile", set_profile(db, id, profile, None, now));
            let opened = Some(now);
            queries.query(
                "set_profile unless it was changed",
                set_profile(db, id, profile, opened, now),
            );
        });
    }
}
