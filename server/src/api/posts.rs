//! `/api/v1/posts`.

use app::{AppError, Problem};
use axum::Json;
use axum::response::{IntoResponse, Response};
use db::queries::posts::{self, PostCard, PostLookup, PostPage};
use domain::PageRequest;
use http::StatusCode;
use http::header::LOCATION;
use serde::Serialize;

use super::list::{List, ListParams, PageQuery, SearchQuery};
use super::problems::PROBLEM_JSON;
use crate::extract::{RequestDb, SlugPath};

/// The author of a post.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Author {
    #[schema(format = "uuid")]
    id: String,
    /// The author's name in addresses.
    handle: String,
    /// The author's display name.
    name: String,
}

/// A post as lists show it, without its content.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PostSummary {
    #[schema(format = "uuid")]
    id: String,
    /// The post's name in addresses.
    slug: String,
    /// Plain text.
    title: String,
    /// A sentence or two, plain text.
    excerpt: String,
    author: Author,
    /// Minutes that reading the post takes.
    reading_minutes: i64,
    comment_count: i64,
    /// When the post was published.
    #[schema(format = "date-time")]
    published_at: String,
}

/// A post with its content.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Post {
    #[schema(format = "uuid")]
    id: String,
    /// The post's name in addresses.
    slug: String,
    /// Plain text.
    title: String,
    /// A sentence or two, plain text.
    excerpt: String,
    /// The content as sanitised HTML.
    content_html: String,
    author: Author,
    /// Minutes that reading the post takes.
    reading_minutes: i64,
    comment_count: i64,
    /// True if readers can comment.
    comments_open: bool,
    /// When the post was published.
    #[schema(format = "date-time", required)]
    published_at: Option<String>,
    /// When the post last changed.
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

/// List published posts, newest first.
#[utoipa::path(
    get, path = "/api/v1/posts", tag = "posts", operation_id = "list_posts", params(PageQuery, SearchQuery),
    responses(
        (status = 200, description = "A page of posts.", body = List<PostSummary>),
        (status = 304, description = "The page still has the ETag that `If-None-Match` names."),
        (status = 400, description = "A parameter is not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn list(
    ListParams { search, page }: ListParams,
    RequestDb(db): RequestDb,
) -> Result<Json<List<PostSummary>>, Problem> {
    let posts = posts::list(&db, &search, &page).await?;
    Ok(Json(posts.into()))
}

/// Get a published post by slug.
#[utoipa::path(
    get, path = "/api/v1/posts/{slug}", tag = "posts", operation_id = "get_post", params(SlugPath),
    responses(
        (status = 200, description = "The post.", body = Post),
        (
            status = 301, description = "The post has another slug now.",
            headers(("Location" = String, description = "The post's present address."))
        ),
        (status = 304, description = "The post still has the ETag that `If-None-Match` names."),
        (status = 404, description = "No public post has this slug.", body = Problem, content_type = PROBLEM_JSON),
        (status = 410, description = "The post was withdrawn.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn find(
    SlugPath { slug }: SlugPath,
    RequestDb(db): RequestDb,
) -> Result<Response, Problem> {
    match posts::read(&db, &slug, &PageRequest::first(1)).await? {
        PostLookup::Post(page) => Ok(Json(Post::from(*page)).into_response()),
        lookup => Ok(moved_or_missing(lookup, "")?),
    }
}

/// The response of whatever belongs to a post that is not public under this slug: `rest` follows the slug in its address.
pub(super) fn moved_or_missing(lookup: PostLookup, rest: &str) -> Result<Response, AppError> {
    match lookup {
        PostLookup::Moved(slug) => {
            let location = format!("/api/v1/posts/{slug}{rest}");
            Ok((StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response())
        }
        PostLookup::Gone => Err(AppError::Gone),
        PostLookup::Post(_) | PostLookup::Nothing => Err(AppError::NotFound),
    }
}
