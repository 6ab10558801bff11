//! Users: reading rows. Owns their order: newest first, the id breaks ties. The password hash is selected nowhere here.

use domain::{Handle, Page, PageRequest, Role, Search, Timestamp, UserId};
use sea_query::{ExprTrait, SelectStatement};

use super::helpers::{col, matching, page_values, paged, select, shape};
use crate::schema::macros::row;
use crate::schema::tables::users;
use crate::{Db, DbError, Dialect, Query, Statement};

row! {
    /// A person as everybody sees one.
    Profile {
        /// The user.
        id: UserId = users::id,
        /// The name in addresses.
        handle: String = users::handle,
        /// The name.
        name: String = users::name,
        /// A few words.
        bio: String = users::bio,
        /// What the person may do.
        role: Role = users::role,
        /// How many public posts there are.
        post_count: i64 = users::post_count,
        /// When the person signed up.
        created_at: Timestamp = users::created_at,
    }
}

/// One page of people, those that `search` finds. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, search: &Search, page: &PageRequest) -> Result<Page<Profile>, DbError> {
    let rows = db.all(list_query(db.dialect(), search, page)).await?;
    Ok(Page::new(rows, page, |person| {
        (person.created_at, person.id.0)
    }))
}

/// One person. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, handle: &Handle) -> Result<Option<Profile>, DbError> {
    db.first(find_query(db.dialect(), handle)).await
}

pub(super) fn list_query(dialect: Dialect, search: &Search, page: &PageRequest) -> Query<Profile> {
    let list = || {
        let mut select = select::<Profile>("users");
        select.and_where(col(users::deleted_at).is_null());
        matching(&mut select, dialect, users::search_text, search);
        paged(&mut select, users::created_at, users::id, page);
        select
    };
    Query::new(if search.is_empty() {
        Statement::shaped(
            dialect,
            shape("users::list", page),
            page_values(Vec::new(), page),
            list,
        )
    } else {
        Statement::render(dialect, &list())
    })
}

pub(super) fn find_query(dialect: Dialect, handle: &Handle) -> Query<Profile> {
    Query::new(Statement::render(dialect, &find_select(handle)))
}

pub(super) fn find_select(handle: &Handle) -> SelectStatement {
    let mut select = select::<Profile>("users");
    select.and_where(col(users::handle).eq(handle.as_str()));
    select.and_where(col(users::deleted_at).is_null());
    select
}
