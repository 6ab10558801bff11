//! Every table of the site. A test in `ddl` compares these declarations with what the migrations lead to.

use domain::{CommentId, PostId, PostStatus, Role, Timestamp, TokenId, UserId};

use super::macros::table;
use super::{Personal, Table};

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
    /// People with an account.
    users: User {
        /// UUIDv7.
        id: UserId => key(),
        /// The name in addresses.
        handle: String => unique().max(30).personal(Personal::Slug),
        /// Lower-case; shown to its owner and to admins only.
        email: String => unique().max(254).personal(Personal::Email),
        /// The name as it is shown.
        name: String => max(80).personal(Personal::Name),
        /// A short text about the user.
        bio: String => max(500).personal(Personal::Text),
        /// The user's role.
        role: Role => max(16),
        /// argon2id, self-describing; selected only to verify a login.
        password_hash: String => max(255).personal(Personal::Password),
        /// The number of posts that are public or will be when their time comes; updated by every write that publishes, schedules
        /// or withdraws one. What readers see leaves out those whose time is still to come.
        post_count: i64,
        /// Handle, name and bio as words for the full-text index.
        search_text: String => personal(Personal::Derived),
        /// The time of signing up.
        created_at: Timestamp,
        /// The time of the row's last change.
        updated_at: Timestamp,
        /// The time when the account was closed; its posts are hidden with it.
        deleted_at: Option<Timestamp>,
    }
    indexes: [[created_at, id]]
    search: search_text
}

table! {
    /// Posts.
    posts: Post {
        /// UUIDv7.
        id: PostId => key(),
        /// The author.
        author_id: UserId => cascades(users::id),
        /// The title, plain text.
        title: String => max(300).personal(Personal::Text),
        /// The name in addresses.
        slug: String => unique().max(80).personal(Personal::Slug),
        /// A sentence or two, plain text.
        excerpt: String => max(300).personal(Personal::Text),
        /// The content in Markdown, as the author wrote it.
        content: String => personal(Personal::Text),
        /// The content, rendered and sanitised when it was written.
        content_html: String => personal(Personal::Derived),
        /// The version of the renderer that made `content_html`; content of an older one is rendered again.
        renderer_version: i64,
        /// The reading time in minutes.
        reading_minutes: i64,
        /// Title, excerpt and content as words for the full-text index.
        search_text: String => personal(Personal::Derived),
        /// The number of public comments; updated by every write that adds or removes one.
        comment_count: i64,
        /// The stage between a first draft and the archive.
        status: PostStatus => max(16),
        /// True if readers may comment.
        comments_open: bool,
        /// The time when the post became, or will become, public.
        published_at: Option<Timestamp>,
        /// The time when the post was begun.
        created_at: Timestamp,
        /// The time of the last change.
        updated_at: Timestamp,
        /// The time when the post was moved to the bin.
        deleted_at: Option<Timestamp>,
    }
    indexes: [[published_at, id], [author_id, published_at, id]]
    search: search_text
}

table! {
    /// Earlier slugs of posts; their addresses redirect to the current one.
    post_slugs: PostSlug {
        /// The earlier slug.
        slug: String => key().max(80).personal(Personal::Slug),
        /// The post.
        post_id: PostId => cascades(posts::id),
    }
    indexes: [[post_id]]
}

table! {
    /// Comments on posts.
    comments: Comment {
        /// UUIDv7.
        id: CommentId => key(),
        /// The post.
        post_id: PostId => cascades(posts::id),
        /// The commenter.
        author_id: UserId => cascades(users::id),
        /// The comment in Markdown, as it was written.
        body: String => personal(Personal::Text),
        /// The body, rendered and sanitised when it was written.
        body_html: String => personal(Personal::Derived),
        /// The time of writing.
        created_at: Timestamp,
        /// The time when the comment was removed.
        deleted_at: Option<Timestamp>,
    }
    indexes: [[post_id, created_at, id], [author_id]]
}

table! {
    /// Signed-in browsers.
    sessions: Session {
        /// SHA-256 of the cookie's token, in hex.
        id: String => key().max(64).personal(Personal::LeaveOut),
        /// The user who is signed in.
        user_id: UserId => cascades(users::id),
        /// The time of signing in.
        created_at: Timestamp,
        /// The time when the session expires.
        expires_at: Timestamp,
        /// The browser's name, for the list in the settings.
        user_agent: String => max(300),
    }
    indexes: [[user_id]]
}

table! {
    /// Tokens by which programs use the API.
    api_tokens: ApiToken {
        /// UUIDv7.
        id: TokenId => key(),
        /// The owner.
        user_id: UserId => cascades(users::id),
        /// The name that its owner gave it.
        name: String => max(80),
        /// SHA-256 of the token, in hex.
        token_hash: String => unique().max(64).personal(Personal::LeaveOut),
        /// The scopes, separated by spaces.
        scopes: String => max(200),
        /// The time when it expires.
        expires_at: Option<Timestamp>,
        /// The time of its last use.
        last_used_at: Option<Timestamp>,
        /// The time of its creation.
        created_at: Timestamp,
    }
    indexes: [[user_id]]
}

table! {
    /// Responses to writes that a client may send twice.
    idempotency_keys: IdempotencyKey {
        /// The client's key.
        key: String => key().max(64).personal(Personal::LeaveOut),
        /// The user who sent it.
        user_id: UserId => cascades(users::id),
        /// SHA-256 of the request: the same key with another request is refused.
        request_hash: String => max(64),
        /// The first response, as JSON.
        response: String,
        /// The time of the first response.
        created_at: Timestamp,
    }
    indexes: [[user_id], [created_at]]
}
