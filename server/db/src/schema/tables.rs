//! Every table of Waypost. The first migration is rendered from here (`UPDATE_MIGRATIONS=1` with the test of `ddl`); the test
//! compares them.

use domain::{CommentId, PostId, PostStatus, Role, Timestamp, TokenId, UserId};

use super::Table;
use super::macros::table;

/// Every table, parents first.
pub const TABLES: &[Table] = &[
    users::TABLE,
    posts::TABLE,
    post_slugs::TABLE,
    comments::TABLE,
    sessions::TABLE,
    api_tokens::TABLE,
    idempotency_keys::TABLE,
];

table! {
    /// People.
    users: User {
        /// UUIDv7.
        id: UserId => key(),
        /// The name in addresses.
        handle: String => unique().max(30),
        /// Lower-case; shown to its owner and to admins only.
        email: String => unique().max(254),
        /// The name as it is shown.
        name: String => max(80),
        /// A few words about the person.
        bio: String => max(500),
        /// What the person may do.
        role: Role => max(16),
        /// argon2id, self-describing; never selected but to verify a login.
        password_hash: String => max(255),
        /// How many of the person's posts are public; kept by whoever publishes or withdraws one.
        post_count: i64,
        /// Handle, name and bio as words for the full-text index.
        search_text: String,
        /// When the person signed up.
        created_at: Timestamp,
        /// When the row last changed.
        updated_at: Timestamp,
        /// When the account was closed; its posts are hidden with it.
        deleted_at: Option<Timestamp>,
    }
    indexes: [[created_at, id]]
    search: search_text
}

table! {
    /// What people write.
    posts: Post {
        /// UUIDv7.
        id: PostId => key(),
        /// Who wrote it.
        author_id: UserId => cascades(users::id),
        /// The title, plain text.
        title: String => max(300),
        /// The name in addresses.
        slug: String => unique().max(80),
        /// A sentence or two, plain text.
        excerpt: String => max(300),
        /// Markdown, as the author wrote it.
        content: String,
        /// The content, rendered and sanitised when it was written.
        content_html: String,
        /// The renderer that made `content_html`; an older one is rendered again.
        renderer_version: i64,
        /// How long it takes to read.
        reading_minutes: i64,
        /// Title, excerpt and content as words for the full-text index.
        search_text: String,
        /// How many comments are public; kept by whoever adds or removes one.
        comment_count: i64,
        /// Where it stands.
        status: PostStatus => max(16),
        /// Whether readers may comment.
        comments_open: bool,
        /// When it was, or will be, public.
        published_at: Option<Timestamp>,
        /// When it was begun.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
        /// When it went into the bin.
        deleted_at: Option<Timestamp>,
    }
    indexes: [[status, published_at, id], [author_id, status, published_at, id]]
    search: search_text
}

table! {
    /// Earlier slugs of posts; their addresses lead to the present one.
    post_slugs: PostSlug {
        /// The earlier slug.
        slug: String => key().max(80),
        /// The post it leads to.
        post_id: PostId => cascades(posts::id),
    }
    indexes: [[post_id]]
}

table! {
    /// What readers say below a post.
    comments: Comment {
        /// UUIDv7.
        id: CommentId => key(),
        /// The post.
        post_id: PostId => cascades(posts::id),
        /// Who says it.
        author_id: UserId => cascades(users::id),
        /// Markdown, as it was written.
        body: String,
        /// The body, rendered and sanitised when it was written.
        body_html: String,
        /// When it was said.
        created_at: Timestamp,
        /// When it was removed.
        deleted_at: Option<Timestamp>,
    }
    indexes: [[post_id, created_at, id], [author_id]]
}

table! {
    /// Signed-in browsers.
    sessions: Session {
        /// SHA-256 of the cookie's token, in hex.
        id: String => key().max(64),
        /// Who is signed in.
        user_id: UserId => cascades(users::id),
        /// Since when.
        created_at: Timestamp,
        /// Until when.
        expires_at: Timestamp,
        /// The browser, for the list in the settings.
        user_agent: String => max(300),
    }
    indexes: [[user_id]]
}

table! {
    /// Keys for programs.
    api_tokens: ApiToken {
        /// UUIDv7.
        id: TokenId => key(),
        /// Whose it is.
        user_id: UserId => cascades(users::id),
        /// What its owner calls it.
        name: String => max(80),
        /// SHA-256 of the token, in hex.
        token_hash: String => unique().max(64),
        /// What it allows, words apart.
        scopes: String => max(200),
        /// Until when it is good.
        expires_at: Option<Timestamp>,
        /// When it was last used.
        last_used_at: Option<Timestamp>,
        /// Since when it is good.
        created_at: Timestamp,
    }
    indexes: [[user_id]]
}

table! {
    /// Answers to writes that a client may send twice.
    idempotency_keys: IdempotencyKey {
        /// The client's key.
        key: String => key().max(64),
        /// Who sent it.
        user_id: UserId => cascades(users::id),
        /// SHA-256 of the request: the same key with another request is refused.
        request_hash: String => max(64),
        /// The first answer, as JSON.
        response: String,
        /// When it was given.
        created_at: Timestamp,
    }
    indexes: [[user_id], [created_at]]
}
