//! The first page on the server, where the page has just loaded it.

use crate::context;
use crate::list::FirstPage;

/// The rows that the list begins with.
pub(crate) fn first_page() -> Option<FirstPage> {
    context::given()
}
