//! The search form, and the words about its result.

use leptos::html::Input;
use leptos::prelude::*;

use crate::address::ListKind;

/// A search form that works as a plain form.
#[component]
pub(crate) fn SearchForm(
    kind: ListKind,
    query: String,
    /// The text field, for an island that reads it.
    #[prop(default = NodeRef::new())]
    field: NodeRef<Input>,
) -> impl IntoView {
    let label = match kind {
        ListKind::Posts => "Search posts",
        ListKind::Users => "Search authors",
    };
    view! {
        <form class="search" action=kind.path() role="search">
            <input
                node_ref=field
                type="search"
                name="q"
                value=query
                placeholder=label
                aria-label=label
                maxlength="100"
                autocomplete="off"
                enterkeyhint="search"
            />
            <button class="button">"Search"</button>
        </form>
    }
}

/// The result as a sentence, which screen readers announce.
pub(crate) fn search_status(kind: ListKind, query: &str, is_empty: bool) -> String {
    let found = match kind {
        ListKind::Posts => "Posts",
        ListKind::Users => "Authors",
    };
    match (query.is_empty(), is_empty) {
        (true, false) => String::new(),
        (true, true) => "There is nothing here yet.".to_owned(),
        (false, false) => format!("{found} that match “{query}”, newest first"),
        (false, true) => format!("Nothing matches “{query}”."),
    }
}

/// Advice after a search that found nothing.
#[component]
pub(crate) fn NothingFound(kind: ListKind) -> impl IntoView {
    let all = match kind {
        ListKind::Posts => "see all posts",
        ListKind::Users => "see all authors",
    };
    view! { <p class="empty">"Try fewer or shorter words, or "<a href=kind.path()>{all}</a>"."</p> }
}
