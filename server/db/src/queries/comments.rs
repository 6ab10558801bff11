//! Comments: reading rows. Owns their order: newest first, the id breaks ties.

use domain::{Page, PageRequest, Slug, Timestamp};
use sea_query::ExprTrait;

use super::helpers::{col, from, join_open_user, lookup, paged, public_posts};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::{comments, posts, users};
use crate::{Db, DbError};

row! {
    /// A comment with its author.
    CommentRow {
        id = comments::id,
        body_html = comments::body_html,
        body = comments::body,
        created_at = comments::created_at,
        author_handle = users::handle,
        author_name = users::name,
    }
}

row! {
    /// A post that exists.
    ExistingPost {
        slug = posts::slug,
    }
}

/// Lists a public post's comments, newest first; `None` when there is no such post. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_post(
    db: &Db,
    slug: &Slug,
    page: &PageRequest,
) -> Result<Option<Page<CommentRow>>, DbError> {
    let post = public_post(slug, db.now());
    let (post, rows) = db.batch((post, below_post(slug, page))).await?;
    Ok((!post.is_empty()).then(|| Page::new(rows, page, place)))
}

/// The post of this slug, if it is public at `now`.
pub(super) fn public_post(slug: &Slug, now: Timestamp) -> Query<ExistingPost> {
    let mut select = public_posts(now);
    select.and_where(col(posts::slug).eq(slug.as_str()));
    Query::new(select)
}

/// The place of a comment in its list.
pub(super) fn place(comment: &CommentRow) -> (Timestamp, uuid::Uuid) {
    (comment.created_at, comment.id.0)
}

/// One page of the comments of a post, whether or not it is public.
pub(super) fn below_post(slug: &Slug, page: &PageRequest) -> Query<CommentRow> {
    let post = lookup(posts::id, posts::slug, slug.as_str());
    let mut select = from(comments::TABLE);
    join_open_user(&mut select, comments::author_id);
    select.and_where(col(comments::post_id).eq(post));
    select.and_where(col(comments::deleted_at).is_null());
    paged(&mut select, comments::created_at, comments::id, page);
    Query::new(select)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("comments", |queries, with| {
            queries.query("of_post", of_post(&with.db, &with.slug, &with.first));
            queries.query("of_post older", of_post(&with.db, &with.slug, &with.older));
        });
    }
}
