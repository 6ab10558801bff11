//! Fingerprints: one statement that tells whether a cached page is still current.
//!
//! Each is made of the very queries that the page runs, so a page cannot show something that its fingerprint leaves out. A
//! row is digested to one text: its values as JSON, or a hash of that where the engine has a hash function.

use domain::{
    CodePurpose, Direction, EventId, Handle, PageRequest, PostId, RevisionId, Slug, Timestamp,
    UserId,
};
use sea_query::{Expr, ExprTrait, Query as Build, SelectStatement, UnionType};
use uuid::Uuid;

use super::helpers::{col, from, value};
use super::posts::FeedFingerprint;
use super::prepared::{Arguments, statement};
use super::query::Query;
use super::render::render;
use super::{
    accounts, api_tokens, codes, comments, drafts, events, handles, invites, passkeys, posts,
    profile_links, revisions, sessions, users,
};
use crate::schema::Column;
use crate::schema::tables::{IdempotencyKey, idempotency_keys};
use crate::{Cells, Db, DbError, Dialect, FromRow, Statement};

/// The digests of all rows that a page shows, sorted: equal fingerprints mean equal pages.
pub type Fingerprint = Vec<String>;

/// Fingerprints a post's page: the post, public or not, its author, the comments of `page`, its neighbours. Empty when no
/// post has or had this slug. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn post(db: &Db, slug: &Slug, page: &PageRequest) -> Result<Fingerprint, DbError> {
    let statement = prepare(
        db.dialect(),
        (slug, *page, db.now()),
        |dialect, (slug, page, now)| {
            union([
                digests(dialect, 0, posts::detail((slug, now))),
                limited(dialect, 1, comments::below_post(slug, &page)),
                limited(dialect, 2, posts::neighbour(slug, now, Direction::Older)),
                limited(dialect, 3, posts::neighbour(slug, now, Direction::Newer)),
                // Its time comes without a change of the row.
                digests(dialect, 4, comments::public_post(slug, now)),
            ])
        },
    );
    read(db, statement).await
}

/// Fingerprints the newest posts of a list. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn posts(db: &Db, page: &PageRequest) -> Result<Fingerprint, DbError> {
    let statement = prepare(db.dialect(), (*page, db.now()), |dialect, arguments| {
        limited(dialect, 0, posts::newest(arguments))
    });
    read(db, statement).await
}

/// Fingerprints the newest users of a list. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn users(db: &Db, page: &PageRequest) -> Result<Fingerprint, DbError> {
    let statement = prepare(db.dialect(), (*page, db.now()), |dialect, arguments| {
        limited(dialect, 0, users::newest(arguments))
    });
    read(db, statement).await
}

/// Fingerprints a user's page: the profile, its links, and the posts of `page`, or who had the handle. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn user(db: &Db, handle: &Handle, page: &PageRequest) -> Result<Fingerprint, DbError> {
    let statement = prepare(
        db.dialect(),
        (handle, *page, db.now()),
        |dialect, (handle, page, now)| {
            union([
                digests(dialect, 0, users::profile((handle, now))),
                limited(dialect, 1, posts::of_author(handle, &page, now)),
                limited(dialect, 2, profile_links::of_handle(handle)),
                digests(dialect, 3, handles::of_earlier(handle)),
            ])
        },
    );
    read(db, statement).await
}

/// Fingerprints a feed, of the site or of one user. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn feed(db: &Db, handle: Option<&Handle>) -> Result<Fingerprint, DbError> {
    let statement = prepare(
        db.dialect(),
        (handle, db.now()),
        |dialect, (handle, now)| {
            let entries = limited(dialect, 0, posts::in_feed::<FeedFingerprint>((handle, now)));
            match handle {
                None => entries,
                Some(handle) => union([
                    digests(dialect, 1, users::profile((handle, now))),
                    digests(dialect, 2, handles::of_earlier(handle)),
                    entries,
                ]),
            }
        },
    );
    read(db, statement).await
}

/// Fingerprints a page that nobody has, made of every table that a page reads with every column of it: it has no rows, and
/// fails where the tables or the right to read them are missing. One statement.
pub(super) async fn nobodys_page(db: &Db) -> Result<Fingerprint, DbError> {
    let (dialect, now) = (db.dialect(), Timestamp::from_millis(0));
    let (Ok(handle), Ok(slug)) = (
        Handle::parse("nobody-has-this"),
        Slug::parse("nobody-has-this"),
    ) else {
        return Err(DbError::Driver("a name that is none".to_owned()));
    };
    let (page, nobody) = (PageRequest::first(1), UserId(Uuid::nil()));
    let read_by_all = union([
        digests(dialect, 0, users::profile((&handle, now))),
        digests(dialect, 1, posts::detail((&slug, now))),
        limited(dialect, 2, comments::below_post(&slug, &page)),
        digests(dialect, 3, handles::of_earlier(&handle)),
        limited(dialect, 4, profile_links::of_user(nobody)),
    ]);
    let of_accounts = union([
        digests(dialect, 0, accounts::by_id(nobody)),
        digests(dialect, 1, sessions::valid("", now)),
        digests(dialect, 2, api_tokens::valid("", now)),
        digests(dialect, 3, events::by_id(EventId(nobody.0))),
        digests(dialect, 4, keys_of(nobody)),
    ]);
    let of_secrets = union([
        digests(dialect, 0, codes::taken(CodePurpose::SignIn, "", "", now)),
        digests(dialect, 1, invites::open("", now)),
        digests(dialect, 2, passkeys::known("")),
    ]);
    let of_writing = union([
        digests(dialect, 0, drafts::opened(PostId(nobody.0))),
        digests(
            dialect,
            1,
            revisions::one(PostId(nobody.0), RevisionId(nobody.0)),
        ),
    ]);
    let parts = union([read_by_all, of_accounts, of_secrets, of_writing].map(|part| nested(&part)));
    read(db, render(dialect, &parts)).await
}

/// The idempotency keys of a user.
fn keys_of(user: UserId) -> Query<IdempotencyKey> {
    let mut select = from(idempotency_keys::TABLE);
    select.and_where(col(idempotency_keys::user_id).eq(value(&user)));
    Query::new(select)
}

/// A select from the rows of another: D1 takes at most five selects in a union.
fn nested(part: &SelectStatement) -> SelectStatement {
    Build::select()
        .column(DIGEST.name)
        .from_subquery(part.clone(), "part")
        .take()
}

/// One select of the rows of all `parts`.
fn union<const N: usize>(parts: [SelectStatement; N]) -> SelectStatement {
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_default();
    for part in parts {
        all.union(UnionType::All, part);
    }
    all
}

/// The statement that selects the digests of what `build` makes of `arguments`.
fn prepare<A: Arguments, F: Fn(Dialect, A) -> SelectStatement + 'static>(
    dialect: Dialect,
    arguments: A,
    build: F,
) -> Statement {
    statement::<A, F>(dialect, arguments, |arguments| {
        render(dialect, &build(dialect, arguments))
    })
}

/// Reads the digests that `statement` selects.
async fn read(db: &Db, statement: Statement) -> Result<Fingerprint, DbError> {
    let rows = db.read(&[statement]).await?.pop().unwrap_or_default();
    let digests = rows.decode::<Digest>()?.into_iter();
    let mut fingerprint: Fingerprint = digests.map(|row| row.0).collect();
    // No engine promises the order of a union, and the order on a page follows from the values.
    fingerprint.sort_unstable();
    Ok(fingerprint)
}

/// One digested row.
struct Digest(String);

const DIGEST: Column = Column::new::<String>("fingerprint", "digest");

impl FromRow for Digest {
    const COLUMNS: &'static [Column] = &[DIGEST];

    fn from_row(cells: &mut Cells<'_>) -> Result<Self, DbError> {
        cells.take(&DIGEST).map(Self)
    }
}

/// Digests each row of `query`; `part` tells the parts of a page from each other.
fn digests<T: FromRow>(dialect: Dialect, part: u8, query: Query<T>) -> SelectStatement {
    let (instead, expression) = query.instead.unzip();
    let values = T::COLUMNS.iter().map(|column| match instead {
        Some(instead) if instead == *column => dialect.placeholder().to_owned(),
        _ => dialect.digested(column),
    });
    let digest = dialect.row_digest(part, &values.collect::<Vec<_>>().join(", "));
    let digest = Expr::cust_with_exprs(digest, expression);
    let mut select = query.select;
    select.expr_as(digest, DIGEST.name).take()
}

/// Digests each row of a query with an order and a limit, which a union takes only as a table.
fn limited<T: FromRow>(dialect: Dialect, part: u8, query: Query<T>) -> SelectStatement {
    nested(&digests(dialect, part, query))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("fingerprints", |queries, with| {
            queries.query("post", post(&with.db, &with.slug, &with.first));
            queries.query("posts", posts(&with.db, &with.first));
            queries.query("users", users(&with.db, &with.first));
            queries.query("user", user(&with.db, &with.handle, &with.first));
            queries.query("feed", feed(&with.db, None));
            queries.query("feed of one", feed(&with.db, Some(&with.handle)));
        });
    }
}
