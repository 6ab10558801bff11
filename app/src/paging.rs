//! The page that an address asks for.

use domain::{InvalidPageRequest, PageRequest};

use crate::AppError;

/// Posts or authors that a list shows at first, and that "Load more" adds.
pub const ROWS: usize = 10;

/// Comments on a page of them.
pub(crate) const COMMENTS: usize = 50;

/// The page of `rows` rows that begins at `cursor`, the value of the address's parameter `name`.
///
/// # Errors
/// [`AppError::Invalid`] for a cursor that the site did not make.
pub(crate) fn page_at(name: &str, cursor: &str, rows: usize) -> Result<PageRequest, AppError> {
    PageRequest::parse(Some(cursor), None, rows).map_err(|why| AppError::invalid(name, why))
}

/// The page of a list that begins at `cursor` and has `rows` rows, the values of the address's parameters of these names.
///
/// # Errors
/// [`AppError::Invalid`] for a cursor that the site did not make, and for fewer than 1 or more than 100 rows.
pub(crate) fn list_page(cursor: &str, rows: &str) -> Result<PageRequest, AppError> {
    PageRequest::parse(Some(cursor), Some(rows), ROWS).map_err(|why| {
        let parameter = match why {
            InvalidPageRequest::Cursor => "cursor",
            InvalidPageRequest::Limit => "rows",
        };
        AppError::invalid(parameter, why)
    })
}
