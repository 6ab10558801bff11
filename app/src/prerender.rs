//! Which pages can be made before anybody asks for them: the parameters of the static routes.
//!
//! Leptos asks these functions when the prerenderer goes through the routes, inside a context that finds its database by
//! itself ([`context::db_async`]). Absent: rendering and keeping the pages; see `server` and `server/prerender`.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use db::queries::sitemap;
use domain::{Cursor, Page, PageRequest};
use leptos_router::static_routes::{StaticParamsMap, StaticRoute};

use crate::{AppError, context, paging};

/// How many names one round trip brings.
const ROWS: usize = 1_000;

/// The page of comments that a post's own address shows.
pub fn comments() -> PageRequest {
    PageRequest::first(paging::COMMENTS)
}

/// The page of posts that an author's own address shows.
pub fn posts_of_author() -> PageRequest {
    PageRequest::first(paging::ROWS)
}

/// What to prerender, as a context of the routes; and what went wrong, which the routes cannot say themselves.
#[derive(Clone)]
pub struct Plan(Arc<Inner>);

struct Inner {
    most: usize,
    failure: Mutex<Option<AppError>>,
}

impl Plan {
    /// At most so many posts and so many authors, the newest; with 0, the database is not asked.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner {
            most,
            failure: Mutex::new(None),
        }))
    }

    /// Why the pages could not be listed.
    pub fn failure(&self) -> Option<AppError> {
        self.slot().take()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<AppError>> {
        self.0
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every public post.
pub(crate) fn posts() -> StaticRoute {
    StaticRoute::new().prerender_params(|| {
        names("slug", |page| async move {
            let db = context::db_async().await?;
            let found = sitemap::posts(&db, &page).await?;
            Ok(named(found, |post| post.slug))
        })
    })
}

/// Everybody who writes.
pub(crate) fn authors() -> StaticRoute {
    StaticRoute::new().prerender_params(|| {
        names("handle", |page| async move {
            let db = context::db_async().await?;
            let found = sitemap::users(&db, &page).await?;
            Ok(named(found, |user| user.handle))
        })
    })
}

type Names = (Vec<String>, Option<Cursor>);

fn named<T>(found: Page<T>, name: impl Fn(T) -> String) -> Names {
    (found.rows.into_iter().map(name).collect(), found.older)
}

/// The names that `list` gives, page by page, newest first, as the values of the route's parameter.
async fn names<F>(parameter: &str, list: impl Fn(PageRequest) -> F) -> StaticParamsMap
where
    F: Future<Output = Result<Names, AppError>>,
{
    let mut params = StaticParamsMap::new();
    if let Some(plan) = context::given::<Plan>() {
        match all(plan.0.most, list).await {
            Ok(names) => params.insert(parameter, names),
            Err(error) => *plan.slot() = Some(error),
        }
    }
    params
}

async fn all<F>(most: usize, list: impl Fn(PageRequest) -> F) -> Result<Vec<String>, AppError>
where
    F: Future<Output = Result<Names, AppError>>,
{
    let mut all = Vec::new();
    let mut cursor = None;
    while all.len() < most {
        let limit = ROWS.min(most - all.len());
        let (names, older) = list(PageRequest { limit, cursor }).await?;
        all.extend(names);
        cursor = older;
        if cursor.is_none() {
            break;
        }
    }
    Ok(all)
}
