//! `/api/v1/posts/{slug}/comments`.

use app::Problem;
use axum::Json;
use axum::response::{IntoResponse, Response};
use db::queries::comments::{self, CommentRow};
use db::queries::posts::{self, PostLookup};
use domain::PageRequest;
use serde::Serialize;

use super::list::{List, PageParams, PageQuery};
use super::posts::moved_or_missing;
use super::problems::PROBLEM_JSON;
use crate::extract::{RequestDb, SlugPath};

/// The author of a comment.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct CommentAuthor {
    /// The author's name in addresses.
    handle: String,
    /// The author's display name.
    name: String,
}

/// A comment on a post.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Comment {
    #[schema(format = "uuid")]
    id: String,
    author: CommentAuthor,
    /// The text as it was written, in Markdown.
    body: String,
    /// The text as sanitised HTML.
    body_html: String,
    /// When the comment was written.
    #[schema(format = "date-time")]
    created_at: String,
}

impl From<CommentRow> for Comment {
    fn from(comment: CommentRow) -> Self {
        Self {
            id: comment.id.to_string(),
            author: CommentAuthor {
                handle: comment.author_handle,
                name: comment.author_name,
            },
            body: comment.body,
            body_html: comment.body_html,
            created_at: comment.created_at.rfc3339(),
        }
    }
}

/// List a post's comments, newest first.
#[utoipa::path(
    get, path = "/api/v1/posts/{slug}/comments", tag = "posts", operation_id = "list_comments", params(SlugPath, PageQuery),
    responses(
        (status = 200, description = "A page of comments.", body = List<Comment>),
        (
            status = 301, description = "The post has another slug now.",
            headers(("Location" = String, description = "The present address of its comments."))
        ),
        (status = 304, description = "The page still has the ETag that `If-None-Match` names."),
        (status = 400, description = "A parameter is not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON),
        (status = 404, description = "No public post has this slug.", body = Problem, content_type = PROBLEM_JSON),
        (status = 410, description = "The post was withdrawn.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn list(
    SlugPath { slug }: SlugPath,
    PageParams(page): PageParams,
    RequestDb(db): RequestDb,
) -> Result<Response, Problem> {
    if let Some(comments) = comments::of_post(&db, &slug, &page).await? {
        return Ok(Json(List::<Comment>::from(comments)).into_response());
    }
    // What is not here has the status of the post.
    match posts::read(&db, &slug, &PageRequest::first(1)).await? {
        // Published in between: it has no comment yet.
        PostLookup::Post(post) => Ok(Json(List::<Comment>::from(post.comments)).into_response()),
        lookup => Ok(moved_or_missing(lookup, "/comments")?),
    }
}
