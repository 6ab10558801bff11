//! What a sitemap lists, in pages, so that it can be streamed.

use domain::{Page, PageRequest, PostId, Timestamp, UserId};
use sea_query::ExprTrait;

use super::helpers::{col, is_public, join_open_user, paged, select};
use crate::schema::macros::row;
use crate::schema::tables::{posts, users};
use crate::{Db, DbError, Dialect, Query, Statement};

row! {
    /// A public post's address.
    PostAddress {
        /// The post.
        id: PostId = posts::id,
        /// The name in addresses.
        slug: String = posts::slug,
        /// Since when it is public.
        published_at: Timestamp = posts::published_at,
        /// When it last changed.
        updated_at: Timestamp = posts::updated_at,
    }
}

row! {
    /// A person's address.
    UserAddress {
        /// The user.
        id: UserId = users::id,
        /// The name in addresses.
        handle: String = users::handle,
        /// When the person signed up.
        created_at: Timestamp = users::created_at,
        /// When the row last changed.
        updated_at: Timestamp = users::updated_at,
    }
}

/// The first page of both lists. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn first(
    db: &Db,
    page: &PageRequest,
) -> Result<(Page<UserAddress>, Page<PostAddress>), DbError> {
    let dialect = db.dialect();
    let (people, rows) = db
        .batch((users_query(dialect, page), posts_query(dialect, page)))
        .await?;
    Ok((users_page(people, page), posts_page(rows, page)))
}

/// A further page of posts. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn posts(db: &Db, page: &PageRequest) -> Result<Page<PostAddress>, DbError> {
    Ok(posts_page(
        db.all(posts_query(db.dialect(), page)).await?,
        page,
    ))
}

/// A page of people. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn users(db: &Db, page: &PageRequest) -> Result<Page<UserAddress>, DbError> {
    let rows = db.all(users_query(db.dialect(), page)).await?;
    Ok(users_page(rows, page))
}

fn users_page(rows: Vec<UserAddress>, page: &PageRequest) -> Page<UserAddress> {
    Page::new(rows, page, |row| (row.created_at, row.id.0))
}

fn posts_page(rows: Vec<PostAddress>, page: &PageRequest) -> Page<PostAddress> {
    Page::new(rows, page, |row| (row.published_at, row.id.0))
}

pub(super) fn posts_query(dialect: Dialect, page: &PageRequest) -> Query<PostAddress> {
    let mut select = select::<PostAddress>("posts");
    join_open_user(&mut select, posts::author_id);
    select.cond_where(is_public());
    paged(&mut select, posts::published_at, posts::id, page);
    Query::new(Statement::render(dialect, &select))
}

pub(super) fn users_query(dialect: Dialect, page: &PageRequest) -> Query<UserAddress> {
    let mut select = select::<UserAddress>("users");
    select.and_where(col(users::deleted_at).is_null());
    paged(&mut select, users::created_at, users::id, page);
    Query::new(Statement::render(dialect, &select))
}
