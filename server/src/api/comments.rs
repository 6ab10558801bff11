//! `/api/v1/posts/{slug}/comments`.

use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::response::Response;
use db::queries::comments::{self, CommentRow};
use domain::Slug;
use serde::Serialize;

use super::list::{List, ListQuery};
use super::{ErrorBody, json};
use crate::refusal::Failure;

/// Who said something.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Commenter {
    /// The name in addresses.
    handle: String,
    /// The name.
    name: String,
}

/// A comment.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Comment {
    /// The id, a UUID.
    #[schema(format = "uuid")]
    id: String,
    /// Who says it.
    author: Commenter,
    /// What it says, as it was written (Markdown).
    body: String,
    /// The same as HTML, sanitised.
    body_html: String,
    /// When (RFC 3339).
    #[schema(format = "date-time")]
    created_at: String,
}

impl From<CommentRow> for Comment {
    fn from(comment: CommentRow) -> Self {
        Self {
            id: comment.id.to_string(),
            author: Commenter {
                handle: comment.author_handle,
                name: comment.author_name,
            },
            body: comment.body,
            body_html: comment.body_html,
            created_at: comment.created_at.rfc3339(),
        }
    }
}

/// A public post's comments, newest first.
#[utoipa::path(
    get, path = "/api/v1/posts/{slug}/comments", tag = "posts",
    params(("slug" = String, Path, description = "The name in addresses"), ListQuery),
    responses(
        (status = 200, body = List<Comment>), (status = 304), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody)
    )
)]
pub(super) async fn list(
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let (_, page) = query.read()?;
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let found = comments::of_post(&context.db()?, &slug, &page)
        .await?
        .ok_or(AppError::NotFound)?;
    json(&List::of(found, Comment::from))
}
