//! What reading posts gives.

use domain::{Page, PostId, PostStatus, Timestamp, UserId};

use crate::queries::comments::CommentRow;
use crate::schema::macros::row;
use crate::schema::tables::{posts, users};

row! {
    /// A post in a list, with its author.
    PostCard {
        /// The post.
        id: PostId = posts::id,
        /// The title.
        title: String = posts::title,
        /// The name in addresses.
        slug: String = posts::slug,
        /// A sentence or two.
        excerpt: String = posts::excerpt,
        /// How long it takes to read.
        reading_minutes: i64 = posts::reading_minutes,
        /// How many comments it has.
        comment_count: i64 = posts::comment_count,
        /// Since when it is public.
        published_at: Timestamp = posts::published_at,
        /// The author.
        author_id: UserId = posts::author_id,
        /// The author's name in addresses.
        author_handle: String = users::handle,
        /// The author's name.
        author_name: String = users::name,
    }
}

row! {
    /// A post with everything that its page shows, whoever may see it.
    PostDetail {
        /// The post.
        id: PostId = posts::id,
        /// The title.
        title: String = posts::title,
        /// The present name in addresses.
        slug: String = posts::slug,
        /// A sentence or two.
        excerpt: String = posts::excerpt,
        /// The content, safe to show as it is.
        content_html: String = posts::content_html,
        /// How long it takes to read.
        reading_minutes: i64 = posts::reading_minutes,
        /// How many comments it has.
        comment_count: i64 = posts::comment_count,
        /// Where it stands.
        status: PostStatus = posts::status,
        /// Whether readers may comment.
        comments_open: bool = posts::comments_open,
        /// When it was, or will be, public.
        published_at: Option<Timestamp> = posts::published_at,
        /// When it last changed.
        updated_at: Timestamp = posts::updated_at,
        /// When it went into the bin.
        deleted_at: Option<Timestamp> = posts::deleted_at,
        /// The author.
        author_id: UserId = posts::author_id,
        /// The author's name in addresses.
        author_handle: String = users::handle,
        /// The author's name.
        author_name: String = users::name,
        /// About the author.
        author_bio: String = users::bio,
        /// How many public posts the author has.
        author_post_count: i64 = users::post_count,
        /// When the author's account was closed.
        author_deleted_at: Option<Timestamp> = users::deleted_at,
    }
}

row! {
    /// A post to go on to.
    PostLink {
        /// The title.
        title: String = posts::title,
        /// The name in addresses.
        slug: String = posts::slug,
    }
}

row! {
    /// A post in a feed.
    FeedEntry {
        /// The post; feeds know it by this id for ever.
        id: PostId = posts::id,
        /// The title.
        title: String = posts::title,
        /// The name in addresses.
        slug: String = posts::slug,
        /// A sentence or two.
        excerpt: String = posts::excerpt,
        /// The content, safe to show as it is.
        content_html: String = posts::content_html,
        /// Since when it is public.
        published_at: Timestamp = posts::published_at,
        /// When it last changed.
        updated_at: Timestamp = posts::updated_at,
        /// The author's name in addresses.
        author_handle: String = users::handle,
        /// The author's name.
        author_name: String = users::name,
    }
}

row! {
    /// What tells that a post in a feed has changed: all that stands there but the content, for which its date of change
    /// stands, as it does for those who read the feed.
    FeedFingerprint {
        /// The post.
        id: PostId = posts::id,
        /// The title.
        title: String = posts::title,
        /// The name in addresses.
        slug: String = posts::slug,
        /// A sentence or two.
        excerpt: String = posts::excerpt,
        /// Since when it is public.
        published_at: Timestamp = posts::published_at,
        /// When it last changed.
        updated_at: Timestamp = posts::updated_at,
        /// The author's name in addresses.
        author_handle: String = users::handle,
        /// The author's name.
        author_name: String = users::name,
    }
}

/// What asking for a post's page leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum PostLookup {
    /// It is public.
    Post(Box<PostPage>),
    /// It is public under another slug.
    Moved(String),
    /// It was public and is withdrawn.
    Gone,
    /// It never was, or is not yet, public.
    Nothing,
}

/// A public post with what surrounds it.
#[derive(Clone, Debug, PartialEq)]
pub struct PostPage {
    /// The post.
    pub post: PostDetail,
    /// One page of its comments.
    pub comments: Page<CommentRow>,
    /// The post published before it.
    pub previous: Option<PostLink>,
    /// The post published after it.
    pub next: Option<PostLink>,
}

impl PostDetail {
    /// Whether everybody may see it.
    pub fn is_public(&self) -> bool {
        self.status == PostStatus::Published
            && self.deleted_at.is_none()
            && self.author_deleted_at.is_none()
    }

    /// Whether it once was public: archived, in the bin after it was published, or by somebody who left.
    pub(super) fn was_public(&self) -> bool {
        match self.status {
            PostStatus::Published | PostStatus::Archived => true,
            PostStatus::Draft | PostStatus::Scheduled => false,
        }
    }
}
