//! Users: reading rows. Owns their order: newest first, the id breaks ties. No query here selects the password hash.

use domain::{Handle, Page, PageRequest, Search, Timestamp};
use sea_query::{ExprTrait, SelectStatement};

use super::count::{count, total_of};
use super::handles::{HandleLookup, of_earlier};
use super::helpers::{col, from, matching, paged, public_post_count};
use super::prepared::prepared;
use super::profile_links::{self, LinkRow};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::users;
use crate::{Db, DbError};

row! {
    /// A user's public profile.
    Profile {
        id = users::id,
        handle = users::handle,
        name = users::name,
        bio = users::bio,
        role = users::role,
        post_count = users::post_count,
        created_at = users::created_at,
        deleted_at = users::deleted_at,
    }
}

/// Lists users, newest first: all, or those that `search` finds, with their number. One statement, or one batch of two; none for
/// a search without words, which finds nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, search: &Search, page: &PageRequest) -> Result<Page<Profile>, DbError> {
    if search.is_empty() {
        let all = prepared(db.dialect(), (*page, db.now()), newest);
        return Ok(Page::new(db.all(all).await?, page, place));
    }
    if !search.has_words() {
        return Ok(Page::new(Vec::new(), page, place));
    }
    let mut select = matching(db.dialect(), open(), users::search_text, search);
    let total = count(&select, users::id);
    paged(&mut select, users::created_at, users::id, page);
    let (rows, total) = db.batch((profiles(select, db.now()), total)).await?;
    Ok(Page::new(rows, page, place).with_total(total_of(&total)))
}

/// One page of all users.
pub(super) fn newest((page, now): (PageRequest, Timestamp)) -> Query<Profile> {
    let mut select = open();
    paged(&mut select, users::created_at, users::id, &page);
    profiles(select, now)
}

fn place(user: &Profile) -> (Timestamp, uuid::Uuid) {
    (user.created_at, user.id.0)
}

/// Finds one user whose account is open. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, handle: &Handle) -> Result<Option<Profile>, DbError> {
    let user = db.first(prepared(db.dialect(), (handle, db.now()), profile));
    Ok(user.await?.filter(|user| user.deleted_at.is_none()))
}

/// Finds one user and the links of their profile, or the present handle of who had this one. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn look_up(
    db: &Db,
    handle: &Handle,
) -> Result<HandleLookup<(Profile, Vec<LinkRow>)>, DbError> {
    let user = prepared(db.dialect(), (handle, db.now()), profile);
    let links = prepared(db.dialect(), handle, profile_links::of_handle);
    let earlier = prepared(db.dialect(), handle, of_earlier);
    let (users, links, earlier) = db.batch((user, links, earlier)).await?;
    let user = users.into_iter().next().map(|user| {
        let deleted_at = user.deleted_at;
        ((user, links), deleted_at)
    });
    Ok(HandleLookup::new(user, earlier, db.now()))
}

/// Users with an open account, without columns.
fn open() -> SelectStatement {
    let mut select = from(users::TABLE);
    select.and_where(col(users::deleted_at).is_null());
    select
}

/// The profiles of the users of `select`, with the number of their posts at `now`.
fn profiles(select: SelectStatement, now: Timestamp) -> Query<Profile> {
    Query::new(select).instead(users::post_count, public_post_count(now))
}

/// The user of this handle, whether or not the account is closed.
pub(super) fn profile((handle, now): (&Handle, Timestamp)) -> Query<Profile> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::handle).eq(handle.as_str()));
    profiles(select, now)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("users", |queries, with| {
            queries.query("list", list(&with.db, &with.none, &with.first));
            queries.query("list older", list(&with.db, &with.none, &with.older));
            queries.query("list search", list(&with.db, &with.words, &with.first));
            queries.query("find", find(&with.db, &with.handle));
            queries.query("look_up", look_up(&with.db, &with.handle));
        });
    }
}
