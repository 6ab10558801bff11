//! `/api/v1/posts/{slug}/comments`.

use app::{AppError, Problem};
use axum::Json;
use db::queries::comments::{self, CommentRow};
use serde::Serialize;

use super::list::{List, PageParams, PageQuery};
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
        (status = 304, description = "The page still has the ETag that `If-None-Match` names."),
        (status = 400, description = "A parameter is not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON),
        (status = 404, description = "No public post has this slug.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn list(
    SlugPath { slug }: SlugPath,
    PageParams(page): PageParams,
    RequestDb(db): RequestDb,
) -> Result<Json<List<Comment>>, Problem> {
    let comments = comments::of_post(&db, &slug, &page).await?;
    Ok(Json(comments.ok_or(AppError::NotFound)?.into()))
}
