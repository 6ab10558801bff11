//! What every list takes and gives.

use app::AppError;
use domain::{Page, PageRequest, Search};
use serde::{Deserialize, Serialize};

use crate::refusal::Failure;

/// How many rows a page has when nobody says.
const ROWS: usize = 20;

/// What a list takes.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// How many rows at most, 1 to 100; 20 when left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Words that must all occur; the last one may be a beginning.
    q: Option<String>,
}

impl ListQuery {
    /// Reads it.
    pub(super) fn read(&self) -> Result<(Search, PageRequest), Failure> {
        let page = PageRequest::parse(self.cursor.as_deref(), self.limit.as_deref(), ROWS)
            .map_err(|why| {
                let field = match why {
                    domain::InvalidPageRequest::Cursor => "cursor",
                    domain::InvalidPageRequest::Limit => "limit",
                };
                AppError::invalid(field, why)
            })?;
        Ok((Search::parse(self.q.as_deref().unwrap_or_default()), page))
    }
}

/// One page of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct List<T> {
    /// The rows, newest first.
    data: Vec<T>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
}

impl<T> List<T> {
    /// The page as JSON has it.
    pub(super) fn of<R>(page: Page<R>, show: impl FnMut(R) -> T) -> Self {
        let next = page.older.map(|cursor| cursor.to_string());
        Self {
            data: page.rows.into_iter().map(show).collect(),
            next,
        }
    }
}
