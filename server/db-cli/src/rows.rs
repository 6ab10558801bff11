//! From the example texts to rows: ids, rendered HTML, counts. The same texts always give the same rows.

use std::collections::HashMap;

use db::schema::tables::{Comment, Post, PostSlug, User};
use domain::{CommentId, PostId, PostStatus, Role, Search, Timestamp, UserId};
use example_site::ExampleSite;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// Nobody can sign in with it: it is no hash that a password could have.
const NO_PASSWORD: &str = "!";

/// Rows of every table that the example site fills, parents first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Users.
    pub users: Vec<User>,
    /// Posts.
    pub posts: Vec<Post>,
    /// Earlier slugs.
    pub slugs: Vec<PostSlug>,
    /// Comments.
    pub comments: Vec<Comment>,
}

/// The example site.
pub fn example() -> Rows {
    let ExampleSite {
        authors,
        posts,
        comments,
    } = example_site::example_site();
    let mut rows = Rows::default();
    for (n, author) in authors.iter().enumerate() {
        rows.users.push(user(UserText {
            n: n as u64,
            handle: author.handle.to_owned(),
            email: author.email.to_owned(),
            name: author.name.to_owned(),
            bio: author.bio.to_owned(),
            role: word(author.role.as_str(), Role::Reader),
            created_at: author.created_at,
            is_deleted: author.deleted,
        }));
    }
    for (n, post) in posts.iter().enumerate() {
        let row = self::post(PostText {
            n: n as u64,
            author_id: rows.users[post.author].id,
            title: post.title.clone(),
            slug: post.slug.clone(),
            excerpt: post.excerpt.clone(),
            content: post.content.clone(),
            status: word(post.status.as_str(), PostStatus::Draft),
            comments_open: post.comments_open,
            published_at: post.published_at,
            created_at: post.created_at,
            is_deleted: post.deleted,
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
            deleted_at: comment.deleted.then_some(created_at),
        });
    }
    rows.count();
    rows
}

impl Rows {
    /// Sets the counts that the rows carry: what everybody can see.
    fn count(&mut self) {
        let open: HashMap<UserId, bool> = self
            .users
            .iter()
            .map(|user| (user.id, user.deleted_at.is_none()))
            .collect();
        let is_open = |id: UserId| open.get(&id).copied().unwrap_or(false);
        let mut comments: HashMap<PostId, i64> = HashMap::new();
        for comment in self
            .comments
            .iter()
            .filter(|one| one.deleted_at.is_none() && is_open(one.author_id))
        {
            *comments.entry(comment.post_id).or_default() += 1;
        }
        let mut posts: HashMap<UserId, i64> = HashMap::new();
        for post in &mut self.posts {
            post.comment_count = comments.get(&post.id).copied().unwrap_or(0);
            if post.status == PostStatus::Published && post.deleted_at.is_none() {
                *posts.entry(post.author_id).or_default() += 1;
            }
        }
        for user in &mut self.users {
            user.post_count = posts.get(&user.id).copied().unwrap_or(0);
        }
    }
}

/// What a user's row is made of.
pub(crate) struct UserText {
    pub(crate) n: u64,
    pub(crate) handle: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) bio: String,
    pub(crate) role: Role,
    pub(crate) created_at: i64,
    pub(crate) is_deleted: bool,
}

pub(crate) fn user(text: UserText) -> User {
    let created_at = Timestamp::from_millis(text.created_at);
    User {
        id: user_id(text.n, text.created_at),
        search_text: Search::index(&format!("{} {} {}", text.handle, text.name, text.bio)),
        handle: text.handle,
        email: text.email,
        name: text.name,
        bio: text.bio,
        role: text.role,
        password_hash: NO_PASSWORD.to_owned(),
        post_count: 0,
        created_at,
        updated_at: created_at,
        deleted_at: text.is_deleted.then_some(created_at),
    }
}

/// What a post's row is made of.
pub(crate) struct PostText {
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

pub(crate) fn post(text: PostText) -> Post {
    let rendered = markdown::render_post(&text.content);
    let created_at = Timestamp::from_millis(text.created_at);
    let published_at = text.published_at.map(Timestamp::from_millis);
    Post {
        id: PostId(id("post", text.n, text.created_at)),
        author_id: text.author_id,
        search_text: Search::index(&format!(
            "{} {} {}",
            text.title, text.excerpt, rendered.text
        )),
        title: text.title,
        slug: text.slug,
        excerpt: if text.excerpt.is_empty() {
            rendered.excerpt
        } else {
            text.excerpt
        },
        content: text.content,
        content_html: rendered.html,
        renderer_version: markdown::RENDERER_VERSION,
        reading_minutes: rendered.reading_minutes,
        comment_count: 0,
        status: text.status,
        comments_open: text.comments_open,
        published_at,
        created_at,
        updated_at: published_at.unwrap_or(created_at),
        deleted_at: text
            .is_deleted
            .then_some(published_at.unwrap_or(created_at)),
    }
}

/// The id of the `n`th user.
pub(crate) fn user_id(n: u64, created_at: i64) -> UserId {
    UserId(id("user", n, created_at))
}

/// A UUIDv7 whose random part is the hash of what it is for.
fn id(kind: &str, n: u64, millis: i64) -> Uuid {
    let hash = Sha256::digest(format!("{kind} {n}"));
    let mut random = [0; 10];
    random.copy_from_slice(&hash[..10]);
    Builder::from_unix_timestamp_millis(millis.unsigned_abs(), &random).into_uuid()
}

fn word<T: std::str::FromStr>(text: &str, otherwise: T) -> T {
    text.parse().unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_texts_give_the_same_rows() {
        let rows = example();
        assert_eq!(rows, example());
        assert!(rows.users.len() >= 24 && rows.posts.len() >= 400 && rows.comments.len() >= 300);
    }

    #[test]
    fn counts_are_what_everybody_can_see() {
        let rows = example();
        let user = &rows.users[rows.posts[0].author_id.0.as_bytes().len() % 3];
        let seen = rows.posts.iter().filter(|post| {
            post.author_id == user.id
                && post.status == PostStatus::Published
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
