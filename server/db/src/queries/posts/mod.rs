//! Posts: reading rows. Owns their order: newest first, the id breaks ties.

mod rows;
mod search_hit;

use domain::{Direction, Handle, Page, PageRequest, PostId, Search, Slug, Timestamp};
pub(super) use rows::changed_at;
pub use rows::{
    AuthorPage, FeedEntry, FeedFingerprint, PostCard, PostDetail, PostLink, PostLookup, PostPage,
};
use sea_query::{Cond, Expr, ExprTrait, Query as Build, SimpleExpr};

use self::search_hit::SearchHit;
use super::comments;
use super::count::{count, total_of};
use super::handles::{HandleLookup, of_earlier};
use super::helpers::{
    col, from, lookup, matching, ordered, paged, public_post_count, public_posts, qualified, value,
};
use super::prepared::prepared;
use super::profile_links;
use super::query::{Query, Runnable};
use super::users::{Profile, profile};
use crate::schema::Column;
use crate::schema::tables::{post_slugs, posts, users};
use crate::{Db, DbError, FromRow, Statement};

/// The number of posts in a feed.
pub const FEED_LENGTH: usize = 20;

/// The most ids in one statement, where each is a parameter.
const MAX_IDS: usize = 1000;

/// Lists public posts, newest first: all, or those that `search` finds, with their number and, where the excerpt does not show
/// why, a snippet. One statement, or one batch of two; none for a search without words, which finds nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, search: &Search, page: &PageRequest) -> Result<Page<PostCard>, DbError> {
    if search.is_empty() {
        let all = prepared(db.dialect(), (*page, db.now()), newest);
        return Ok(Page::new(db.all(all).await?, page, place));
    }
    if !search.has_words() {
        return Ok(Page::new(Vec::new(), page, place));
    }
    let select = public_posts(db.now());
    let mut select = matching(db.dialect(), select, posts::search_text, search);
    let total = count(&select, posts::id);
    paged(&mut select, posts::published_at, posts::id, page);
    let (rows, total) = db.batch((Query::<SearchHit>::new(select), total)).await?;
    let cards = rows.into_iter().map(|hit| hit.into_card(search));
    Ok(Page::new(cards.collect(), page, place).with_total(total_of(&total)))
}

/// Finds a user, with their links and one page of their public posts, newest first; or the present handle of who had this one. One
/// batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_author(
    db: &Db,
    handle: &Handle,
    page: &PageRequest,
) -> Result<HandleLookup<AuthorPage>, DbError> {
    let author = prepared(db.dialect(), (handle, db.now()), profile);
    let posts = prepared(
        db.dialect(),
        (handle, *page, db.now()),
        |(handle, page, now)| of_author(handle, &page, now),
    );
    let links = prepared(db.dialect(), handle, profile_links::of_handle);
    let earlier = prepared(db.dialect(), handle, of_earlier);
    let (users, links, rows, earlier) = db.batch((author, links, posts, earlier)).await?;
    let author = users.into_iter().next().map(|profile| {
        let deleted_at = profile.deleted_at;
        let posts = Page::new(rows, page, place);
        let author = AuthorPage {
            profile,
            links,
            posts,
        };
        (author, deleted_at)
    });
    Ok(HandleLookup::new(author, earlier, db.now()))
}

/// Finds everything on a post's page by its slug: the post, one page of comments, the posts before and after. One batch of
/// four.
///
/// # Errors
/// Any [`DbError`].
pub async fn read(db: &Db, slug: &Slug, page: &PageRequest) -> Result<PostLookup, DbError> {
    let (posts, comments, previous, next) = db
        .batch((
            prepared(db.dialect(), (slug, db.now()), detail),
            prepared(db.dialect(), (slug, *page), |(slug, page)| {
                comments::below_post(slug, &page)
            }),
            prepared(db.dialect(), (slug, db.now()), |(slug, now)| {
                neighbour(slug, now, Direction::Older)
            }),
            prepared(db.dialect(), (slug, db.now()), |(slug, now)| {
                neighbour(slug, now, Direction::Newer)
            }),
        ))
        .await?;
    // At most two rows: the post with this slug, and a post that had it earlier; the present one counts.
    let post = posts
        .into_iter()
        .max_by_key(|post| post.slug == slug.as_str());
    Ok(match post {
        None => PostLookup::Nothing,
        Some(post) if !post.is_public(db.now()) => {
            if post.was_public(db.now()) {
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

/// Lists the newest public posts with their whole content, for a feed. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn feed(db: &Db) -> Result<Vec<FeedEntry>, DbError> {
    db.all(prepared(db.dialect(), (None, db.now()), in_feed))
        .await
}

/// Finds a user, with their newest public posts and their whole content, for a feed; or the present handle of who had this one. One
/// batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn feed_of(
    db: &Db,
    handle: &Handle,
) -> Result<HandleLookup<(Profile, Vec<FeedEntry>)>, DbError> {
    let entries = prepared(db.dialect(), (Some(handle), db.now()), in_feed);
    let author = prepared(db.dialect(), (handle, db.now()), profile);
    let earlier = prepared(db.dialect(), handle, of_earlier);
    let (users, entries, earlier) = db.batch((author, entries, earlier)).await?;
    let found = users.into_iter().next().map(|author| {
        let deleted_at = author.deleted_at;
        ((author, entries), deleted_at)
    });
    Ok(HandleLookup::new(found, earlier, db.now()))
}

/// Finds public posts by their ids, in no order; any number of them. One batch.
///
/// # Errors
/// Any [`DbError`].
pub async fn by_ids(db: &Db, ids: &[PostId]) -> Result<Vec<PostCard>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let dialect = db.dialect();
    let conditions: Vec<SimpleExpr> = match dialect.in_json_list(&posts::id) {
        Some(condition) => {
            let list = serde_json::to_string(ids).unwrap_or_default();
            vec![Expr::cust_with_values(condition, [list])]
        }
        None => ids
            .chunks(MAX_IDS)
            .map(|chunk| col(posts::id).is_in(chunk.iter().map(value)))
            .collect(),
    };
    let statements: Vec<Statement> = conditions
        .into_iter()
        .map(|condition| {
            let select = public_posts(db.now()).and_where(condition).take();
            Query::<PostCard>::new(select).into_statement(dialect)
        })
        .collect();
    let mut cards = Vec::with_capacity(ids.len());
    for rows in db.read(&statements).await? {
        cards.extend(rows.decode::<PostCard>()?);
    }
    Ok(cards)
}

fn place(card: &PostCard) -> (Timestamp, uuid::Uuid) {
    (card.published_at, card.id.0)
}

/// One page of all public posts.
pub(super) fn newest((page, now): (PageRequest, Timestamp)) -> Query<PostCard> {
    let mut select = public_posts(now);
    paged(&mut select, posts::published_at, posts::id, &page);
    Query::new(select)
}

fn written_by(handle: &Handle) -> SimpleExpr {
    col(posts::author_id).eq(lookup(users::id, users::handle, handle.as_str()))
}

/// One page of a user's public posts.
pub(super) fn of_author(handle: &Handle, page: &PageRequest, now: Timestamp) -> Query<PostCard> {
    let mut select = public_posts(now);
    select.and_where(written_by(handle));
    paged(&mut select, posts::published_at, posts::id, page);
    Query::new(select)
}

/// The posts of a feed, of the site or of one user.
pub(super) fn in_feed<T: FromRow>((handle, now): (Option<&Handle>, Timestamp)) -> Query<T> {
    let mut select = public_posts(now);
    if let Some(handle) = handle {
        select.and_where(written_by(handle));
    }
    let page = PageRequest::first(FEED_LENGTH - 1);
    paged(&mut select, posts::published_at, posts::id, &page);
    Query::new(select)
}

/// The post that has or had this slug, whether or not it is public: two rows where one has it and another had it.
pub(super) fn detail((slug, now): (&Slug, Timestamp)) -> Query<PostDetail> {
    let slug = slug.as_str();
    let mut select = from(posts::TABLE);
    select.inner_join(
        users::TABLE.name,
        col(users::id).equals(qualified(posts::author_id)),
    );
    select.cond_where(
        Cond::any()
            .add(col(posts::slug).eq(slug))
            .add(col(posts::id).eq(lookup(post_slugs::post_id, post_slugs::slug, slug))),
    );
    Query::new(select).instead(users::post_count, public_post_count(now))
}

/// The public post next to the one of this slug.
///
/// Written as `at <= t AND (at, id) < (t, i)`: every engine uses the first half as a range of an index.
pub(super) fn neighbour(slug: &Slug, now: Timestamp, direction: Direction) -> Query<PostLink> {
    let here = |columns: &[Column]| -> SimpleExpr {
        let mut select = Build::select();
        select
            .columns(columns.iter().map(|column| ("here", column.name)))
            .from_as(posts::TABLE.name, "here");
        select.and_where(Expr::col(("here", posts::slug.name)).eq(slug.as_str()));
        SimpleExpr::SubQuery(None, Box::new(select.into()))
    };
    const PLACE: [Column; 2] = [posts::published_at, posts::id];
    let at = col(posts::published_at);
    let place = Expr::tuple(PLACE.map(col));
    let (reach, past) = match direction {
        Direction::Older => (at.lte(here(&PLACE[..1])), place.lt(here(&PLACE))),
        Direction::Newer => (at.gte(here(&PLACE[..1])), place.gt(here(&PLACE))),
    };
    let mut select = public_posts(now);
    select.and_where(reach);
    select.and_where(past);
    ordered(&mut select, posts::published_at, posts::id, direction);
    select.limit(1);
    Query::new(select)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("posts", |queries, with| {
            queries.query("list", list(&with.db, &with.none, &with.first));
            queries.query("list older", list(&with.db, &with.none, &with.older));
            queries.query("list newer", list(&with.db, &with.none, &with.newer));
            queries.query("list search", list(&with.db, &with.words, &with.first));
            queries.query("by_author", by_author(&with.db, &with.handle, &with.first));
            queries.query(
                "by_author older",
                by_author(&with.db, &with.handle, &with.older),
            );
            queries.query("feed", feed(&with.db));
            queries.query("feed_of", feed_of(&with.db, &with.handle));
            queries.query("read", read(&with.db, &with.slug, &with.first));
            queries.query("by_ids", by_ids(&with.db, &with.ids));
        });
    }
}
