//! The sitemap: addresses of posts and users, in pages, so that it can be streamed.

use domain::{Page, PageRequest, Timestamp};
use sea_query::ExprTrait;

use super::helpers::{col, from, paged, public_posts};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::{posts, users};
use crate::{Db, DbError};

row! {
    /// A public post's address.
    PostAddress {
        id = posts::id,
        slug = posts::slug,
        published_at: domain::Timestamp = posts::published_at,
        updated_at = posts::updated_at,
    }
}

row! {
    /// A user's address.
    UserAddress {
        id = users::id,
        handle = users::handle,
        created_at = users::created_at,
        updated_at = users::updated_at,
    }
}

/// Lists the first page of both. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn first(
    db: &Db,
    page: &PageRequest,
) -> Result<(Page<UserAddress>, Page<PostAddress>), DbError> {
    let (users, posts) = db
        .batch((open_users(page), public_post_rows(page, db.now())))
        .await?;
    Ok((users_page(users, page), posts_page(posts, page)))
}

/// Lists a further page of posts. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn posts(db: &Db, page: &PageRequest) -> Result<Page<PostAddress>, DbError> {
    let rows = db.all(public_post_rows(page, db.now())).await?;
    Ok(posts_page(rows, page))
}

/// Lists a page of users. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn users(db: &Db, page: &PageRequest) -> Result<Page<UserAddress>, DbError> {
    let rows = db.all(open_users(page)).await?;
    Ok(users_page(rows, page))
}

fn users_page(rows: Vec<UserAddress>, page: &PageRequest) -> Page<UserAddress> {
    Page::new(rows, page, |row| (row.created_at, row.id.0))
}

fn posts_page(rows: Vec<PostAddress>, page: &PageRequest) -> Page<PostAddress> {
    Page::new(rows, page, |row| (row.published_at, row.id.0))
}

fn public_post_rows(page: &PageRequest, now: Timestamp) -> Query<PostAddress> {
    let mut select = public_posts(now);
    paged(&mut select, posts::published_at, posts::id, page);
    Query::new(select)
}

fn open_users(page: &PageRequest) -> Query<UserAddress> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::deleted_at).is_null());
    paged(&mut select, users::created_at, users::id, page);
    Query::new(select)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("sitemap", |queries, with| {
            queries.query("first", first(&with.db, &with.first));
            queries.query("posts", posts(&with.db, &with.older));
            queries.query("users", users(&with.db, &with.first));
        });
    }
}
