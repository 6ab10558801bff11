//! Database rows of the example site: ids, rendered HTML and counts. Deterministic: equal texts give equal rows.

use std::collections::HashMap;

use db::queries::insert;
use db::schema::tables::{Comment, Post, PostSlug, User};
use db::{Dialect, Statement};
use domain::{CommentId, PostId, PostStatus, Role, Search, Timestamp, UserId};
use example_site::ExampleSite;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// Not a valid hash, so that nobody can sign in.
pub(crate) const NO_PASSWORD: &str = "!";

/// Rows of all tables, parents before children.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Rows of `users`.
    pub users: Vec<User>,
    /// Rows of `posts`.
    pub posts: Vec<Post>,
    /// Rows of `post_slugs`: earlier slugs of posts.
    pub slugs: Vec<PostSlug>,
    /// Rows of `comments`.
    pub comments: Vec<Comment>,
}

/// Builds the rows of the example site.
pub fn example_rows() -> Rows {
    let ExampleSite {
        authors,
        posts,
        comments,
    } = example_site::example_site();
    let mut rows = Rows::default();
    for (n, author) in authors.iter().enumerate() {
        rows.users.push(user(UserInput {
            n: n as u64,
            handle: author.handle.to_owned(),
            email: author.email.to_owned(),
            name: author.name.to_owned(),
            bio: author.bio.to_owned(),
            role: parse_or(author.role.as_str(), Role::Reader),
            created_at: author.created_at,
            is_deleted: author.is_deleted,
        }));
    }
    for (n, post) in posts.iter().enumerate() {
        let row = self::post(PostInput {
            n: n as u64,
            author_id: rows.users[post.author].id,
            title: post.title.clone(),
            slug: post.slug.clone(),
            excerpt: post.excerpt.clone(),
            content: post.content.clone(),
            status: parse_or(post.status.as_str(), PostStatus::Draft),
            comments_open: post.comments_open,
            published_at: post.published_at,
            created_at: post.created_at,
            is_deleted: post.is_deleted,
        });
        rows.slugs
            .extend(post.earlier_slugs.iter().map(|slug| PostSlug {
                slug: slug.clone(),
                post_id: row.id,
            }));
        rows.posts.push(row);
    }
    for (n, comment) in comments.iter().enumerate() {
        let created_at = Timestamp::from_millis(comment.created_at);
        rows.comments.push(Comment {
            id: CommentId(id("comment", n as u64, comment.created_at)),
            post_id: rows.posts[comment.post].id,
            author_id: rows.users[comment.author].id,
            body: comment.body.clone(),
            body_html: markdown::render_comment(&comment.body),
            created_at,
            deleted_at: comment.is_deleted.then_some(created_at),
        });
    }
    rows.set_counts();
    rows
}

impl Rows {
    /// The statements that insert every row.
    pub fn inserts(&self, dialect: Dialect) -> Vec<Statement> {
        let Self {
            users,
            posts,
            slugs,
            comments,
        } = self;
        [
            insert(dialect, users),
            insert(dialect, posts),
            insert(dialect, slugs),
            insert(dialect, comments),
        ]
        .concat()
    }

    /// Sets the stored counts: of posts that are or will be public, and of public comments.
    fn set_counts(&mut self) {
        let active: HashMap<UserId, bool> = self
            .users
            .iter()
            .map(|user| (user.id, user.deleted_at.is_none()))
            .collect();
        let is_active = |id: UserId| active.get(&id).copied().unwrap_or(false);
        let mut comments: HashMap<PostId, i64> = HashMap::new();
        for comment in self
            .comments
            .iter()
            .filter(|one| one.deleted_at.is_none() && is_active(one.author_id))
        {
            *comments.entry(comment.post_id).or_default() += 1;
        }
        let mut posts: HashMap<UserId, i64> = HashMap::new();
        for post in &mut self.posts {
            post.comment_count = comments.get(&post.id).copied().unwrap_or(0);
            let is_meant_for_all = match post.status {
                PostStatus::Published | PostStatus::Scheduled => post.deleted_at.is_none(),
                PostStatus::Draft | PostStatus::Archived => false,
            };
            if is_meant_for_all {
                *posts.entry(post.author_id).or_default() += 1;
            }
        }
        for user in &mut self.users {
            user.post_count = posts.get(&user.id).copied().unwrap_or(0);
        }
    }
}

/// The words by which a user is found.
pub(crate) fn user_words(handle: &str, name: &str, bio: &str) -> String {
    Search::index(&format!("{handle} {name} {bio}"))
}

/// The words by which a post is found; `text` is its rendered content as plain text.
pub(crate) fn post_words(title: &str, excerpt: &str, text: &str) -> String {
    Search::index(&format!("{title} {excerpt} {text}"))
}

/// Input of a user row.
pub(crate) struct UserInput {
    pub(crate) n: u64,
    pub(crate) handle: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) bio: String,
    pub(crate) role: Role,
    pub(crate) created_at: i64,
    pub(crate) is_deleted: bool,
}

pub(crate) fn user(input: UserInput) -> User {
    let created_at = Timestamp::from_millis(input.created_at);
    User {
        id: user_id(input.n, input.created_at),
        search_text: user_words(&input.handle, &input.name, &input.bio),
        handle: input.handle,
        email: input.email,
        name: input.name,
        bio: input.bio,
        role: input.role,
        password_hash: NO_PASSWORD.to_owned(),
        post_count: 0,
        created_at,
        updated_at: created_at,
        deleted_at: input.is_deleted.then_some(created_at),
        email_verified_at: None,
        suspended_at: None,
        suspended_reason: None,
        erase_at: None,
        keeps_posts: false,
        erased_at: None,
    }
}

/// Input of a post row.
pub(crate) struct PostInput {
    pub(crate) n: u64,
    pub(crate) author_id: UserId,
    pub(crate) title: String,
    pub(crate) slug: String,
    pub(crate) excerpt: String,
    pub(crate) content: String,
    pub(crate) status: PostStatus,
    pub(crate) comments_open: bool,
    pub(crate) published_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) is_deleted: bool,
}

pub(crate) fn post(input: PostInput) -> Post {
    let rendered = markdown::render_post(&input.content);
    let created_at = Timestamp::from_millis(input.created_at);
    let published_at = input.published_at.map(Timestamp::from_millis);
    let excerpt = match input.excerpt.as_str() {
        "" => rendered.excerpt,
        _ => input.excerpt,
    };
    Post {
        id: PostId(id("post", input.n, input.created_at)),
        author_id: input.author_id,
        search_text: post_words(&input.title, &excerpt, &rendered.text),
        title: input.title,
        slug: input.slug,
        excerpt,
        content: input.content,
        content_html: rendered.html,
        renderer_version: markdown::RENDERER_VERSION,
        reading_minutes: rendered.reading_minutes,
        comment_count: 0,
        status: input.status,
        comments_open: input.comments_open,
        published_at,
        created_at,
        updated_at: published_at.unwrap_or(created_at),
        deleted_at: input
            .is_deleted
            .then_some(published_at.unwrap_or(created_at)),
        version: 0,
        edited_at: Some(published_at.unwrap_or(created_at)),
    }
}

pub(crate) fn user_id(n: u64, created_at: i64) -> UserId {
    UserId(id("user", n, created_at))
}

/// Makes a UUIDv7 whose random part is a hash of kind and number.
fn id(kind: &str, n: u64, millis: i64) -> Uuid {
    let hash = Sha256::digest(format!("{kind} {n}"));
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    Builder::from_unix_timestamp_millis(millis.unsigned_abs(), &random).into_uuid()
}

fn parse_or<T: std::str::FromStr>(text: &str, default: T) -> T {
    text.parse().unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_deterministic() {
        let rows = example_rows();
        assert_eq!(rows, example_rows());
        assert!(rows.users.len() >= 24 && rows.posts.len() >= 400 && rows.comments.len() >= 300);
    }

    #[test]
    fn counts_include_only_rows_that_are_or_will_be_public() {
        let rows = example_rows();
        let user = &rows.users[rows.posts[0].author_id.0.as_bytes().len() % 3];
        let seen = rows.posts.iter().filter(|post| {
            post.author_id == user.id
                && matches!(post.status, PostStatus::Published | PostStatus::Scheduled)
                && post.deleted_at.is_none()
        });
        assert_eq!(user.post_count, seen.count() as i64);
        assert!(
            rows.posts
                .iter()
                .map(|post| post.comment_count)
                .sum::<i64>()
                < rows.comments.len() as i64
        );
        assert!(rows.posts.iter().any(|post| post.comment_count > 20));
    }
}
