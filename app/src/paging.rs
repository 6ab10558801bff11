//! How long a page of each list is, and which page an address asks for.

use domain::PageRequest;

use crate::AppError;

/// Posts or authors on a page.
pub(crate) const ROWS: usize = 10;

/// Comments on a page of them.
pub(crate) const COMMENTS: usize = 50;

/// The page of `rows` rows that begins at `cursor`, the value of the address's parameter `name`.
///
/// # Errors
/// [`AppError::Invalid`] for a cursor that the site did not make.
pub(crate) fn page_at(name: &str, cursor: &str, rows: usize) -> Result<PageRequest, AppError> {
    PageRequest::parse(Some(cursor), None, rows).map_err(|why| AppError::invalid(name, why))
}
