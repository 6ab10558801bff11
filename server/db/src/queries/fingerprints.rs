//! What a page shows, by one statement: asked before a page that was rendered earlier is shown again.
//!
//! Made of the very selects that the page itself is made of, so that a page cannot change without a change here. A row
//! is a text: its values as JSON, or that text's hash where the engine can make one.

use domain::{Direction, Handle, PageRequest, Slug};
use sea_query::{Expr, Query as Build, SelectStatement, UnionType};

use super::helpers::{page_values, shape, text};
use super::posts::FeedFingerprint;
use super::{comments, posts, users};
use crate::queries::comments::CommentRow;
use crate::queries::posts::{PostCard, PostDetail, PostLink};
use crate::queries::users::Profile;
use crate::schema::Column;
use crate::value::Kind;
use crate::{Cells, Db, DbError, Dialect, FromRow, Query, Statement};

/// Everything that a page shows, in an order of its own: two that are equal are the same page.
pub type Fingerprint = Vec<String>;

/// What a post's page shows, whoever may see it: the post, its author, the comments of `page`, its neighbours. Nothing
/// when no post has or had this slug. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn post(db: &Db, slug: &Slug, page: &PageRequest) -> Result<Fingerprint, DbError> {
    ask(db, post_query(db.dialect(), slug, page)).await
}

/// What somebody's page shows: the profile, and the posts of `page`. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn user(db: &Db, handle: &Handle, page: &PageRequest) -> Result<Fingerprint, DbError> {
    ask(db, user_query(db.dialect(), handle, page)).await
}

/// What a feed shows, everybody's or somebody's. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn feed(db: &Db, handle: Option<&Handle>) -> Result<Fingerprint, DbError> {
    ask(db, feed_query(db.dialect(), handle)).await
}

async fn ask(db: &Db, query: Query<Row>) -> Result<Fingerprint, DbError> {
    let mut shown: Fingerprint = db.all(query).await?.into_iter().map(|row| row.0).collect();
    // No engine promises the order of a union; what order a page shows follows from the values.
    shown.sort_unstable();
    Ok(shown)
}

/// One row of anything.
pub(super) struct Row(String);

const TEXT: Column = Column::new::<String>("shown", "shown");

impl FromRow for Row {
    const COLUMNS: &'static [Column] = &[TEXT];

    fn from_row(cells: &mut Cells<'_>) -> Result<Self, DbError> {
        cells.take(&TEXT).map(Self)
    }
}

pub(super) fn post_query(dialect: Dialect, slug: &Slug, page: &PageRequest) -> Query<Row> {
    let slug_text = || text(slug.as_str());
    let mut values = vec![slug_text(), slug_text()];
    values.extend(page_values(vec![slug_text()], page));
    for _ in [Direction::Older, Direction::Newer] {
        values.extend(posts::neighbour_values(slug));
    }
    let name = shape("fingerprints::post", page);
    Query::new(Statement::shaped(dialect, name, values, || {
        let neighbour = |direction| posts::neighbour(slug, direction);
        together([
            rows::<PostDetail>(dialect, 0, posts::find_select(slug)),
            limited::<CommentRow>(dialect, 1, comments::of_post_select(slug, page)),
            limited::<PostLink>(dialect, 2, neighbour(Direction::Older)),
            limited::<PostLink>(dialect, 3, neighbour(Direction::Newer)),
        ])
    }))
}

pub(super) fn user_query(dialect: Dialect, handle: &Handle, page: &PageRequest) -> Query<Row> {
    let mut values = vec![text(handle.as_str())];
    values.extend(page_values(vec![text(handle.as_str())], page));
    let name = shape("fingerprints::user", page);
    Query::new(Statement::shaped(dialect, name, values, || {
        together([
            rows::<Profile>(dialect, 0, users::find_select(handle)),
            limited::<PostCard>(dialect, 1, posts::by_author_select(handle, page)),
        ])
    }))
}

pub(super) fn feed_query(dialect: Dialect, handle: Option<&Handle>) -> Query<Row> {
    let entries =
        limited::<FeedFingerprint>(dialect, 0, posts::feed_select::<FeedFingerprint>(handle));
    let select = match handle {
        None => entries,
        Some(handle) => together([
            rows::<Profile>(dialect, 1, users::find_select(handle)),
            entries,
        ]),
    };
    Query::new(Statement::render(dialect, &select))
}

/// The rows of all selects.
fn together<const N: usize>(selects: [SelectStatement; N]) -> SelectStatement {
    let mut all = selects.into_iter();
    let mut first = all.next().unwrap_or_default();
    for select in all {
        first.union(UnionType::All, select);
    }
    first
}

/// Each row of `select`, which selects a `T`, as one text; `part` tells the parts of a page from each other.
fn rows<T: FromRow>(dialect: Dialect, part: u8, mut select: SelectStatement) -> SelectStatement {
    let values: Vec<String> = T::COLUMNS
        .iter()
        .map(
            |Column {
                 table, name, kind, ..
             }| match (dialect, kind) {
                // As text it would depend on the time zone of the connection.
                (Dialect::Postgres, Kind::Time) => format!("{table}.{name} AT TIME ZONE 'UTC'"),
                _ => format!("{table}.{name}"),
            },
        )
        .collect();
    let values = values.join(", ");
    let row = match dialect {
        // It has no hash: the values travel.
        Dialect::Sqlite => format!("json_array({part}, {values})"),
        Dialect::Postgres => format!(
            "encode(sha256(convert_to(json_build_array({part}, {values})::text, 'UTF8')), 'hex')"
        ),
        Dialect::MySql => format!("SHA2(JSON_ARRAY({part}, {values}), 256)"),
    };
    select.clear_selects().expr_as(Expr::cust(row), TEXT.name);
    select
}

/// The same for a select with an order and a limit, which a union takes as a table only.
fn limited<T: FromRow>(dialect: Dialect, part: u8, select: SelectStatement) -> SelectStatement {
    Build::select()
        .column(TEXT.name)
        .from_subquery(rows::<T>(dialect, part, select), "part")
        .take()
}
