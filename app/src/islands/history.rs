//! The address bar and the browser's history: which part of a list they name.

use domain::Search;
use leptos::prelude::{location, window};
use wasm_bindgen::JsValue;

use crate::address::{self, ListKind};

/// A part of a list, as its address names it: what is searched for, and where the part begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListView {
    pub query: String,
    pub cursor: String,
}

impl ListView {
    /// The part that the address bar names.
    pub(super) fn current() -> Self {
        let query = location().search().unwrap_or_default();
        Self {
            query: Search::tidy(&address::parameter(&query, "q")),
            cursor: address::parameter(&query, "cursor"),
        }
    }

    pub(super) fn address(&self, kind: ListKind) -> String {
        address::list(kind.path(), &self.query, "cursor", &self.cursor)
    }
}

/// A way to put an address into the history.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A new entry, so that Back returns to the one before.
    Push,
    /// The present entry under another address.
    Replace,
}

/// Shows `address` in the address bar.
pub(super) fn show(address: &str, step: Step) {
    let Ok(history) = window().history() else {
        return;
    };
    // The browser refuses a site that does this hundreds of times a minute; the list is right all the same.
    let _ = match step {
        Step::Push => history.push_state_with_url(&JsValue::NULL, "", Some(address)),
        Step::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(address)),
    };
}
