//! `/api/v1/users`.

use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::response::Response;
use db::queries::users::{self, Profile};
use domain::Handle;
use serde::Serialize;

use super::list::{List, ListQuery};
use super::{ErrorBody, json};
use crate::refusal::Failure;

/// A person, as everybody may see one.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct User {
    /// The id, a UUID.
    #[schema(format = "uuid")]
    id: String,
    /// The name in addresses.
    handle: String,
    /// The name.
    name: String,
    /// A few words.
    bio: String,
    /// `reader`, `author`, `editor` or `admin`.
    role: &'static str,
    /// How many public posts there are.
    post_count: i64,
    /// When the person signed up (RFC 3339).
    #[schema(format = "date-time")]
    created_at: String,
}

impl From<Profile> for User {
    fn from(person: Profile) -> Self {
        Self {
            id: person.id.to_string(),
            handle: person.handle,
            name: person.name,
            bio: person.bio,
            role: person.role.as_str(),
            post_count: person.post_count,
            created_at: person.created_at.rfc3339(),
        }
    }
}

/// Everybody, newest first.
#[utoipa::path(
    get, path = "/api/v1/users", tag = "users", params(ListQuery),
    responses((status = 200, body = List<User>), (status = 304), (status = 400, body = ErrorBody), (status = 503, body = ErrorBody))
)]
pub(super) async fn list(
    Query(query): Query<ListQuery>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let (search, page) = query.read()?;
    let people = users::list(&context.db()?, &search, &page).await?;
    json(&List::of(people, User::from))
}

/// Somebody.
#[utoipa::path(
    get, path = "/api/v1/users/{handle}", tag = "users", params(("handle" = String, Path, description = "The name in addresses")),
    responses((status = 200, body = User), (status = 304), (status = 404, body = ErrorBody), (status = 503, body = ErrorBody))
)]
pub(super) async fn read(
    Path(handle): Path<String>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let handle = Handle::parse(&handle).map_err(|_| AppError::NotFound)?;
    let person = users::find(&context.db()?, &handle)
        .await?
        .ok_or(AppError::NotFound)?;
    json(&User::from(person))
}
