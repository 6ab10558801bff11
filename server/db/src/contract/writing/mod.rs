//! Cases about writing: what the queries of posts in the making promise to the editor.

pub(super) mod leaving;
pub(super) mod publishing;
pub(super) mod revisions;
pub(super) mod saving;
pub(super) mod sequences;

use std::time::Duration;

use domain::{PostId, PostStatus, RevisionId, Search, Slug, Timestamp, UserId};

use super::Clients;
use super::accounts::handle;
use super::support::message;
use super::written::{post, user};
use crate::queries::drafts::{self, OpenPost, PostText, Save};
use crate::queries::publishing::{self as stored, Change, Known, Publication};
use crate::queries::{contract, insert, posts, users};
use crate::schema::tables::{Draft, Post, User};
use crate::{Db, DbError, Statement};

const MINUTE: Duration = Duration::from_secs(60);

/// The time of a case, in whole minutes: long before that of any other row, so that it changes no list that is shown meanwhile.
fn now() -> Timestamp {
    Timestamp::from_millis(-28_980_000_000_000)
}

/// A client for which it is `now`.
fn at(clients: &Clients, now: Timestamp) -> Db {
    let db = clients.strong();
    db.set_now(now);
    db
}

/// Two authors, in the database for the time of a case.
struct Authors {
    db: Db,
    ada: User,
    bob: User,
}

impl Authors {
    async fn write(db: &Db) -> Result<Self, String> {
        let [ada, bob] = [(); 2].map(|()| user(UserId::new()));
        let statements = insert(db.dialect(), &[ada.clone(), bob.clone()]);
        db.write(&statements).await.map_err(message)?;
        db.set_now(now());
        Ok(Self {
            db: db.clone(),
            ada,
            bob,
        })
    }

    /// Deletes the authors and what they wrote.
    async fn delete(self) -> Result<(), String> {
        let dialect = self.db.dialect();
        let gone: Vec<Statement> = [&self.ada, &self.bob]
            .map(|user| contract::delete_user(dialect, user.id))
            .into();
        self.db.write(&gone).await.map(drop).map_err(message)
    }

    /// A post of Ada's that she has begun with this text.
    async fn begin(&self, content: &str) -> Result<PostId, String> {
        let post = empty(&self.ada);
        let draft = first_draft(&post, content);
        let begun = drafts::begin(&self.db, &post, &draft).await;
        match begun.map_err(message)? {
            true => Ok(post.id),
            false => Err("a new post is there already".to_owned()),
        }
    }
}

/// A post without a text.
fn empty(author: &User) -> Post {
    Post {
        author_id: author.id,
        search_text: String::new(),
        status: PostStatus::Draft,
        published_at: None,
        created_at: now(),
        updated_at: now(),
        edited_at: Some(now()),
        ..post("")
    }
}

fn first_draft(post: &Post, content: &str) -> Draft {
    Draft {
        post_id: post.id,
        title: format!("Title of {content}"),
        slug: String::new(),
        excerpt: String::new(),
        content: content.to_owned(),
        saved_by: post.author_id,
        saved_at: now(),
    }
}

/// Saves a text to the post of this version.
async fn save(
    db: &Db,
    (post_id, opened): (PostId, i64),
    by: &User,
    content: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let text = PostText {
        title: "Title",
        slug: "",
        excerpt: "",
        content,
    };
    let save = Save {
        post_id,
        opened,
        text,
        search_text: &Search::index(content),
        by: by.id,
        revision_id: RevisionId::new(),
    };
    drafts::save(db, &save, at).await
}

async fn open(db: &Db, id: PostId) -> Result<OpenPost, String> {
    let found = drafts::open(db, id).await.map_err(message)?;
    found.ok_or_else(|| "the post is not there".to_owned())
}

/// The state of a post that `by` knows now.
async fn known(db: &Db, id: PostId, by: &User) -> Result<Known, String> {
    let post = open(db, id).await?;
    Ok(Known {
        post_id: id,
        author_id: post.author_id,
        version: post.version,
        by: by.id,
    })
}

/// Publishes a text under `slug`, from `from` on.
async fn publish(
    db: &Db,
    known: Known,
    slug: &str,
    content: &str,
    from: Timestamp,
) -> Result<Change, DbError> {
    let earlier_slug = match drafts::open(db, known.post_id).await? {
        Some(post) => post.slug,
        None => String::new(),
    };
    let html = format!("<p>{content}</p>");
    let publication = Publication {
        title: "Title",
        slug,
        earlier_slug: &earlier_slug,
        excerpt: "Excerpt",
        content,
        content_html: &html,
        renderer_version: 1,
        reading_minutes: 1,
        search_text: &Search::index(content),
        published_at: from,
        revision_ids: [RevisionId::new(), RevisionId::new()],
    };
    stored::publish(db, known, &publication, db.now()).await
}

/// A slug that no other post has.
fn slug(id: PostId, name: &str) -> String {
    format!("{name}-{}", id.0.simple())
}

/// The word for what readers get at an address.
async fn seen(db: &Db, slug: &str) -> Result<String, String> {
    let slug = Slug::parse(slug).map_err(|why| format!("{why:?}"))?;
    let page = domain::PageRequest::first(1);
    let found = posts::read(db, &slug, &page).await.map_err(message)?;
    Ok(match found {
        posts::PostLookup::Post(page) => page.post.content_html,
        posts::PostLookup::Moved(to) => format!("moved to {to}"),
        posts::PostLookup::Gone => "gone".to_owned(),
        posts::PostLookup::Nothing => "nothing".to_owned(),
    })
}

/// The number of an author's posts as readers see it.
async fn count(db: &Db, author: &User) -> Result<i64, String> {
    let handle = handle(&author.handle)?;
    let found = users::find(db, &handle).await.map_err(message)?;
    Ok(found.map_or(-1, |profile| profile.post_count))
}
