//! The rows that reading posts gives.

use domain::{Page, PostStatus, Timestamp};

use crate::queries::comments::CommentRow;
use crate::queries::profile_links::LinkRow;
use crate::queries::users::Profile;
use crate::schema::macros::row;
use crate::schema::tables::{posts, users};

row! {
    /// A public post in a list, with its author.
    PostCard {
        id = posts::id,
        title = posts::title,
        slug = posts::slug,
        excerpt = posts::excerpt,
        reading_minutes = posts::reading_minutes,
        comment_count = posts::comment_count,
        published_at: Timestamp = posts::published_at,
        author_id = posts::author_id,
        author_handle = users::handle,
        author_name = users::name,
    } later {
        /// A part of the content around what a search matched, where the excerpt does not show it.
        snippet: Option<String>,
    }
}

row! {
    /// A post with everything that its page shows, public or not.
    PostDetail {
        id = posts::id,
        title = posts::title,
        slug = posts::slug,
        excerpt = posts::excerpt,
        content_html = posts::content_html,
        reading_minutes = posts::reading_minutes,
        comment_count = posts::comment_count,
        status = posts::status,
        comments_open = posts::comments_open,
        published_at = posts::published_at,
        updated_at = posts::updated_at,
        deleted_at = posts::deleted_at,
        author_id = posts::author_id,
        author_handle = users::handle,
        author_name = users::name,
        author_bio = users::bio,
        author_post_count = users::post_count,
        author_deleted_at = users::deleted_at,
    }
}

/// A user with what their page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorPage {
    /// The user.
    pub profile: Profile,
    /// Their links, in their order.
    pub links: Vec<LinkRow>,
    /// One page of their public posts.
    pub posts: Page<PostCard>,
}

row! {
    /// A link to a post.
    PostLink {
        title = posts::title,
        slug = posts::slug,
    }
}

row! {
    /// A public post in a feed.
    FeedEntry {
        /// Feeds know the post by this id for ever.
        id = posts::id,
        title = posts::title,
        slug = posts::slug,
        excerpt = posts::excerpt,
        content_html = posts::content_html,
        published_at: Timestamp = posts::published_at,
        updated_at = posts::updated_at,
        author_handle = users::handle,
        author_name = users::name,
    }
}

row! {
    /// The fingerprint of a post in a feed: everything that the feed shows but the content. `updated_at` stands for that, as
    /// it does for feed readers.
    FeedFingerprint {
        id = posts::id,
        title = posts::title,
        slug = posts::slug,
        excerpt = posts::excerpt,
        published_at: Timestamp = posts::published_at,
        updated_at = posts::updated_at,
        author_handle = users::handle,
        author_name = users::name,
    }
}

/// The result of looking a post up by its slug.
#[derive(Clone, Debug, PartialEq)]
pub enum PostLookup {
    /// The post is public.
    Post(Box<PostPage>),
    /// The post is public under another slug.
    Moved(String),
    /// The post was public and is withdrawn.
    Gone,
    /// No post of this slug is, or ever was, public.
    Nothing,
}

/// A public post with everything around it on its page.
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

impl FeedEntry {
    /// The time of its last change as readers see it.
    pub fn changed_at(&self) -> Timestamp {
        changed_at(Some(self.published_at), self.updated_at)
    }
}

/// The time when readers saw the last change of a post: it may have been written long before its time came.
pub(in crate::queries) fn changed_at(
    published_at: Option<Timestamp>,
    updated_at: Timestamp,
) -> Timestamp {
    published_at.map_or(updated_at, |at| at.max(updated_at))
}

impl PostDetail {
    /// The time of its last change as readers see it.
    pub fn changed_at(&self) -> Timestamp {
        changed_at(self.published_at, self.updated_at)
    }

    /// True if anybody may see it at `now`.
    pub fn is_public(&self, now: Timestamp) -> bool {
        self.is_due(now) && self.deleted_at.is_none() && self.author_deleted_at.is_none()
    }

    /// True if it was public before `now`, and is not any more: withdrawn, deleted after its time had come, or its author's account
    /// closed.
    pub(super) fn was_public(&self, now: Timestamp) -> bool {
        self.published_at.is_some_and(|at| at <= now)
    }

    /// True if it is meant for everybody and its time has come.
    fn is_due(&self, now: Timestamp) -> bool {
        match self.status {
            PostStatus::Published | PostStatus::Scheduled => {
                self.published_at.is_some_and(|at| at <= now)
            }
            PostStatus::Draft | PostStatus::Archived => false,
        }
    }
}
