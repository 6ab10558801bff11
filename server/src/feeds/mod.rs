//! What programs read: Atom feeds, the sitemap, robots.txt.

mod atom;
mod sitemap;

use app::AppError;
use app::context::RequestContext;
use axum::Extension;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use db::queries::posts;
use domain::Handle;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::answer::Streams;
use crate::refusal::Failure;

/// `/feed.xml`: the newest posts.
pub(crate) async fn all(
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let entries = posts::feed(&context.db_async().await?).await?;
    let feed = atom::Feed {
        origin: &context.site().origin,
        path: "",
        title: app::site::NAME,
        author: None,
    };
    Ok(xml(
        "application/atom+xml; charset=utf-8",
        atom::render(&feed, &entries)?,
    ))
}

/// `/users/{handle}/feed.xml`: somebody's newest posts.
pub(crate) async fn of_user(
    Path(handle): Path<String>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let handle = Handle::parse(&handle).map_err(|_| AppError::NotFound)?;
    let (person, entries) = posts::feed_of(&context.db_async().await?, &handle)
        .await?
        .ok_or(AppError::NotFound)?;
    let path = format!("/users/{handle}");
    let title = format!("{} on {}", person.name, app::site::NAME);
    let feed = atom::Feed {
        origin: &context.site().origin,
        path: &path,
        title: &title,
        author: Some(&person.name),
    };
    Ok(xml(
        "application/atom+xml; charset=utf-8",
        atom::render(&feed, &entries)?,
    ))
}

/// `/sitemap.xml`: every public address, streamed.
pub(crate) async fn sitemap(
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Failure> {
    let stream = sitemap::stream(context.db_async().await?, context.site().origin.clone()).await?;
    let mut response = xml("application/xml; charset=utf-8", Body::from_stream(stream));
    response.extensions_mut().insert(Streams);
    Ok(response)
}

/// `/robots.txt`.
pub(crate) async fn robots(Extension(context): Extension<RequestContext>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /fn/\n\nSitemap: {}/sitemap.xml\n",
        context.site().origin
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn xml(kind: &'static str, body: impl Into<Body>) -> Response {
    (
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=300")],
        body.into(),
    )
        .into_response()
}
