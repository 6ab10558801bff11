//! Posts as those who write them see them: opening one, saving its text, and the lists of one's own.
//!
//! Nothing here changes what readers see. Every change names the version of the post that it knows: of two who began with the same
//! one, the second changes nothing and is shown what the first has saved.

use std::time::Duration;

use domain::{
    Page, PageRequest, PostId, PostStatus, RevisionId, RevisionKind, Search, Timestamp, UserId,
};
use sea_query::{Cond, ExprTrait, JoinType, SelectStatement, SimpleExpr};

use super::helpers::{col, from, matching, paged, qualified, value};
use super::query::Query;
use super::render::render;
use super::revisions::{self, Replaced};
use super::writes::{changed, delete, exists, having, insert_if, lock, update};
use crate::schema::macros::row;
use crate::schema::tables::{Draft, Post, drafts, posts, users};
use crate::{Db, DbError, Dialect, Statement};

row! {
    /// A post with everything that its editor shows. Its text is the saved one, if there is one, else the one that readers see.
    OpenPost {
        id = posts::id,
        author_id = posts::author_id,
        author_handle = users::handle,
        author_name = users::name,
        slug = posts::slug,
        title = posts::title,
        excerpt = posts::excerpt,
        content = posts::content,
        status = posts::status,
        comments_open = posts::comments_open,
        published_at = posts::published_at,
        created_at = posts::created_at,
        edited_at = posts::edited_at,
        deleted_at = posts::deleted_at,
        version = posts::version,
        saved_title: Option<String> = drafts::title,
        saved_slug: Option<String> = drafts::slug,
        saved_excerpt: Option<String> = drafts::excerpt,
        saved_content: Option<String> = drafts::content,
        saved_by: Option<UserId> = drafts::saved_by,
        saved_at: Option<Timestamp> = drafts::saved_at,
    }
}

row! {
    /// A post in a list of one's own.
    OwnPost {
        id = posts::id,
        title = posts::title,
        slug = posts::slug,
        status = posts::status,
        published_at = posts::published_at,
        edited_at: Timestamp = posts::edited_at,
        deleted_at = posts::deleted_at,
        saved_title: Option<String> = drafts::title,
    }
}

impl OpenPost {
    /// The text as it is to be edited: what was saved last, else what was published.
    pub fn text(&self) -> PostText<'_> {
        PostText {
            title: self.saved_title.as_deref().unwrap_or(&self.title),
            slug: self.saved_slug.as_deref().unwrap_or(&self.slug),
            excerpt: self.saved_excerpt.as_deref().unwrap_or(&self.excerpt),
            content: self.saved_content.as_deref().unwrap_or(&self.content),
        }
    }
}

impl OwnPost {
    /// The title as it was saved last; empty where there is none yet.
    pub fn title(&self) -> &str {
        self.saved_title.as_deref().unwrap_or(&self.title)
    }
}

/// The text of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostText<'a> {
    /// The title, plain text.
    pub title: &'a str,
    /// The slug; empty for one that is made of the title.
    pub slug: &'a str,
    /// The excerpt, plain text; empty for the beginning of the content.
    pub excerpt: &'a str,
    /// The content in Markdown.
    pub content: &'a str,
}

/// A text to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Save<'a> {
    /// The post.
    pub post_id: PostId,
    /// The version that whoever saves began with.
    pub opened: i64,
    /// The text.
    pub text: PostText<'a>,
    /// The text as words for the full-text index; by these its author finds a post that was never public.
    pub search_text: &'a str,
    /// The user who saves.
    pub by: UserId,
    /// The id of the revision of the text that is replaced.
    pub revision_id: RevisionId,
}

/// A shelf of one's own posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Not public, and no time set.
    Drafts,
    /// Public when their time comes.
    Scheduled,
    /// Public.
    Published,
    /// Withdrawn from readers and kept.
    Archived,
    /// Deleted, and not for good.
    Bin,
}

/// The least time between two revisions that are kept of texts as they were saved.
pub const REVISION_SPACING: Duration = Duration::from_secs(600);

/// Finds a post for its editor, wherever it stands. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn open(db: &Db, id: PostId) -> Result<Option<OpenPost>, DbError> {
    db.first(opened(id)).await
}

/// The post with its saved text.
pub(super) fn opened(id: PostId) -> Query<OpenPost> {
    let mut select = with_draft();
    select
        .inner_join(
            users::TABLE.name,
            col(users::id).equals(qualified(posts::author_id)),
        )
        .and_where(col(posts::id).eq(value(&id)));
    Query::new(select)
}

/// Lists the posts of a user that stand on a shelf, the one that was edited last first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_author(
    db: &Db,
    author: UserId,
    shelf: Shelf,
    search: &Search,
    page: &PageRequest,
) -> Result<Page<OwnPost>, DbError> {
    let mut select = with_draft();
    select
        .and_where(col(posts::author_id).eq(value(&author)))
        .cond_where(stands_on(shelf, db.now()));
    if !search.is_empty() {
        select = matching(db.dialect(), select, posts::search_text, search);
    }
    paged(&mut select, posts::edited_at, posts::id, page);
    let rows = db.all(Query::new(select)).await?;
    Ok(Page::new(rows, page, |post: &OwnPost| {
        (post.edited_at, post.id.0)
    }))
}

/// The condition that a post stands on a shelf at `now`. Times are negated, as in `is_public`: SQLite would walk along them, and sort.
fn stands_on(shelf: Shelf, now: Timestamp) -> Cond {
    let status = |statuses: &[PostStatus]| {
        col(posts::status).is_in(statuses.iter().map(|status| status.as_str()))
    };
    let meant_for_all = || status(&[PostStatus::Published, PostStatus::Scheduled]);
    let kept = Cond::all().add(col(posts::deleted_at).is_null());
    match shelf {
        Shelf::Drafts => kept.add(status(&[PostStatus::Draft])),
        Shelf::Scheduled => kept
            .add(meant_for_all())
            .add(col(posts::published_at).lte(value(&now)).not()),
        Shelf::Published => kept
            .add(meant_for_all())
            .add(col(posts::published_at).gt(value(&now)).not()),
        Shelf::Archived => kept.add(status(&[PostStatus::Archived])),
        Shelf::Bin => Cond::all().add(col(posts::deleted_at).is_not_null()),
    }
}

/// Posts with their saved texts.
fn with_draft() -> SelectStatement {
    let mut select = from(posts::TABLE);
    select.join(
        JoinType::LeftJoin,
        drafts::TABLE.name,
        col(drafts::post_id).equals(qualified(posts::id)),
    );
    select
}

/// Begins a post: `post` is a draft without a text, whose slug nobody sees, and `draft` its first text. False if a post of this id is
/// there already: the form was sent before. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn begin(db: &Db, post: &Post, draft: &Draft) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_new = exists(having(posts::id, &post.id)).not();
    let mut begun = having(posts::id, &post.id);
    begun
        .and_where(col(posts::author_id).eq(value(&post.author_id)))
        .and_where(col(posts::version).eq(post.version));
    let is_without_draft = exists(having(drafts::post_id, &post.id)).not();
    let fresh = Cond::all().add(exists(begun)).add(is_without_draft);
    let statements = [
        insert_if(dialect, post, is_new),
        insert_if(dialect, draft, fresh),
    ];
    Ok(changed(&db.write(&statements).await?, 0))
}

/// Saves the text of a post; readers go on to see what was published. The text that it replaces is kept as a revision, if the last
/// one is older than [`REVISION_SPACING`] or somebody else had saved it. False if the post has another version by now, or is not
/// there. One batch of seven.
///
/// # Errors
/// Any [`DbError`].
pub async fn save(db: &Db, save: &Save<'_>, now: Timestamp) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let known = || exists(of_version(save.post_id, save.opened));
    let replaced = Replaced {
        id: save.revision_id,
        by: save.by,
        since: now - REVISION_SPACING,
    };
    let text = save.text;
    let draft = Draft {
        post_id: save.post_id,
        title: text.title.to_owned(),
        slug: text.slug.to_owned(),
        excerpt: text.excerpt.to_owned(),
        content: text.content.to_owned(),
        saved_by: save.by,
        saved_at: now,
    };
    let statements = [
        lock(dialect, posts::id, &save.post_id),
        revisions::keep_draft(dialect, save.post_id, known(), &replaced),
        revisions::thin(dialect, save.post_id, RevisionKind::Saved),
        discard(dialect, save.post_id, known()),
        insert_if(dialect, &draft, known()),
        set_unseen_words(dialect, save),
        edited(dialect, save.post_id, save.opened, now),
    ];
    Ok(changed(&db.write(&statements).await?, 6))
}

/// The post, if it has this version.
pub(super) fn of_version(id: PostId, version: i64) -> SelectStatement {
    let mut post = having(posts::id, &id);
    post.and_where(col(posts::version).eq(version));
    post
}

/// Deletes the saved text of a post, if `condition` holds.
pub(super) fn discard(dialect: Dialect, post: PostId, condition: SimpleExpr) -> Statement {
    let mut delete = delete(drafts::post_id, &post);
    delete.and_where(condition);
    render(dialect, &delete)
}

/// Has the author of a post that was never public find it by the words of its present text.
fn set_unseen_words(dialect: Dialect, save: &Save<'_>) -> Statement {
    let mut update = update(posts::id, &save.post_id);
    update
        .value(posts::search_text.name, save.search_text)
        .and_where(col(posts::version).eq(save.opened))
        .and_where(col(posts::status).eq(PostStatus::Draft.as_str()))
        .and_where(col(posts::published_at).is_null());
    render(dialect, &update)
}

/// Notes that a post of this version was edited: it has the next one.
fn edited(dialect: Dialect, id: PostId, version: i64, now: Timestamp) -> Statement {
    let mut update = update(posts::id, &id);
    update
        .value(posts::version.name, version + 1)
        .value(posts::edited_at.name, value(&now))
        .and_where(col(posts::version).eq(version));
    render(dialect, &update)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("drafts", |queries, with| {
            let (db, now) = (&with.db, Timestamp::from_millis(1_800_000_000_000));
            let (id, user) = (with.ids[0], UserId(uuid::Uuid::from_u128(9)));
            let text = PostText {
                title: "Title",
                slug: "",
                excerpt: "",
                content: "Content",
            };
            let one = Save {
                post_id: id,
                opened: 3,
                text,
                search_text: "words",
                by: user,
                revision_id: RevisionId(uuid::Uuid::from_u128(3)),
            };
            let post = draft_of(user, id);
            let first = Draft {
                post_id: id,
                title: "Title".to_owned(),
                slug: String::new(),
                excerpt: String::new(),
                content: "Content".to_owned(),
                saved_by: user,
                saved_at: now,
            };
            queries.query("begin", begin(db, &post, &first));
            queries.query("open", open(db, id));
            for (name, shelf) in [
                ("of_author drafts", Shelf::Drafts),
                ("of_author scheduled", Shelf::Scheduled),
                ("of_author published", Shelf::Published),
                ("of_author bin", Shelf::Bin),
            ] {
                queries.query(name, of_author(db, user, shelf, &with.none, &with.first));
            }
            let searched = of_author(db, user, Shelf::Drafts, &with.words, &with.older);
            queries.query("of_author search", searched);
            queries.query("save", save(db, &one, now));
        });
    }

    fn draft_of(author_id: UserId, id: PostId) -> Post {
        let at = Timestamp::from_millis(1_800_000_000_000);
        Post {
            id,
            author_id,
            title: String::new(),
            slug: "hidden".to_owned(),
            excerpt: String::new(),
            content: String::new(),
            content_html: String::new(),
            renderer_version: 1,
            reading_minutes: 1,
            search_text: String::new(),
            comment_count: 0,
            status: PostStatus::Draft,
            comments_open: true,
            published_at: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            version: 0,
            edited_at: Some(at),
        }
    }
}
