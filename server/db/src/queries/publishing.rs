//! The side of a post that readers see: publishing it, at once or at a time, withdrawing it, the bin, and deleting it for good.
//!
//! Every change names the version of the post that it knows, as in [`super::drafts`], and keeps its author's number of posts right.

use domain::{PostId, PostStatus, RevisionId, RevisionKind, Timestamp, UserId};
use sea_query::{Cond, Expr, ExprTrait, SelectStatement, SimpleExpr, UpdateStatement};

use super::drafts::{REVISION_SPACING, discard, of_version};
use super::helpers::{col, value};
use super::render::render;
use super::revisions::{self, Replaced};
use super::writes::{changed, delete, exists, having, insert_if, lock, null, update};
use crate::schema::tables::{PostSlug, Revision, post_slugs, posts, users};
use crate::{Db, DbError, Dialect, Statement};

/// The post to be changed, and the state that whoever changes it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The post.
    pub post_id: PostId,
    /// Its author.
    pub author_id: UserId,
    /// Its version.
    pub version: i64,
    /// The user who changes it.
    pub by: UserId,
}

/// A text as readers are to see it, with everything that was made of it.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The title, plain text.
    pub title: &'a str,
    /// The slug.
    pub slug: &'a str,
    /// The slug that the post has until now.
    pub earlier_slug: &'a str,
    /// The excerpt, plain text.
    pub excerpt: &'a str,
    /// The content in Markdown.
    pub content: &'a str,
    /// The content, rendered and sanitised.
    pub content_html: &'a str,
    /// The version of the renderer.
    pub renderer_version: i64,
    /// The reading time in minutes.
    pub reading_minutes: i64,
    /// The text as words for the full-text index.
    pub search_text: &'a str,
    /// The time from which readers see it, which may be past or to come.
    pub published_at: Timestamp,
    /// The ids of the revisions that it makes: of a saved text that it replaces, and of itself.
    pub revision_ids: [RevisionId; 2],
}

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was done.
    Done,
    /// The post has another version by now, or does not stand where this can be done; nothing was changed.
    Stale,
}

impl Change {
    fn new(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::Stale }
    }
}

/// Has readers see this text from its time on. It becomes a revision, and what was saved is done with. An earlier slug under which the
/// post was public leads to it. A slug that leads to another post is stale, too. One batch of eleven.
///
/// # Errors
/// [`DbError::Unique`] for a slug that another post has, or any other [`DbError`].
pub async fn publish(
    db: &Db,
    known: Known,
    publication: &Publication<'_>,
    now: Timestamp,
) -> Result<Change, DbError> {
    let (dialect, id) = (db.dialect(), known.post_id);
    let is_free = || exists(of_another(publication.slug, id)).not();
    let publishes = || {
        let mut post = unbinned(known);
        post.and_where(is_free());
        post
    };
    let mut uncounted = publishes();
    uncounted.cond_where(counts().not());
    let mut seen = publishes();
    seen.and_where(col(posts::published_at).lte(value(&now)))
        .and_where(col(posts::slug).ne(publication.slug))
        .and_where(col(posts::slug).eq(publication.earlier_slug));
    let earlier = PostSlug {
        slug: publication.earlier_slug.to_owned(),
        post_id: id,
    };
    let [of_replaced, of_this] = publication.revision_ids;
    let revision = Revision {
        id: of_this,
        post_id: id,
        kind: RevisionKind::Published,
        title: publication.title.to_owned(),
        excerpt: publication.excerpt.to_owned(),
        content: publication.content.to_owned(),
        saved_by: known.by,
        saved_at: now,
    };
    let replaced = Replaced {
        id: of_replaced,
        by: known.by,
        since: now - REVISION_SPACING,
    };
    let mut present = delete(post_slugs::slug, &publication.slug.to_owned());
    present
        .and_where(col(post_slugs::post_id).eq(value(&id)))
        .and_where(exists(unbinned(known)));
    let status = match publication.published_at > now {
        true => PostStatus::Scheduled,
        false => PostStatus::Published,
    };
    let mut change = changing(known, now);
    change
        .value(posts::title.name, publication.title)
        .value(posts::slug.name, publication.slug)
        .value(posts::excerpt.name, publication.excerpt)
        .value(posts::content.name, publication.content)
        .value(posts::content_html.name, publication.content_html)
        .value(posts::renderer_version.name, publication.renderer_version)
        .value(posts::reading_minutes.name, publication.reading_minutes)
        .value(posts::search_text.name, publication.search_text)
        .value(posts::status.name, status.as_str())
        .value(posts::published_at.name, value(&publication.published_at))
        .and_where(col(posts::deleted_at).is_null())
        .and_where(is_free());
    let statements = [
        lock(dialect, users::id, &known.author_id),
        lock(dialect, posts::id, &id),
        insert_if(dialect, &earlier, exists(seen)),
        revisions::keep_draft(dialect, id, exists(publishes()), &replaced),
        insert_if(dialect, &revision, exists(publishes())),
        revisions::thin(dialect, id, RevisionKind::Saved),
        revisions::thin(dialect, id, RevisionKind::Published),
        discard(dialect, id, exists(publishes())),
        count(dialect, known.author_id, 1, exists(uncounted)),
        render(dialect, &present),
        render(dialect, &change),
    ];
    Ok(Change::new(changed(&db.write(&statements).await?, 10)))
}

/// Withdraws a post from readers: into the archive, or to the drafts. The address of one that was public says that it is gone; the time
/// of one that never was is forgotten. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn withdraw(
    db: &Db,
    known: Known,
    to_archive: bool,
    now: Timestamp,
) -> Result<Change, DbError> {
    let status = match to_archive {
        true => PostStatus::Archived,
        false => PostStatus::Draft,
    };
    let mut change = changing(known, now);
    change
        .value(posts::status.name, status.as_str())
        .value(posts::published_at.name, only_if_past(now))
        .and_where(col(posts::status).ne(status.as_str()))
        .and_where(col(posts::deleted_at).is_null());
    write(db, known, -1, counts(), change).await
}

/// Puts a post into the bin. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn bin(db: &Db, known: Known, now: Timestamp) -> Result<Change, DbError> {
    let mut change = changing(known, now);
    change
        .value(posts::deleted_at.name, value(&now))
        .and_where(col(posts::deleted_at).is_null());
    write(db, known, -1, counts(), change).await
}

/// Takes a post out of the bin, to where it stood. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn restore(db: &Db, known: Known, now: Timestamp) -> Result<Change, DbError> {
    let mut change = changing(known, now);
    change
        .value(posts::deleted_at.name, null())
        .and_where(col(posts::deleted_at).is_not_null());
    let counts_again = Cond::all()
        .add(is_meant_for_all())
        .add(col(posts::deleted_at).is_not_null());
    write(db, known, 1, counts_again, change).await
}

/// Deletes a post that is in the bin for good, with everything below it. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn erase(db: &Db, known: Known) -> Result<Change, DbError> {
    let mut delete = delete(posts::id, &known.post_id);
    delete
        .and_where(col(posts::version).eq(known.version))
        .and_where(col(posts::deleted_at).is_not_null());
    let rows = db.write(&[render(db.dialect(), &delete)]).await?;
    Ok(Change::new(changed(&rows, 0)))
}

/// Runs `change`, and counts the post with its author's by `step`, if it is one that `counts`.
async fn write(
    db: &Db,
    known: Known,
    step: i64,
    counts: Cond,
    change: UpdateStatement,
) -> Result<Change, DbError> {
    let dialect = db.dialect();
    let mut counted = of_version(known.post_id, known.version);
    counted.cond_where(counts);
    let statements = [
        lock(dialect, users::id, &known.author_id),
        lock(dialect, posts::id, &known.post_id),
        count(dialect, known.author_id, step, exists(counted)),
        render(dialect, &change),
    ];
    Ok(Change::new(changed(&db.write(&statements).await?, 3)))
}

/// The post, if it has the known version and is not in the bin.
fn unbinned(known: Known) -> SelectStatement {
    let mut post = of_version(known.post_id, known.version);
    post.and_where(col(posts::deleted_at).is_null());
    post
}

/// An update of a post of the known version, to the next one.
fn changing(known: Known, now: Timestamp) -> UpdateStatement {
    let mut update = update(posts::id, &known.post_id);
    update
        .value(posts::version.name, known.version + 1)
        .value(posts::edited_at.name, value(&now))
        .value(posts::updated_at.name, value(&now))
        .and_where(col(posts::version).eq(known.version));
    update
}

/// The condition that a post is one of its author's number: public, or to be.
fn counts() -> Cond {
    Cond::all()
        .add(is_meant_for_all())
        .add(col(posts::deleted_at).is_null())
}

fn is_meant_for_all() -> SimpleExpr {
    col(posts::status).is_in([PostStatus::Published, PostStatus::Scheduled].map(PostStatus::as_str))
}

/// The time when a post became public; NULL for one whose time is still to come.
fn only_if_past(now: Timestamp) -> SimpleExpr {
    let at = col(posts::published_at);
    let is_past = at.clone().lte(value(&now));
    Expr::case(is_past, at).finally(null()).into()
}

/// An earlier slug, if it leads to another post.
fn of_another(slug: &str, id: PostId) -> SelectStatement {
    let mut other = having(post_slugs::slug, &slug.to_owned());
    other.and_where(col(post_slugs::post_id).ne(value(&id)));
    other
}

/// Adds `step` to an author's number of posts, if `condition` holds.
fn count(dialect: Dialect, author: UserId, step: i64, condition: SimpleExpr) -> Statement {
    let mut update = update(users::id, &author);
    update
        .value(users::post_count.name, col(users::post_count).add(step))
        .and_where(condition);
    render(dialect, &update)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("publishing", |queries, with| {
            let (db, now) = (&with.db, Timestamp::from_millis(1_800_000_000_000));
            let user = UserId(uuid::Uuid::from_u128(9));
            let known = Known {
                post_id: with.ids[0],
                author_id: user,
                version: 3,
                by: user,
            };
            let publication = Publication {
                title: "Title",
                slug: "title",
                earlier_slug: "earlier",
                excerpt: "Excerpt",
                content: "Content",
                content_html: "<p>Content</p>",
                renderer_version: 1,
                reading_minutes: 2,
                search_text: "words",
                published_at: now,
                revision_ids: [3, 4].map(|n| RevisionId(uuid::Uuid::from_u128(n))),
            };
            queries.query("publish", publish(db, known, &publication, now));
            queries.query("withdraw", withdraw(db, known, false, now));
            queries.query("bin", bin(db, known, now));
            queries.query("restore", restore(db, known, now));
            queries.query("erase", erase(db, known));
        });
    }
}
