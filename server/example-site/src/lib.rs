//! The example site: authors, posts and comments to seed an empty database with.
//!
//! Owns the texts (`posts/`, `bank/`) and the rules that generate short posts and comments from them. The output is the
//! same on every call and every machine. Absent: databases, ids, rendering and clocks; `db-cli` adds them.

mod authors;
mod bulk;
mod calendar;
mod comments;
mod handwritten;
mod matching;
mod random;
mod short_posts;
#[cfg(test)]
mod tests;
mod topics;

pub use bulk::{BulkAuthor, BulkPost, bulk_author, bulk_post};

/// Number of posts in the example site, hand-written and generated.
const POST_COUNT: usize = 420;

/// A user's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// May read and comment.
    Reader,
    /// May also write posts.
    Author,
    /// May also edit the posts of others.
    Editor,
    /// May do everything.
    Admin,
}

impl Role {
    /// Returns the role as stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// A post's publication status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not yet finished.
    Draft,
    /// Finished; to be published at a later time.
    Scheduled,
    /// Public.
    Published,
    /// Published once, then withdrawn.
    Archived,
}

impl Status {
    /// Returns the status as stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

/// A user account. All are fictional.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Author {
    /// Unique name in URLs: `[a-z0-9-]{2,30}`.
    pub handle: &'static str,
    /// Display name, in the author's own script.
    pub name: &'static str,
    /// Unique email address at `example.com`.
    pub email: &'static str,
    /// One or two sentences about the author; may be empty.
    pub bio: &'static str,
    /// Role of the account.
    pub role: Role,
    /// Time of registration: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// True if the account has been deleted.
    pub is_deleted: bool,
}

/// A post of any status.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Post {
    /// Index of its author in [`ExampleSite::authors`].
    pub author: usize,
    /// Unique title.
    pub title: String,
    /// Unique name in URLs: `[a-z0-9]+(-[a-z0-9]+)*`, at most 80 characters.
    pub slug: String,
    /// One or two sentences of plain text, at most 220 characters.
    pub excerpt: String,
    /// Text in Markdown.
    pub content: String,
    /// Publication status.
    pub status: Status,
    /// True if readers may comment.
    pub comments_open: bool,
    /// Time of publication, past or future; `None` for a draft: milliseconds since 1970, UTC.
    pub published_at: Option<i64>,
    /// Time of creation: milliseconds since 1970, UTC; never after `published_at`.
    pub created_at: i64,
    /// True if it has been deleted.
    pub is_deleted: bool,
    /// Earlier slugs, none of which belongs to another post.
    pub earlier_slugs: Vec<String>,
}

/// A comment on a published post.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Comment {
    /// Index of its post in [`ExampleSite::posts`].
    pub post: usize,
    /// Index of its author in [`ExampleSite::authors`].
    pub author: usize,
    /// Text with a little Markdown.
    pub body: String,
    /// Time of creation: milliseconds since 1970, UTC; after the post was published.
    pub created_at: i64,
    /// True if it has been deleted.
    pub is_deleted: bool,
}

/// The whole example site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExampleSite {
    /// Accounts, including those that only read.
    pub authors: Vec<Author>,
    /// Posts, in no particular order.
    pub posts: Vec<Post>,
    /// Comments, grouped by post, oldest first.
    pub comments: Vec<Comment>,
}

/// Builds the example site. The result is the same on every call.
pub fn example_site() -> ExampleSite {
    let authors = authors::AUTHORS.to_vec();
    let mut posts = handwritten::posts();
    posts.extend(short_posts::short_posts(POST_COUNT - posts.len()));
    let comments = comments::comments(&posts, &authors);
    ExampleSite {
        authors,
        posts: posts.into_iter().map(|themed| themed.post).collect(),
        comments,
    }
}
