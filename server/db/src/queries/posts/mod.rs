//! Posts: reading rows. Owns their order: newest first, the id breaks ties.

mod rows;

use domain::{Direction, Handle, Page, PageRequest, PostId, Search, Slug, Timestamp};
pub use rows::{FeedEntry, FeedFingerprint, PostCard, PostDetail, PostLink, PostLookup, PostPage};
use sea_query::{Cond, Expr, ExprTrait, Query as Build, SelectStatement, SimpleExpr};

use super::comments;
use super::helpers::{
    col, is_public, is_public_of_found, join_open_user, matching, page_values, paged, select,
    shape, text, value,
};
use super::users::{self as people, Profile};
use crate::schema::Column;
use crate::schema::tables::{post_slugs, posts, users};
use crate::{Db, DbError, Dialect, FromRow, Query, Statement, Value};

/// One page of public posts, those that `search` finds. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, search: &Search, page: &PageRequest) -> Result<Page<PostCard>, DbError> {
    let rows = db.all(list_query(db.dialect(), search, page)).await?;
    Ok(Page::new(rows, page, place))
}

/// A person, with one page of the person's public posts. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_author(
    db: &Db,
    handle: &Handle,
    page: &PageRequest,
) -> Result<Option<(Profile, Page<PostCard>)>, DbError> {
    let dialect = db.dialect();
    let (person, rows) = db
        .batch((
            people::find_query(dialect, handle),
            by_author_query(dialect, handle, page),
        ))
        .await?;
    Ok(person
        .into_iter()
        .next()
        .map(|person| (person, Page::new(rows, page, place))))
}

/// A post's page by its slug, with one page of comments and the posts before and after. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn read(db: &Db, slug: &Slug, page: &PageRequest) -> Result<PostLookup, DbError> {
    let dialect = db.dialect();
    let (posts, comments, previous, next) = db
        .batch((
            find_query(dialect, slug),
            comments::of_post_query(dialect, slug, page),
            neighbour_query(dialect, slug, Direction::Older),
            neighbour_query(dialect, slug, Direction::Newer),
        ))
        .await?;
    // Two rows at most: the post of this slug, and a post that had it earlier; the present one counts.
    let post = posts
        .into_iter()
        .max_by_key(|post| post.slug == slug.as_str());
    Ok(match post {
        None => PostLookup::Nothing,
        Some(post) if !post.is_public() => {
            if post.was_public() {
                PostLookup::Gone
            } else {
                PostLookup::Nothing
            }
        }
        Some(post) if post.slug != slug.as_str() => PostLookup::Moved(post.slug),
        Some(post) => PostLookup::Post(Box::new(PostPage {
            post,
            comments: Page::new(comments, page, comments::place),
            previous: previous.into_iter().next(),
            next: next.into_iter().next(),
        })),
    })
}

/// The newest public posts, whole, for a feed. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn feed(db: &Db) -> Result<Vec<FeedEntry>, DbError> {
    db.all(feed_query(db.dialect(), None)).await
}

/// A person, with the person's newest public posts, whole, for a feed. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn feed_of(
    db: &Db,
    handle: &Handle,
) -> Result<Option<(Profile, Vec<FeedEntry>)>, DbError> {
    let dialect = db.dialect();
    let (person, entries) = db
        .batch((
            people::find_query(dialect, handle),
            feed_query(dialect, Some(handle)),
        ))
        .await?;
    Ok(person.into_iter().next().map(|person| (person, entries)))
}

/// How many posts a feed has.
pub const FEED_LENGTH: usize = 20;

fn place(card: &PostCard) -> (Timestamp, uuid::Uuid) {
    (card.published_at, card.id.0)
}

fn public<T: FromRow>() -> SelectStatement {
    public_where::<T>(is_public())
}

fn public_where<T: FromRow>(condition: Cond) -> SelectStatement {
    let mut select = select::<T>("posts");
    join_open_user(&mut select, posts::author_id);
    select.cond_where(condition);
    select
}

fn by(select: &mut SelectStatement, handle: &Handle) {
    let author = Build::select()
        .column(("users", "id"))
        .from("users")
        .and_where(handle_is(handle))
        .take();
    select.and_where(col(posts::author_id).eq(SimpleExpr::SubQuery(None, Box::new(author.into()))));
}

fn handle_is(handle: &Handle) -> SimpleExpr {
    col(users::handle).eq(handle.as_str())
}

pub(super) fn list_query(dialect: Dialect, search: &Search, page: &PageRequest) -> Query<PostCard> {
    if search.is_empty() {
        let values = page_values(vec![], page);
        return Query::new(Statement::shaped(
            dialect,
            shape("posts::list", page),
            values,
            || {
                let mut select = public::<PostCard>();
                paged(&mut select, posts::published_at, posts::id, page);
                select
            },
        ));
    }
    let mut select = public_where::<PostCard>(is_public_of_found(dialect));
    matching(&mut select, dialect, posts::search_text, search);
    paged(&mut select, posts::published_at, posts::id, page);
    Query::new(Statement::render(dialect, &select))
}

pub(super) fn by_author_query(
    dialect: Dialect,
    handle: &Handle,
    page: &PageRequest,
) -> Query<PostCard> {
    Query::new(Statement::render(dialect, &by_author_select(handle, page)))
}

pub(super) fn by_author_select(handle: &Handle, page: &PageRequest) -> SelectStatement {
    let mut select = public::<PostCard>();
    by(&mut select, handle);
    paged(&mut select, posts::published_at, posts::id, page);
    select
}

pub(super) fn feed_query(dialect: Dialect, handle: Option<&Handle>) -> Query<FeedEntry> {
    Query::new(Statement::render(
        dialect,
        &feed_select::<FeedEntry>(handle),
    ))
}

pub(super) fn feed_select<T: FromRow>(handle: Option<&Handle>) -> SelectStatement {
    let mut select = public::<T>();
    if let Some(handle) = handle {
        by(&mut select, handle);
    }
    paged(
        &mut select,
        posts::published_at,
        posts::id,
        &PageRequest::first(FEED_LENGTH - 1),
    );
    select
}

pub(super) fn find_query(dialect: Dialect, slug: &Slug) -> Query<PostDetail> {
    let values = vec![text(slug.as_str()), text(slug.as_str())];
    Query::new(Statement::shaped(
        dialect,
        ("posts::find", None),
        values,
        || find_select(slug),
    ))
}

pub(super) fn find_select(slug: &Slug) -> SelectStatement {
    let earlier = Build::select()
        .column("post_id")
        .from("post_slugs")
        .and_where(col(post_slugs::slug).eq(slug.as_str()))
        .take();
    let mut select = select::<PostDetail>("posts");
    select.inner_join("users", col(users::id).equals(("posts", "author_id")));
    select.cond_where(
        Cond::any()
            .add(col(posts::slug).eq(slug.as_str()))
            .add(col(posts::id).eq(SimpleExpr::SubQuery(None, Box::new(earlier.into())))),
    );
    select
}

/// The public post next to the one of this slug.
pub(super) fn neighbour_query(
    dialect: Dialect,
    slug: &Slug,
    direction: Direction,
) -> Query<PostLink> {
    let values = neighbour_values(slug);
    Query::new(Statement::shaped(
        dialect,
        ("posts::neighbour", Some(direction)),
        values,
        || neighbour(slug, direction),
    ))
}

pub(super) fn neighbour_values(slug: &Slug) -> Vec<Value> {
    vec![text(slug.as_str()), text(slug.as_str()), Value::Int(1)]
}

/// Written as `at <= t AND (at, id) < (t, i)`: every engine uses the first half as a range of an index.
pub(super) fn neighbour(slug: &Slug, direction: Direction) -> SelectStatement {
    let here = |columns: &[Column]| -> SimpleExpr {
        let mut select = Build::select();
        select
            .columns(columns.iter().map(|column| ("here", column.name)))
            .from_as("posts", "here");
        select.and_where(Expr::col(("here", "slug")).eq(slug.as_str()));
        SimpleExpr::SubQuery(None, Box::new(select.into()))
    };
    const PLACE: [Column; 2] = [posts::published_at, posts::id];
    let at = col(posts::published_at);
    let place = Expr::tuple(PLACE.map(col));
    let (reach, past) = match direction {
        Direction::Older => (at.lte(here(&PLACE[..1])), place.lt(here(&PLACE))),
        Direction::Newer => (at.gte(here(&PLACE[..1])), place.gt(here(&PLACE))),
    };
    let mut select = public::<PostLink>();
    select.and_where(reach);
    select.and_where(past);
    let order = match direction {
        Direction::Older => sea_query::Order::Desc,
        Direction::Newer => sea_query::Order::Asc,
    };
    select.order_by(("posts", "published_at"), order.clone());
    select.order_by(("posts", "id"), order);
    select.limit(1);
    select
}

/// Which posts `ids` are, in no order; any number of them. One batch.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_ids(db: &Db, ids: &[PostId]) -> Result<Vec<PostCard>, DbError> {
    let statements = by_ids_statements(db.dialect(), ids);
    let mut cards = Vec::with_capacity(ids.len());
    for rows in db.read(&statements).await? {
        cards.extend(rows.decode::<PostCard>()?);
    }
    Ok(cards)
}

/// How many ids one MySQL statement asks for.
const IDS_A_STATEMENT: usize = 1000;

pub(super) fn by_ids_statements(dialect: Dialect, ids: &[PostId]) -> Vec<Statement> {
    let is_one_of = |condition: SimpleExpr| {
        let mut select = public_where::<PostCard>(is_public_of_found(dialect));
        select.and_where(condition);
        Statement::render(dialect, &select)
    };
    let json = || serde_json::to_string(ids).unwrap_or_default();
    match dialect {
        _ if ids.is_empty() => Vec::new(),
        Dialect::Sqlite => {
            vec![is_one_of(Expr::cust_with_values(
                "posts.id IN (SELECT value FROM json_each(?))",
                [json()],
            ))]
        }
        Dialect::Postgres => vec![is_one_of(Expr::cust_with_values(
            "posts.id = ANY (SELECT value::uuid FROM json_array_elements_text($1::json))",
            [json()],
        ))],
        Dialect::MySql => ids
            .chunks(IDS_A_STATEMENT)
            .map(|some| is_one_of(col(posts::id).is_in(some.iter().map(value))))
            .collect(),
    }
}
