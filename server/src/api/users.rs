//! `/api/v1/users`.

use app::{AppError, Problem};
use axum::Json;
use axum::response::{IntoResponse, Response};
use db::queries::handles::HandleLookup;
use db::queries::users::{self, Profile};
use serde::Serialize;

use super::list::{List, ListParams, PageQuery, SearchQuery};
use super::problems::PROBLEM_JSON;
use crate::answer::moved;
use crate::extract::{HandlePath, RequestDb};

/// A user's public profile.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct User {
    #[schema(format = "uuid")]
    id: String,
    /// The user's name in addresses.
    handle: String,
    /// The user's display name.
    name: String,
    /// A short text about the user, plain text.
    bio: String,
    /// `reader`, `author`, `editor` or `admin`.
    role: &'static str,
    /// The number of public posts.
    post_count: i64,
    /// When the user signed up.
    #[schema(format = "date-time")]
    created_at: String,
}

impl From<Profile> for User {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.id.to_string(),
            handle: profile.handle,
            name: profile.name,
            bio: profile.bio,
            role: profile.role.as_str(),
            post_count: profile.post_count,
            created_at: profile.created_at.rfc3339(),
        }
    }
}

/// List users, newest first.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "users", operation_id = "list_users", params(PageQuery, SearchQuery),
    responses(
        (status = 200, description = "A page of users.", body = List<User>),
        (status = 304, description = "The page still has the ETag that `If-None-Match` names."),
        (status = 400, description = "A parameter is not valid; `fields` says which.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn list(
    ListParams { search, page }: ListParams,
    RequestDb(db): RequestDb,
) -> Result<Json<List<User>>, Problem> {
    let users = users::list(&db, &search, &page).await?;
    Ok(Json(users.into()))
}

/// Get a user by handle.
#[utoipa::path(
    get, path = "/api/v1/users/{handle}", tag = "users", operation_id = "get_user", params(HandlePath),
    responses(
        (status = 200, description = "The user.", body = User),
        (
            status = 301, description = "The user has another handle now.",
            headers(("Location" = String, description = "The user's present address."))
        ),
        (status = 304, description = "The user still has the ETag that `If-None-Match` names."),
        (status = 404, description = "No user has this handle.", body = Problem, content_type = PROBLEM_JSON)
    )
)]
pub(super) async fn find(
    HandlePath { handle }: HandlePath,
    RequestDb(db): RequestDb,
) -> Result<Response, Problem> {
    match users::look_up(&db, &handle).await? {
        HandleLookup::User(profile) => Ok(Json(User::from(profile)).into_response()),
        HandleLookup::Moved(present) => Ok(moved(format!("/api/v1/users/{present}"))),
        HandleLookup::Nothing => Err(AppError::NotFound.into()),
    }
}
