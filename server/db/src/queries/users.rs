//! Users: reading rows. Owns their order: newest first, the id breaks ties. No query here selects the password hash.

use domain::{Handle, Page, PageRequest, Search};
use sea_query::{ExprTrait, SimpleExpr};

use super::helpers::{col, from, matches, paged};
use super::prepared::prepared;
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
    }
}

/// Lists users, newest first: all, or those that `search` finds. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, search: &Search, page: &PageRequest) -> Result<Page<Profile>, DbError> {
    let place = |user: &Profile| (user.created_at, user.id.0);
    if search.is_empty() && !search.text().is_empty() {
        // Signs alone: there is nothing to look for, and so nothing is found.
        return Ok(Page::new(Vec::new(), page, place));
    }
    let rows = if search.is_empty() {
        db.all(prepared(db.dialect(), *page, |page| open(None, &page)))
            .await?
    } else {
        let condition = matches(db.dialect(), users::search_text, search);
        db.all(open(Some(condition), page)).await?
    };
    Ok(Page::new(rows, page, place))
}

/// Finds one user. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, handle: &Handle) -> Result<Option<Profile>, DbError> {
    db.first(prepared(db.dialect(), handle, profile)).await
}

/// One page of the users with an open account, of those for which `condition` holds.
fn open(condition: Option<SimpleExpr>, page: &PageRequest) -> Query<Profile> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::deleted_at).is_null());
    select.and_where_option(condition);
    paged(&mut select, users::created_at, users::id, page);
    Query::new(select)
}

/// The user of this handle, unless the account is closed.
pub(super) fn profile(handle: &Handle) -> Query<Profile> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::handle).eq(handle.as_str()));
    select.and_where(col(users::deleted_at).is_null());
    Query::new(select)
}
