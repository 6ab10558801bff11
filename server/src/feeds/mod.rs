//! Files for programs: Atom feeds, the sitemap, robots.txt.

mod atom;
mod sitemap;
mod xml;

use app::context::RequestContext;
use app::text::undirected;
use app::{AppError, Problem};
use axum::Extension;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use db::queries::handles::HandleLookup;
use db::queries::posts;
use domain::Timestamp;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::answer::{Streamed, moved};
use crate::extract::{HandlePath, RequestDb};

/// `/feed.xml`: the newest posts.
pub(crate) async fn all(
    RequestDb(db): RequestDb,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    let entries = posts::feed(&db).await?;
    let feed = atom::Feed {
        origin: &context.site().origin,
        path: "",
        title: app::site::NAME,
        author: None,
        since: Timestamp::from_millis(0),
    };
    Ok(xml(
        "application/atom+xml; charset=utf-8",
        atom::render(&feed, &entries)?,
    ))
}

/// `/users/{handle}/feed.xml`: the newest posts of a user.
pub(crate) async fn of_user(
    HandlePath { handle }: HandlePath,
    RequestDb(db): RequestDb,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    let (author, entries) = match posts::feed_of(&db, &handle).await? {
        HandleLookup::User(found) => found,
        HandleLookup::Moved(present) => {
            return Ok(moved(format!("/users/{present}/feed.xml")));
        }
        HandleLookup::Nothing => return Err(AppError::NotFound.into()),
    };
    let path = format!("/users/{handle}");
    let title = format!("{} on {}", undirected(&author.name), app::site::NAME);
    let feed = atom::Feed {
        origin: &context.site().origin,
        path: &path,
        title: &title,
        author: Some(&author.name),
        since: author.created_at,
    };
    Ok(xml(
        "application/atom+xml; charset=utf-8",
        atom::render(&feed, &entries)?,
    ))
}

/// `/sitemap.xml`: all public addresses, streamed.
pub(crate) async fn sitemap(
    RequestDb(db): RequestDb,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    let stream = sitemap::stream(db, context.site().origin.clone()).await?;
    let mut response = xml("application/xml; charset=utf-8", Body::from_stream(stream));
    response.extensions_mut().insert(Streamed);
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
