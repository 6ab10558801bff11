//! The example site: people, posts and comments that make an empty database look lived in.
//!
//! Owns the text (`posts/`, `bank/`) and the rules by which notes and comments are composed from it. Everything is the
//! same on every call and every machine. Absent: databases, ids, rendering, clocks and random numbers; whoever seeds adds them.

mod authors;
mod bank;
mod calendar;
mod dice;
mod handwritten;
mod notes;
mod remarks;
mod scaled;
mod terms;
#[cfg(test)]
mod tests;

pub use scaled::{ScaledAuthor, ScaledPost, scaled_author, scaled_post};

/// The number of posts of the example site.
const POSTS: usize = 420;

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads and comments.
    Reader,
    /// Also writes posts.
    Author,
    /// Also works on the posts of others.
    Editor,
    /// Does everything.
    Admin,
}

impl Role {
    /// The role as the database stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// Where a post is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being written.
    Draft,
    /// Finished, and to appear at a later time.
    Scheduled,
    /// To be read by everybody.
    Published,
    /// Once published, now withdrawn.
    Archived,
}

impl Status {
    /// The status as the database stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

/// A person with an account. Nobody here exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Author {
    /// The name in addresses, unique: `[a-z0-9-]{2,30}`.
    pub handle: &'static str,
    /// The name as read, in the person's own script.
    pub name: &'static str,
    /// An address at `example.com`, unique.
    pub email: &'static str,
    /// A sentence or two about the person, possibly empty.
    pub bio: &'static str,
    /// What the person may do.
    pub role: Role,
    /// When the account was made: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Whether the account has been deleted.
    pub deleted: bool,
}

/// A post, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Post {
    /// The place of its author in [`ExampleSite::authors`].
    pub author: usize,
    /// Unique.
    pub title: String,
    /// Unique, as in addresses: `[a-z0-9]+(-[a-z0-9]+)*`, at most 80 characters.
    pub slug: String,
    /// One or two sentences of plain text, at most 220 characters.
    pub excerpt: String,
    /// Markdown.
    pub content: String,
    /// Where it is in its life.
    pub status: Status,
    /// Whether readers may comment.
    pub comments_open: bool,
    /// When it appeared or will appear, none for a draft: milliseconds since 1970, UTC.
    pub published_at: Option<i64>,
    /// When it was begun: milliseconds since 1970, UTC; never after `published_at`.
    pub created_at: i64,
    /// Whether it has been deleted.
    pub deleted: bool,
    /// Slugs that it had before, none of which is another post's.
    pub earlier_slugs: Vec<String>,
}

/// A remark under a published post.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Comment {
    /// The place of its post in [`ExampleSite::posts`].
    pub post: usize,
    /// The place of its author in [`ExampleSite::authors`].
    pub author: usize,
    /// Plain words with a little Markdown.
    pub body: String,
    /// When it was written: milliseconds since 1970, UTC; after the post appeared.
    pub created_at: i64,
    /// Whether it has been deleted.
    pub deleted: bool,
}

/// The whole example site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExampleSite {
    /// People, also those who only read.
    pub authors: Vec<Author>,
    /// Posts in no particular order.
    pub posts: Vec<Post>,
    /// Comments, those of one post together, oldest first.
    pub comments: Vec<Comment>,
}

/// The example site: the same on every call.
pub fn example_site() -> ExampleSite {
    let authors = authors::AUTHORS.to_vec();
    let mut pieces = handwritten::pieces();
    pieces.extend(notes::notes(POSTS - pieces.len()));
    let comments = remarks::comments(&pieces, &authors);
    ExampleSite {
        authors,
        posts: pieces.into_iter().map(|piece| piece.post).collect(),
        comments,
    }
}
