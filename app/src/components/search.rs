//! The search form, and what stands below it.

use leptos::prelude::*;

use crate::server_fns::ListKind;

/// A search form that works as a plain form.
#[component]
pub(crate) fn SearchForm(subject: ListKind, query: String) -> impl IntoView {
    let label = match subject {
        ListKind::Posts => "Search posts",
        ListKind::Users => "Search authors",
    };
    view! {
        <form class="search" action=subject.path() role="search">
            <input
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

/// What was found, with a line that says so to everybody who does not see it.
#[component]
pub(crate) fn Results(
    subject: ListKind,
    query: String,
    is_empty: bool,
    children: Children,
) -> impl IntoView {
    let (what, all) = match subject {
        ListKind::Posts => ("Posts", "see all posts"),
        ListKind::Users => ("Authors", "see all authors"),
    };
    let status = match (query.is_empty(), is_empty) {
        (true, false) => String::new(),
        (true, true) => "There is nothing here yet.".to_owned(),
        (false, false) => format!("{what} that match “{query}”, newest first"),
        (false, true) => format!("Nothing matches “{query}”."),
    };
    let ways_on = (is_empty && !query.is_empty()).then(|| {
        view! { <p class="empty">"Try fewer or shorter words, or "<a href=subject.path()>{all}</a>"."</p> }
    });
    view! {
        <p class="status" role="status">{status}</p>
        <div class="results">{if is_empty { ways_on.into_any() } else { children().into_any() }}</div>
    }
}
