//! Extractors that the API and the feeds share: what a handler needs of a request, read and checked.

use app::context::RequestContext;
use app::{AppError, Problem};
use axum::RequestPartsExt;
use axum::extract::{FromRequestParts, Path};
use db::Db;
use domain::{Handle, Slug};
use http::request::Parts;

/// The slug in the path. Text that is no slug names no post, and so is 404.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SlugPath {
    /// The post's slug: the last part of its address.
    #[param(
        value_type = String, example = "everything-markdown-can-do-here",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 80
    )]
    pub(crate) slug: Slug,
}

impl<S: Send + Sync> FromRequestParts<S> for SlugPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let slug = Slug::parse(&path_text(parts, state).await?).map_err(|_| AppError::NotFound)?;
        Ok(Self { slug })
    }
}

/// The handle in the path. Text that is no handle names no user, and so is 404.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct HandlePath {
    /// The user's handle: their name in addresses.
    #[param(
        value_type = String, example = "tomasz-wrona",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", min_length = 2, max_length = 30
    )]
    pub(crate) handle: Handle,
}

impl<S: Send + Sync> FromRequestParts<S> for HandlePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let handle =
            Handle::parse(&path_text(parts, state).await?).map_err(|_| AppError::NotFound)?;
        Ok(Self { handle })
    }
}

/// The one parameter of the path, as text.
async fn path_text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, AppError> {
    let path = parts.extract_with_state::<Path<String>, S>(state).await;
    path.map(|Path(text)| text).map_err(|_| AppError::NotFound)
}

/// The request's database client.
pub(crate) struct RequestDb(pub(crate) Db);

impl<S: Send + Sync> FromRequestParts<S> for RequestDb {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let context = parts.extensions.get::<RequestContext>();
        let context =
            context.ok_or_else(|| AppError::internal(&"the request carries no context"))?;
        Ok(Self(context.db_async().await?))
    }
}
