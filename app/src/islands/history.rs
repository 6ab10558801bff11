//! The address bar and the browser's history: which part of a list they name.

use domain::Search;
use leptos::prelude::{location, window};
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use crate::address::{self, ListKind};

/// A part of a list, as its address names it: what is searched for, where the part begins, and how many rows it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListView {
    pub query: String,
    pub cursor: String,
    /// Empty for the usual number.
    pub rows: String,
}

impl ListView {
    /// The part that the address bar names.
    pub(super) fn current() -> Self {
        let address = location().search().unwrap_or_default();
        let parameters = UrlSearchParams::new_with_str(&address).ok();
        let value = |name| {
            let value = parameters.as_ref().and_then(|given| given.get(name));
            value.unwrap_or_default()
        };
        Self {
            query: Search::tidy(&value("q")),
            cursor: value("cursor"),
            rows: value("rows"),
        }
    }

    /// The newest of those that `query` finds.
    pub(super) fn newest(query: String) -> Self {
        Self {
            query,
            ..Self::default()
        }
    }

    pub(super) fn address(&self, kind: ListKind) -> String {
        let pairs = [
            ("q", self.query.as_str()),
            ("cursor", &self.cursor),
            ("rows", &self.rows),
        ];
        address::with_values(kind.path(), &pairs)
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
