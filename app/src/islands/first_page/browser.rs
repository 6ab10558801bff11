//! The first page in the browser, where it stands in the page as JSON.

use leptos::prelude::document;

use crate::from_js::FromJs;
use crate::list::FirstPage;

/// The rows that the list begins with.
pub(crate) fn first_page() -> Option<FirstPage> {
    let element = document().get_element_by_id(FirstPage::ELEMENT)?;
    FirstPage::from_js(&js_sys::JSON::parse(&element.text_content()?).ok()?)
}
