//! The sitemap: addresses of posts and users, in pages, so that it can be streamed.

use domain::{Page, PageRequest, Timestamp};
use sea_query::ExprTrait;

use super::helpers::{col, from, paged, public_posts};
use super::posts::changed_at;
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::{posts, users};
use crate::{Db, DbError};

row! {
    /// A public post's address, and its author's.
    PostAddress {
        id = posts::id,
        slug = posts::slug,
        published_at: domain::Timestamp = posts::published_at,
        updated_at = posts::updated_at,
        author_handle = users::handle,
        author_updated_at = users::updated_at,
    }
}

row! {
    /// A user's address.
    UserAddress {
        id = users::id,
        handle = users::handle,
        created_at = users::created_at,
    }
}

impl PostAddress {
    /// The time of the post's last change as readers see it.
    pub fn changed_at(&self) -> Timestamp {
        changed_at(Some(self.published_at), self.updated_at)
    }
}

/// Lists a page of posts. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn posts(db: &Db, page: &PageRequest) -> Result<Page<PostAddress>, DbError> {
    let mut select = public_posts(db.now());
    paged(&mut select, posts::published_at, posts::id, page);
    let rows = db.all(Query::new(select)).await?;
    Ok(Page::new(rows, page, |row: &PostAddress| {
        (row.published_at, row.id.0)
    }))
}

/// Lists a page of users, also those without posts. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn users(db: &Db, page: &PageRequest) -> Result<Page<UserAddress>, DbError> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::deleted_at).is_null());
    paged(&mut select, users::created_at, users::id, page);
    let rows = db.all(Query::new(select)).await?;
    Ok(Page::new(rows, page, |row: &UserAddress| {
        (row.created_at, row.id.0)
    }))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("sitemap", |queries, with| {
            queries.query("posts", posts(&with.db, &with.first));
            queries.query("posts older", posts(&with.db, &with.older));
            queries.query("users", users(&with.db, &with.first));
        });
    }
}
