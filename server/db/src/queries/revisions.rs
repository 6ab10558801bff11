//! Earlier states of posts: every one that readers saw, and some of those that were saved in between.

use domain::{Page, PageRequest, PostId, RevisionId, RevisionKind, Timestamp, UserId};
use sea_query::{
    Cond, Expr, ExprTrait, JoinType, Order, Query as Build, SelectStatement, SimpleExpr,
};

use super::helpers::{col, from, paged, qualified, value};
use super::query::Query;
use super::render::render;
use super::writes::exists;
use crate::schema::Column;
use crate::schema::macros::row;
use crate::schema::tables::{Revision, drafts, posts, revisions, users};
use crate::{Db, DbError, Dialect, Statement};

/// The most revisions of a post of each kind; beyond, the oldest goes.
pub const MAX_REVISIONS: u64 = 100;

row! {
    /// A revision in a list.
    RevisionRow {
        id = revisions::id,
        kind = revisions::kind,
        title = revisions::title,
        saved_by = revisions::saved_by,
        saved_at = revisions::saved_at,
        /// The handle of the user who saved it; `None` if the account was erased.
        handle: Option<String> = users::handle,
        /// Their name.
        name: Option<String> = users::name,
    }
}

/// Lists the revisions of a post, newest first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_post(
    db: &Db,
    post: PostId,
    page: &PageRequest,
) -> Result<Page<RevisionRow>, DbError> {
    let mut select = from(revisions::TABLE);
    select
        .join(
            JoinType::LeftJoin,
            users::TABLE.name,
            col(users::id).equals(qualified(revisions::saved_by)),
        )
        .and_where(col(revisions::post_id).eq(value(&post)));
    paged(&mut select, revisions::saved_at, revisions::id, page);
    let rows = db.all(Query::new(select)).await?;
    Ok(Page::new(rows, page, |row: &RevisionRow| {
        (row.saved_at, row.id.0)
    }))
}

/// Finds a revision of a post. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, post: PostId, id: RevisionId) -> Result<Option<Revision>, DbError> {
    db.first(one(post, id)).await
}

/// The revision of this id of a post.
pub(super) fn one(post: PostId, id: RevisionId) -> Query<Revision> {
    let mut select = from(revisions::TABLE);
    select
        .and_where(col(revisions::id).eq(value(&id)))
        .and_where(col(revisions::post_id).eq(value(&post)));
    Query::new(select)
}

/// The user who replaces a saved text, and the time since when another revision makes it unnecessary to keep the text, too. What
/// somebody else had saved is kept always.
pub(super) struct Replaced {
    /// The id of the revision.
    pub(super) id: RevisionId,
    pub(super) by: UserId,
    pub(super) since: Timestamp,
}

/// Keeps the saved text of a post as a revision, if it has one, `condition` holds, and the rule of [`Replaced`] wants it.
pub(super) fn keep_draft(
    dialect: Dialect,
    post: PostId,
    condition: SimpleExpr,
    replaced: &Replaced,
) -> Statement {
    let mut select = from(drafts::TABLE);
    select
        .and_where(col(drafts::post_id).eq(value(&post)))
        .and_where(condition);
    let Replaced { id, by, since } = replaced;
    let of = |column: Column| Expr::col(("newer", column.name));
    let mut newer = Build::select();
    newer
        .expr(Expr::cust("1"))
        .from_as(revisions::TABLE.name, "newer")
        .and_where(of(revisions::post_id).eq(value(&post)))
        .and_where(of(revisions::saved_at).gt(value(since)));
    select.cond_where(
        Cond::any()
            .add(exists(newer).not())
            .add(col(drafts::saved_by).ne(value(by))),
    );
    insert_from(
        dialect,
        select,
        [
            value(id),
            col(drafts::post_id),
            value(&RevisionKind::Saved),
            col(drafts::title),
            col(drafts::excerpt),
            col(drafts::content),
            col(drafts::saved_by),
            col(drafts::saved_at),
        ],
    )
}

/// Inserts a revision for each row of `select`, of these values.
fn insert_from(
    dialect: Dialect,
    mut select: SelectStatement,
    values: [SimpleExpr; 8],
) -> Statement {
    select.exprs(values);
    let mut insert = Build::insert();
    insert
        .into_table(revisions::TABLE.name)
        .columns(revisions::TABLE.columns.iter().map(|column| column.name));
    // It fails where columns and values differ in number, and both are the table's.
    let _ = insert.select_from(select);
    render(dialect, &insert)
}

/// Deletes the revisions of a post of this kind beyond [`MAX_REVISIONS`].
pub(super) fn thin(dialect: Dialect, post: PostId, kind: RevisionKind) -> Statement {
    let mut beyond = from(revisions::TABLE);
    beyond
        .column(qualified(revisions::id))
        .and_where(col(revisions::post_id).eq(value(&post)))
        .and_where(col(revisions::kind).eq(kind.as_str()))
        .order_by(qualified(revisions::saved_at), Order::Desc)
        .order_by(qualified(revisions::id), Order::Desc)
        .limit(u64::from(u32::MAX))
        .offset(MAX_REVISIONS);
    // MySQL lets a deletion read its own table only as a table made before.
    let mut listed = Build::select();
    listed
        .column(revisions::id.name)
        .from_subquery(beyond, "found");
    let mut delete = Build::delete();
    delete
        .from_table(revisions::TABLE.name)
        .and_where(col(revisions::id).in_subquery(listed));
    render(dialect, &delete)
}

/// Deletes the rows that belong to a user's posts by `column`, if `condition` holds.
pub(super) fn forget(
    dialect: Dialect,
    column: Column,
    author: UserId,
    condition: SimpleExpr,
) -> Statement {
    let mut written = from(posts::TABLE);
    written
        .column(qualified(posts::id))
        .and_where(col(posts::author_id).eq(value(&author)));
    let mut delete = Build::delete();
    delete
        .from_table(column.table)
        .and_where(col(column).in_subquery(written))
        .and_where(condition);
    render(dialect, &delete)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let id = RevisionId(uuid::Uuid::from_u128(3));
        check("revisions", |queries, with| {
            let db = &with.db;
            queries.query("of_post", of_post(db, with.ids[0], &with.first));
            queries.query("of_post older", of_post(db, with.ids[0], &with.older));
            queries.query("find", find(db, with.ids[0], id));
        });
    }
}
