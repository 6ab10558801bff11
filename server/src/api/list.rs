//! Lists: their query parameters, and the form of a page.

use app::{AppError, Problem};
use axum::RequestPartsExt;
use axum::extract::{FromRequestParts, Query};
use domain::{InvalidPageRequest, Page, PageRequest, Search};
use http::request::Parts;
use serde::{Deserialize, Serialize};

/// The number of rows on a page when the request does not say.
const DEFAULT_LIMIT: usize = 20;

/// Query parameters of every list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// The largest number of rows on the page.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = json!(DEFAULT_LIMIT))]
    limit: Option<String>,
    /// The start of the page: `next` of the page before. Leave it out for the first page.
    #[param(pattern = "^([on](0|-?[1-9a-f][0-9a-f]{0,10})\\.[0-9a-f]{32})?$")]
    cursor: Option<String>,
}

/// Query parameters of a list that can be searched.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words to search for. All of them must occur; the last one may be the beginning of a word.
    q: Option<String>,
}

/// The page that a request asks for. A parameter that is not valid is 400.
pub(super) struct PageParams(pub(super) PageRequest);

impl<S: Send + Sync> FromRequestParts<S> for PageParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let PageQuery { limit, cursor } = query(parts, state).await?;
        let page = PageRequest::parse(cursor.as_deref(), limit.as_deref(), DEFAULT_LIMIT);
        let page = page.map_err(|why| {
            let field = match why {
                InvalidPageRequest::Cursor => "cursor",
                InvalidPageRequest::Limit => "limit",
            };
            AppError::invalid(field, why)
        })?;
        Ok(Self(page))
    }
}

/// The search and the page that a request asks for. A parameter that is not valid is 400.
pub(super) struct ListParams {
    pub(super) search: Search,
    pub(super) page: PageRequest,
}

impl<S: Send + Sync> FromRequestParts<S> for ListParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let PageParams(page) = PageParams::from_request_parts(parts, state).await?;
        let SearchQuery { q } = query(parts, state).await?;
        let search = Search::parse(q.as_deref().unwrap_or_default());
        Ok(Self { search, page })
    }
}

/// The query, of which every parameter is optional text: only one that is given twice cannot be read.
async fn query<Q, S>(parts: &mut Parts, state: &S) -> Result<Q, AppError>
where
    Query<Q>: FromRequestParts<S> + 'static,
    S: Send + Sync,
{
    let query = parts.extract_with_state::<Query<Q>, S>(state).await;
    query
        .map(|Query(query)| query)
        .map_err(|_| AppError::invalid("query", "Each query parameter can be given only once."))
}

/// One page of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct List<T> {
    /// The rows, newest first.
    data: Vec<T>,
    /// The `cursor` of the next page; null on the last page.
    #[schema(required)]
    next: Option<String>,
    /// The number of rows that a search found on all pages; 1001 stands for more than 1000. Only there with words in `q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1001)]
    total: Option<u32>,
}

impl<R, T: From<R>> From<Page<R>> for List<T> {
    fn from(page: Page<R>) -> Self {
        Self {
            next: page.older.map(|cursor| cursor.to_string()),
            total: page.total,
            data: page.rows.into_iter().map(T::from).collect(),
        }
    }
}
