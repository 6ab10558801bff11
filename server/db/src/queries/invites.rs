//! Invites. Owns that nobody makes more than their share. Using one is `accounts::create`.

use domain::lifetimes::{INVITES_WINDOW, MAX_INVITES};
use domain::{InviteId, Page, PageRequest, Timestamp, UserId};
use sea_query::{Cond, Expr, ExprTrait, JoinType, SelectStatement};

use super::helpers::{col, from, paged, qualified, value};
use super::query::Query;
use super::writes::{
    changed, delete_beyond, exists, having, insert_if, lock, may_sign_in, remove_row,
};
use crate::schema::macros::row;
use crate::schema::tables::{Event, Invite, invites, users};
use crate::{Db, DbError};

row! {
    /// An invite that can be used, with the user who made it.
    OpenInvite {
        id = invites::id,
        role = invites::role,
        expires_at = invites::expires_at,
        inviter_handle = users::handle,
        inviter_name = users::name,
        inviter_role = users::role,
    }
}

row! {
    /// The user who made an invite.
    Inviter {
        id = invites::created_by,
    }
}

row! {
    /// An invite in a list.
    ListedInvite {
        id = invites::id,
        created_by = invites::created_by,
        inviter_handle = users::handle,
        role = invites::role,
        note = invites::note,
        expires_at = invites::expires_at,
        used_at = invites::used_at,
        used_by = invites::used_by,
        /// The user who came by it, if they still have an account.
        guest_handle: Option<String> = guests::handle,
        created_at = invites::created_at,
    }
}

/// The users who came by invites, in a list that has those who made them too.
mod guests {
    use crate::schema::Column;
    use crate::schema::tables::users;

    pub(super) const NAME: &str = "guests";

    #[expect(
        non_upper_case_globals,
        reason = "columns are named as in the database"
    )]
    pub(super) const handle: Column = Column::new::<Option<String>>(NAME, users::handle.name);
}

/// Adds an invite. False if its user has made [`MAX_INVITES`] within [`INVITES_WINDOW`], or may not sign in. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn insert(db: &Db, invite: &Invite, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let mut user = having(users::id, &invite.created_by);
    user.cond_where(may_sign_in());
    let mut made = having(invites::created_by, &invite.created_by);
    made.and_where(col(invites::created_at).gt(value(&(invite.created_at - INVITES_WINDOW))));
    let too_many = delete_beyond(dialect, MAX_INVITES, made, invites::id, &invite.id);
    let statements = [
        lock(dialect, users::id, &invite.created_by),
        insert_if(dialect, invite, exists(user)),
        too_many,
        insert_if(dialect, event, exists(having(invites::id, &invite.id))),
    ];
    let rows = db.write(&statements).await?;
    Ok(changed(&rows, 1) && !changed(&rows, 2))
}

/// Finds the invite whose token has this hash, if it can be used. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(
    db: &Db,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<OpenInvite>, DbError> {
    db.first(open(token_hash, now)).await
}

/// The invite whose token has this hash.
pub(super) fn open(token_hash: &str, now: Timestamp) -> Query<OpenInvite> {
    let mut select = with_inviter();
    select
        .and_where(col(invites::token_hash).eq(token_hash))
        .and_where(col(invites::used_at).is_null())
        .and_where(col(invites::expires_at).gt(value(&now)))
        .cond_where(may_sign_in());
    Query::new(select)
}

fn with_inviter() -> SelectStatement {
    let mut select = from(invites::TABLE);
    select.inner_join(
        users::TABLE.name,
        col(users::id).equals((invites::TABLE.name, invites::created_by.name)),
    );
    select
}

/// Lists the invites of one user, or of all, newest first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    db: &Db,
    created_by: Option<UserId>,
    page: &PageRequest,
) -> Result<Page<ListedInvite>, DbError> {
    let mut select = with_inviter();
    let guest = Expr::col((guests::NAME, users::id.name));
    select.join_as(
        JoinType::LeftJoin,
        users::TABLE.name,
        guests::NAME,
        guest.equals(qualified(invites::used_by)),
    );
    if let Some(user) = created_by {
        select.and_where(col(invites::created_by).eq(value(&user)));
    }
    paged(&mut select, invites::created_at, invites::id, page);
    let rows = db.all(Query::<ListedInvite>::new(select)).await?;
    Ok(Page::new(rows, page, |invite| {
        (invite.created_at, invite.id.0)
    }))
}

/// Finds out who made an invite. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn inviter(db: &Db, id: InviteId) -> Result<Option<UserId>, DbError> {
    let mut select = from(invites::TABLE);
    select.and_where(col(invites::id).eq(value(&id)));
    let found = db.first(Query::<Inviter>::new(select)).await?;
    Ok(found.map(|inviter| inviter.id))
}

/// Withdraws an invite that was not used: of this user, or whoever made it. False if there is none. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn revoke(
    db: &Db,
    id: InviteId,
    created_by: Option<UserId>,
    event: &Event,
) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_theirs = || {
        let unused = Cond::all().add(col(invites::used_at).is_null());
        match created_by {
            Some(user) => unused.add(col(invites::created_by).eq(value(&user))),
            None => unused,
        }
    };
    let statements = remove_row(dialect, invites::id, &id, is_theirs, event);
    Ok(changed(&db.write(&statements).await?, 2))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::{EventKind, Role};
    use uuid::Uuid;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::InviteCreated);
        let (id, user, now) = (InviteId(Uuid::nil()), UserId(Uuid::nil()), event.created_at);
        let invite = Invite {
            id,
            token_hash: "hash".to_owned(),
            created_by: user,
            role: Role::Author,
            note: "for Ada".to_owned(),
            expires_at: now,
            used_at: None,
            used_by: None,
            created_at: now,
        };
        check("invites", |queries, with| {
            let db = &with.db;
            queries.query("insert", insert(db, &invite, &event));
            queries.query("find", find(db, "hash", now));
            queries.query("list of one", list(db, Some(user), &with.first));
            queries.query("list of all", list(db, None, &with.older));
            queries.query("inviter", inviter(db, id));
            queries.query("revoke own", revoke(db, id, Some(user), &event));
            queries.query("revoke any", revoke(db, id, None, &event));
        });
    }
}
