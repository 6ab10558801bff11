//! Comments: reading rows. Owns their order: newest first, the id breaks ties.

use domain::{CommentId, Page, PageRequest, Slug, Timestamp};
use sea_query::{ExprTrait, SelectStatement};

use super::helpers::{col, is_public, join_open_user, page_values, paged, select, shape, text};
use crate::schema::macros::row;
use crate::schema::tables::{comments, posts, users};
use crate::{Db, DbError, Dialect, Query, Statement};

row! {
    /// A comment with its author.
    CommentRow {
        /// The comment.
        id: CommentId = comments::id,
        /// What it says, safe to show as it is.
        body_html: String = comments::body_html,
        /// What it says, as it was written.
        body: String = comments::body,
        /// When.
        created_at: Timestamp = comments::created_at,
        /// The author's name in addresses.
        author_handle: String = users::handle,
        /// The author's name.
        author_name: String = users::name,
    }
}

row! {
    /// That a post is there.
    Exists {
        /// Its slug.
        slug: String = posts::slug,
    }
}

/// One page of a public post's comments; `None` when there is no such post. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_post(
    db: &Db,
    slug: &Slug,
    page: &PageRequest,
) -> Result<Option<Page<CommentRow>>, DbError> {
    let dialect = db.dialect();
    let (post, rows) = db
        .batch((
            post_exists_query(dialect, slug),
            of_post_query(dialect, slug, page),
        ))
        .await?;
    Ok((!post.is_empty()).then(|| Page::new(rows, page, place)))
}

pub(super) fn place(comment: &CommentRow) -> (Timestamp, uuid::Uuid) {
    (comment.created_at, comment.id.0)
}

pub(super) fn post_exists_query(dialect: Dialect, slug: &Slug) -> Query<Exists> {
    let mut select = select::<Exists>("posts");
    join_open_user(&mut select, posts::author_id);
    select.cond_where(is_public());
    select.and_where(col(posts::slug).eq(slug.as_str()));
    Query::new(Statement::render(dialect, &select))
}

pub(super) fn of_post_query(
    dialect: Dialect,
    slug: &Slug,
    page: &PageRequest,
) -> Query<CommentRow> {
    let values = page_values(vec![text(slug.as_str())], page);
    Query::new(Statement::shaped(
        dialect,
        shape("comments::of_post", page),
        values,
        || of_post_select(slug, page),
    ))
}

pub(super) fn of_post_select(slug: &Slug, page: &PageRequest) -> SelectStatement {
    let post = sea_query::Query::select()
        .column(("posts", "id"))
        .from("posts")
        .and_where(col(posts::slug).eq(slug.as_str()))
        .take();
    let post = sea_query::SimpleExpr::SubQuery(None, Box::new(post.into()));
    let mut select = select::<CommentRow>("comments");
    join_open_user(&mut select, comments::author_id);
    select.and_where(col(comments::post_id).eq(post));
    select.and_where(col(comments::deleted_at).is_null());
    paged(&mut select, comments::created_at, comments::id, page);
    select
}
