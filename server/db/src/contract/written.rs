//! An author with posts, for the time of a case.

use domain::{Handle, PostId, PostStatus, Role, Search, Timestamp, UserId};

use super::support::message;
use crate::Db;
use crate::queries::{contract, insert};
use crate::schema::tables::{Post, User};

/// An author and their posts, in the database.
pub(super) struct Written {
    db: Db,
    author: UserId,
    pub(super) handle: Handle,
}

impl Written {
    /// Writes `posts` for an author of their own, who is found by their handle.
    pub(super) async fn write(db: &Db, posts: Vec<Post>) -> Result<Self, String> {
        let is_meant_for_all = |post: &&Post| {
            matches!(post.status, PostStatus::Published | PostStatus::Scheduled)
                && post.deleted_at.is_none()
        };
        let author = User {
            post_count: posts.iter().filter(is_meant_for_all).count() as i64,
            ..user(UserId::new())
        };
        let mut statements = insert(db.dialect(), std::slice::from_ref(&author));
        let author_id = author.id;
        let posts = posts.into_iter().map(|post| Post { author_id, ..post });
        statements.extend(insert(db.dialect(), &posts.collect::<Vec<_>>()));
        db.write(&statements).await.map_err(message)?;
        Ok(Self {
            db: db.clone(),
            author: author_id,
            handle: Handle::parse(&author.handle).map_err(|why| format!("{why:?}"))?,
        })
    }

    /// Writes further posts of the same author.
    pub(super) async fn add(&self, posts: &[Post]) -> Result<(), String> {
        let posts = posts.iter().cloned().map(|post| Post {
            author_id: self.author,
            ..post
        });
        let statements = insert(self.db.dialect(), &posts.collect::<Vec<_>>());
        self.db.write(&statements).await.map(drop).map_err(message)
    }

    /// Deletes the author and their posts.
    pub(super) async fn delete(self) -> Result<(), String> {
        let gone = contract::delete_user(self.db.dialect(), self.author);
        self.db.run(&gone).await.map(drop).map_err(message)
    }
}

pub(super) fn user(id: UserId) -> User {
    let name = id.0.simple().to_string();
    let at = Timestamp::from_millis(-30_000_000_000_000);
    let handle: String = name.chars().skip(2).collect();
    User {
        id,
        search_text: Search::index(&handle),
        handle,
        email: format!("{name}@example.com"),
        name: "A case".to_owned(),
        bio: String::new(),
        role: Role::Author,
        password_hash: String::new(),
        post_count: 0,
        created_at: at,
        updated_at: at,
        deleted_at: None,
        email_verified_at: None,
        suspended_at: None,
        suspended_reason: None,
        erase_at: None,
        keeps_posts: false,
        erased_at: None,
    }
}

/// A public post that is older than all others, so that it changes no list that is shown meanwhile. Its words are those of
/// its title.
pub(super) fn post(title: &str) -> Post {
    let id = PostId::new();
    let at = Timestamp::from_millis(-30_000_000_000_000);
    Post {
        id,
        author_id: UserId(id.0),
        title: title.to_owned(),
        slug: format!("case-{}", id.0.simple()),
        excerpt: String::new(),
        content: String::new(),
        content_html: String::new(),
        renderer_version: 1,
        reading_minutes: 1,
        search_text: Search::index(title),
        comment_count: 0,
        status: PostStatus::Published,
        comments_open: false,
        published_at: Some(at),
        created_at: at,
        updated_at: at,
        deleted_at: None,
        version: 0,
        edited_at: Some(at),
    }
}
