//! Columns that are derived from the texts that people wrote: reading them in pages, by id, and writing them anew.

use sea_query::{ExprTrait, Order, Query as Build};
use uuid::Uuid;

use super::helpers::{col, qualified, value};
use super::query::Query;
use super::render::render;
use super::writes::update;
use crate::schema::Column;
use crate::schema::macros::row;
use crate::schema::tables::{comments, posts, users};
use crate::{Db, DbError, Dialect, FromRow, Statement};

/// The rows of one statement: whole texts, also of the longest posts.
pub const ROWS: usize = 50;

row! {
    /// A user's texts, and the words made of them.
    UserText {
        id = users::id,
        handle = users::handle,
        name = users::name,
        bio = users::bio,
        search_text = users::search_text,
        updated_at = users::updated_at,
    }
}

row! {
    /// A post's texts, and what was made of them.
    PostText {
        id = posts::id,
        title = posts::title,
        excerpt = posts::excerpt,
        content = posts::content,
        content_html = posts::content_html,
        renderer_version = posts::renderer_version,
        reading_minutes = posts::reading_minutes,
        search_text = posts::search_text,
        updated_at = posts::updated_at,
    }
}

row! {
    /// A comment, and what was made of it.
    CommentText {
        id = comments::id,
        body = comments::body,
        body_html = comments::body_html,
    }
}

/// Lists up to [`ROWS`] users whose ids come after `last`, whoever may see them. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn users(db: &Db, last: Uuid) -> Result<Vec<UserText>, DbError> {
    after(db, users::id, last).await
}

/// Lists up to [`ROWS`] posts whose ids come after `last`, whoever may see them. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn posts(db: &Db, last: Uuid) -> Result<Vec<PostText>, DbError> {
    after(db, posts::id, last).await
}

/// Lists up to [`ROWS`] comments whose ids come after `last`, whoever may see them. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn comments(db: &Db, last: Uuid) -> Result<Vec<CommentText>, DbError> {
    after(db, comments::id, last).await
}

/// Writes what is derived from a user's texts, unless these have changed since they were read.
pub fn write_user(dialect: Dialect, user: &UserText) -> Statement {
    let mut update = update(users::id, &user.id);
    update
        .value(users::search_text.name, value(&user.search_text))
        .and_where(col(users::updated_at).eq(value(&user.updated_at)));
    render(dialect, &update)
}

/// Writes what is derived from a post's texts, unless these have changed since they were read.
pub fn write_post(dialect: Dialect, post: &PostText) -> Statement {
    let mut update = update(posts::id, &post.id);
    update
        .value(posts::content_html.name, value(&post.content_html))
        .value(posts::renderer_version.name, value(&post.renderer_version))
        .value(posts::reading_minutes.name, value(&post.reading_minutes))
        .value(posts::search_text.name, value(&post.search_text))
        .and_where(col(posts::updated_at).eq(value(&post.updated_at)));
    render(dialect, &update)
}

/// Writes what is derived from a comment, unless it has changed since it was read.
pub fn write_comment(dialect: Dialect, comment: &CommentText) -> Statement {
    let mut update = update(comments::id, &comment.id);
    update
        .value(comments::body_html.name, value(&comment.body_html))
        .and_where(col(comments::body).eq(value(&comment.body)));
    render(dialect, &update)
}

async fn after<T: FromRow>(db: &Db, key: Column, last: Uuid) -> Result<Vec<T>, DbError> {
    let mut select = Build::select();
    select
        .from(key.table)
        .and_where(col(key).gt(last))
        .order_by(qualified(key), Order::Asc)
        .limit(ROWS as u64);
    db.all(Query::new(select)).await
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("derived", |queries, with| {
            queries.query("users", users(&with.db, Uuid::nil()));
            queries.query("posts", posts(&with.db, Uuid::nil()));
            queries.query("comments", comments(&with.db, Uuid::nil()));
        });
    }
}
