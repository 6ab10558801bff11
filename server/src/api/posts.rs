//! `/api/v1/posts`.

use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use db::queries::posts::{self, PostCard, PostLookup, PostPage};
use domain::{PageRequest, Slug};
use http::StatusCode;
use http::header::LOCATION;
use serde::Serialize;

use super::list::{List, ListQuery};
use super::{ErrorBody, json};
use crate::refusal::Failure;

/// Who wrote a post.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Author {
    /// The id, a UUID.
    #[schema(format = "uuid")]
    id: String,
    /// The name in addresses.
    handle: String,
    /// The name.
    name: String,
}

/// A post in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PostSummary {
    /// The id, a UUID.
    #[schema(format = "uuid")]
    id: String,
    /// The name in addresses.
    slug: String,
    /// The title, plain text.
    title: String,
    /// A sentence or two, plain text.
    excerpt: String,
    /// Who wrote it.
    author: Author,
    /// How long it takes to read.
    reading_minutes: i64,
    /// How many comments it has.
    comment_count: i64,
    /// Since when it is public (RFC 3339).
    #[schema(format = "date-time")]
    published_at: String,
}

/// A post, whole.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Post {
    /// The id, a UUID.
    #[schema(format = "uuid")]
    id: String,
    /// The name in addresses.
    slug: String,
    /// The title, plain text.
    title: String,
    /// A sentence or two, plain text.
    excerpt: String,
    /// The content as HTML, sanitised.
    content_html: String,
    /// Who wrote it.
    author: Author,
    /// How long it takes to read.
    reading_minutes: i64,
    /// How many comments it has.
    comment_count: i64,
    /// Whether readers may comment.
    comments_open: bool,
    /// Since when it is public (RFC 3339).
    #[schema(format = "date-time")]
    published_at: Option<String>,
    /// When it last changed (RFC 3339).
    #[schema(format = "date-time")]
    updated_at: String,
}

impl From<PostCard> for PostSummary {
    fn from(post: PostCard) -> Self {
        Self {
            id: post.id.to_string(),
            slug: post.slug,
            title: post.title,
            excerpt: post.excerpt,
            author: Author {
                id: post.author_id.to_string(),
                handle: post.author_handle,
                name: post.author_name,
            },
            reading_minutes: post.reading_minutes,
            comment_count: post.comment_count,
            published_at: post.published_at.rfc3339(),
        }
    }
}

impl From<PostPage> for Post {
    fn from(page: PostPage) -> Self {
        let post = page.post;
        Self {
            id: post.id.to_string(),
            slug: post.slug,
            title: post.title,
            excerpt: post.excerpt,
            content_html: post.content_html,
            author: Author {
                id: post.author_id.to_string(),
                handle: post.author_handle,
                name: post.author_name,
            },
            reading_minutes: post.reading_minutes,
            comment_count: post.comment_count,
            comments_open: post.comments_open,
            published_at: post.published_at.map(|at| at.rfc3339()),
            updated_at: post.updated_at.rfc3339(),
        }
    }
}

/// Public posts, newest first.
#[utoipa::path(
    get, path = "/api/v1/posts", tag = "posts", params(ListQuery),
    responses((status = 200, body = List<PostSummary>), (status = 304), (status = 400, body = ErrorBody), (status = 503, body = ErrorBody))
)]
pub(super) async fn list(
    Query(query): Query<ListQuery>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let (search, page) = query.read()?;
    let found = posts::list(&context.db()?, &search, &page).await?;
    json(&List::of(found, PostSummary::from))
}

/// A public post.
#[utoipa::path(
    get, path = "/api/v1/posts/{slug}", tag = "posts", params(("slug" = String, Path, description = "The name in addresses")),
    responses(
        (status = 200, body = Post), (status = 301, description = "The post has another slug now; Location has it"), (status = 304),
        (status = 404, body = ErrorBody), (status = 410, body = ErrorBody), (status = 503, body = ErrorBody)
    )
)]
pub(super) async fn read(
    Path(slug): Path<String>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    match posts::read(&context.db()?, &slug, &PageRequest::first(1)).await? {
        PostLookup::Post(page) => json(&Post::from(*page)),
        PostLookup::Moved(slug) => Ok((
            StatusCode::MOVED_PERMANENTLY,
            [(LOCATION, format!("/api/v1/posts/{slug}"))],
        )
            .into_response()),
        PostLookup::Gone => Err(AppError::Gone.into()),
        PostLookup::Nothing => Err(AppError::NotFound.into()),
    }
}
