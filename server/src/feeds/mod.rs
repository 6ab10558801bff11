//! Files for programs: feeds in Atom and JSON, the sitemap, robots.txt.

mod absolute;
mod atom;
mod json;
mod sitemap;
mod xml;

use app::context::RequestContext;
use app::text::undirected;
use app::{AppError, Problem};
use axum::Extension;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use db::queries::handles::HandleLookup;
use db::queries::posts::{self, FeedEntry};
use domain::Timestamp;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use url::Url;

use absolute::absolute;

use crate::answer::{Streamed, moved};
use crate::extract::{HandlePath, RequestDb};

/// A feed, in either format.
struct Feed<'a> {
    /// Scheme and host.
    origin: &'a str,
    /// The path of the page that the feed belongs to; empty for the whole site.
    path: &'a str,
    title: &'a str,
    /// The author, when all posts are by one.
    author: Option<&'a str>,
    /// The time of a feed without entries.
    since: Timestamp,
}

impl Feed<'_> {
    /// The address of the page.
    fn page(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { self.path };
        [self.origin, path].concat()
    }

    /// The feed's own address.
    fn address(&self, extension: &str) -> String {
        [self.origin, self.path, "/feed", extension].concat()
    }

    fn address_of(&self, entry: &FeedEntry) -> String {
        format!("{}/posts/{}", self.origin, entry.slug)
    }

    /// The HTML of a post, in which every address is absolute.
    fn content_of(&self, entry: &FeedEntry) -> Result<String, AppError> {
        let page = Url::parse(&self.address_of(entry));
        let page = page.map_err(|error| AppError::internal(&error))?;
        Ok(absolute(&entry.content_html, &page))
    }
}

/// The formats of feeds.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Atom,
    Json,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Atom => ".xml",
            Self::Json => ".json",
        }
    }

    fn answer(self, feed: &Feed<'_>, entries: &[FeedEntry]) -> Result<Response, AppError> {
        let (kind, body) = match self {
            Self::Atom => (
                "application/atom+xml; charset=utf-8",
                atom::render(feed, entries)?,
            ),
            Self::Json => (
                "application/feed+json; charset=utf-8",
                json::render(feed, entries)?,
            ),
        };
        Ok(file(kind, body))
    }
}

/// `/feed.xml` and `/feed.json`: the newest posts.
pub(crate) fn of_all(format: Format) -> MethodRouter {
    get(move |db, context| all(format, db, context))
}

async fn all(
    format: Format,
    RequestDb(db): RequestDb,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    let entries = posts::feed(&db).await?;
    let feed = Feed {
        origin: &context.site().origin,
        path: "",
        title: app::site::NAME,
        author: None,
        since: Timestamp::from_millis(0),
    };
    Ok(format.answer(&feed, &entries)?)
}

/// `/users/{handle}/feed.xml` and `/users/{handle}/feed.json`: the newest posts of a user.
pub(crate) fn of_user(format: Format) -> MethodRouter {
    get(move |handle, db, context| user(format, handle, db, context))
}

async fn user(
    format: Format,
    HandlePath { handle }: HandlePath,
    RequestDb(db): RequestDb,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    let (author, entries) = match posts::feed_of(&db, &handle).await? {
        HandleLookup::User(found) => found,
        HandleLookup::Moved(present) => {
            return Ok(moved(format!(
                "/users/{present}/feed{}",
                format.extension()
            )));
        }
        HandleLookup::Gone => return Err(AppError::Gone.into()),
        HandleLookup::Nothing => return Err(AppError::NotFound.into()),
    };
    let path = format!("/users/{handle}");
    let title = format!("{} on {}", undirected(&author.name), app::site::NAME);
    let feed = Feed {
        origin: &context.site().origin,
        path: &path,
        title: &title,
        author: Some(&author.name),
        since: author.created_at,
    };
    Ok(format.answer(&feed, &entries)?)
}

/// `/rss`, `/feed` and their like, under which readers of other software look for the feed.
pub(crate) async fn elsewhere() -> Response {
    moved("/feed.xml".to_owned())
}

/// `/sitemap.xml`: all public addresses, streamed.
pub(crate) async fn sitemap(
    RequestDb(db): RequestDb,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, Problem> {
    let stream = sitemap::stream(db, context.site().origin.clone()).await?;
    let mut response = file("application/xml; charset=utf-8", Body::from_stream(stream));
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

fn file(kind: &'static str, body: impl Into<Body>) -> Response {
    (
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=300")],
        body.into(),
    )
        .into_response()
}
