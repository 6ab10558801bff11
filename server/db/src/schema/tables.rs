//! Every table of the site. A test in `ddl` compares these declarations with what the migrations lead to.

use domain::{
    CodeId, CodePurpose, CommentId, EventId, InviteId, LinkId, PostId, PostStatus, RevisionId,
    RevisionKind, Role, SessionId, Timestamp, TokenId, UserId,
};

use super::macros::table;
use super::{DefaultValue, Personal, Table};

/// Every table, parents first.
pub const TABLES: &[Table] = &[
    users::TABLE,
    posts::TABLE,
    post_slugs::TABLE,
    drafts::TABLE,
    revisions::TABLE,
    comments::TABLE,
    sessions::TABLE,
    api_tokens::TABLE,
    idempotency_keys::TABLE,
    passkeys::TABLE,
    codes::TABLE,
    invites::TABLE,
    user_handles::TABLE,
    profile_links::TABLE,
    events::TABLE,
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
        /// The time of the last change of what readers see.
        updated_at: Timestamp,
        /// The time when the account was closed; its posts are hidden with it.
        deleted_at: Option<Timestamp>,
        /// The time when the user proved that the address is theirs.
        email_verified_at: Option<Timestamp>,
        /// The time since when the user may not sign in.
        suspended_at: Option<Timestamp>,
        /// The reason of the suspension, as the user is told it.
        suspended_reason: Option<String> => max(500).personal(Personal::Text),
        /// The time when the account is due to be erased, as its user asked; until then they may change their mind.
        erase_at: Option<Timestamp>,
        /// True if an erasure leaves the posts, as those of a former member.
        keeps_posts: bool => default(DefaultValue::Bool(false)),
        /// The time when the account was erased and its posts left: nothing tells any more whose it was.
        erased_at: Option<Timestamp>,
    }
    indexes: [[created_at, id], [role, created_at, id], [suspended_at, id], [erase_at]]
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
        /// The number of times that it was saved, published or withdrawn: whoever changes it says which state they know.
        version: i64 => default(DefaultValue::Int(0)),
        /// The time when it was last saved, published or not.
        edited_at: Option<Timestamp>,
    }
    indexes: [[published_at, id], [author_id, published_at, id], [author_id, edited_at, id]]
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
    /// Texts of posts that were saved and not published yet. Without one, the text is the one that readers see.
    drafts: Draft {
        /// The post.
        post_id: PostId => key().cascades(posts::id),
        /// The title, plain text.
        title: String => max(300).personal(Personal::Text),
        /// The slug that the post is to have; empty for one that is made of the title.
        slug: String => max(80).personal(Personal::Text),
        /// A sentence or two, plain text; empty for the beginning of the content.
        excerpt: String => max(300).personal(Personal::Text),
        /// The content in Markdown.
        content: String => personal(Personal::Text),
        /// The user who saved it; the account may have been erased since.
        saved_by: UserId,
        /// The time when it was saved.
        saved_at: Timestamp,
    }
    indexes: []
}

table! {
    /// Earlier states of posts.
    revisions: Revision {
        /// UUIDv7.
        id: RevisionId => key(),
        /// The post.
        post_id: PostId => cascades(posts::id),
        /// The reason why it was kept.
        kind: RevisionKind => max(16),
        /// The title, plain text.
        title: String => max(300).personal(Personal::Text),
        /// The excerpt, plain text.
        excerpt: String => max(300).personal(Personal::Text),
        /// The content in Markdown.
        content: String => personal(Personal::Text),
        /// The user who saved it; the account may have been erased since.
        saved_by: UserId,
        /// The time when it was saved.
        saved_at: Timestamp,
    }
    indexes: [[post_id, saved_at, id]]
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
        /// The time when the session ends, whatever its use.
        expires_at: Timestamp,
        /// The browser's name, for the list in the settings.
        user_agent: String => max(300),
        /// The id by which lists and events know the session; it stays when the token is rotated.
        public_id: Option<SessionId>,
        /// The time of its last use, to some minutes. A session without one is over.
        last_seen_at: Option<Timestamp>,
        /// The time when its user last proved who they are.
        confirmed_at: Option<Timestamp>,
    }
    indexes: [[user_id], [expires_at]]
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

table! {
    /// Passkeys: credentials of WebAuthn.
    passkeys: Passkey {
        /// SHA-256 of the credential's id, in hex.
        id: String => key().max(64).personal(Personal::LeaveOut),
        /// The owner.
        user_id: UserId => cascades(users::id),
        /// The credential's id, as the authenticator made it.
        credential_id: Vec<u8>,
        /// The public key, as COSE.
        public_key: Vec<u8>,
        /// The signature's algorithm, by its number in COSE's registry.
        algorithm: i64,
        /// The authenticator's count of signatures; 0 where it does not count.
        sign_count: i64,
        /// The name that its owner gave it.
        name: String => max(80),
        /// The ways to the authenticator, as the browser named them, separated by spaces.
        transports: String => max(100),
        /// True if the authenticator may copy the key to other devices. It never changes.
        backup_eligible: bool,
        /// True if the key was copied to other devices when it was last used.
        backed_up: bool,
        /// The time of its registration.
        created_at: Timestamp,
        /// The time of its last use.
        last_used_at: Option<Timestamp>,
    }
    indexes: [[user_id]]
}

table! {
    /// One-time codes that were sent by mail.
    codes: Code {
        /// UUIDv7.
        id: CodeId => key(),
        /// The use that is allowed.
        purpose: CodePurpose => max(16),
        /// The user, if there is one.
        user_id: Option<UserId> => cascades(users::id),
        /// The address that the code was sent to.
        email: String => max(254),
        /// SHA-256 of purpose, browser and code, in hex.
        code_hash: String => max(64).personal(Personal::LeaveOut),
        /// SHA-256 of the secret of the browser that asked for the code, in hex: no other can use it.
        browser_hash: String => max(64),
        /// The number of codes that were tried.
        attempts: i64,
        /// The time when it expires.
        expires_at: Timestamp,
        /// The time when it was used.
        used_at: Option<Timestamp>,
        /// The time when it was made.
        created_at: Timestamp,
    }
    indexes: [[browser_hash, purpose], [email, created_at], [user_id], [created_at]]
}

table! {
    /// Invites, each for one person.
    invites: Invite {
        /// UUIDv7.
        id: InviteId => key(),
        /// SHA-256 of its token, in hex.
        token_hash: String => unique().max(64).personal(Personal::LeaveOut),
        /// The user who invites.
        created_by: UserId => cascades(users::id),
        /// The role that it gives.
        role: Role => max(16),
        /// A note of whom it is for.
        note: String => max(80),
        /// The time when it expires.
        expires_at: Timestamp,
        /// The time when it was used.
        used_at: Option<Timestamp>,
        /// The user who came by it; the account may have been erased since.
        used_by: Option<UserId>,
        /// The time when it was made.
        created_at: Timestamp,
    }
    indexes: [[created_by, created_at, id], [created_at, id]]
}

table! {
    /// Earlier handles of users: they lead to the present one, and are kept from others for a time.
    user_handles: UserHandle {
        /// The earlier handle.
        handle: String => key().max(30).personal(Personal::Slug),
        /// The user.
        user_id: UserId => cascades(users::id),
        /// The time when it was given up.
        released_at: Timestamp,
    }
    indexes: [[user_id]]
}

table! {
    /// Links of profiles.
    profile_links: ProfileLink {
        /// UUIDv7.
        id: LinkId => key(),
        /// The user.
        user_id: UserId => cascades(users::id),
        /// The place in the list, from 0.
        position: i64,
        /// The text of the link.
        label: String => max(80).personal(Personal::Text),
        /// The address.
        url: String => max(500).personal(Personal::Url),
    }
    indexes: [[user_id, position]]
}

table! {
    /// Things that happened to accounts; rows are only added. They refer to nothing, so that they outlast what they tell of.
    events: Event {
        /// UUIDv7.
        id: EventId => key(),
        /// The word of an `EventKind`. No closed set: the kinds grow, and rebuilding the table would cost more than it helps.
        kind: String => max(40),
        /// The user whose account it is about; `None` where no account has the name that was typed.
        user_id: Option<UserId>,
        /// The user who did it; `None` for somebody who was not signed in.
        actor_id: Option<UserId>,
        /// The session in which it was done.
        session_id: Option<SessionId>,
        /// A detail, such as the name of a token or the new role.
        detail: String => max(200),
        /// The address that the request came from, until `address_expires_at`.
        address: Option<String> => max(45).personal(Personal::LeaveOut),
        /// The time when the address is to be cleared.
        address_expires_at: Option<Timestamp>,
        /// The time when it happened.
        created_at: Timestamp,
    }
    indexes: [[user_id, created_at, id], [kind, created_at, id], [created_at, id], [address_expires_at], [actor_id]]
}
