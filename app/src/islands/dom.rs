//! What an island asks of the browser. On the server these do nothing: no event happens there.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlInputElement, Window};

/// The window; none on the server.
pub(super) fn window() -> Option<Window> {
    if cfg!(feature = "hydrate") {
        web_sys::window()
    } else {
        None
    }
}

/// The document.
pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// The first element below `root` that `selector` finds.
pub(super) fn first(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).ok().flatten()
}

/// The search field below `root`.
pub(super) fn field(root: &Element) -> Option<HtmlInputElement> {
    first(root, "input[type=search]")?.dyn_into().ok()
}
