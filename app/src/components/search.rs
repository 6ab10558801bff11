//! The search form, and the words about its result.

use leptos::html::Input;
use leptos::prelude::*;

use crate::address::ListKind;
use crate::html::escaped;

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
                dir="auto"
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

/// The most matches that are counted; a larger total stands for more.
const MAX_COUNTED: u32 = 1_000;

/// The result as a sentence in HTML, which screen readers announce: how much a search found in `total` (nothing was searched for
/// without one), or that a list is empty.
/// What was searched for is isolated: direction signs in it leave the sentence alone.
pub(crate) fn search_status(
    kind: ListKind,
    query: &str,
    total: Option<u32>,
    is_empty: bool,
) -> String {
    let typed = format!("“<bdi>{}</bdi>”", escaped(query));
    let (one, many) = match kind {
        ListKind::Posts => ("post", "posts"),
        ListKind::Users => ("author", "authors"),
    };
    match (query.is_empty(), is_empty, total) {
        (true, false, _) => String::new(),
        (true, true, _) => "There is nothing here yet.".to_owned(),
        (false, true, None) => format!("There is nothing to search for in {typed}."),
        (false, true, Some(_)) => format!("Nothing matches {typed}."),
        (false, false, Some(1)) => format!("1 {one} matches {typed}"),
        (false, false, Some(total)) if total <= MAX_COUNTED => {
            format!("{total} {many} match {typed}, newest first")
        }
        (false, false, _) => format!("More than 1,000 {many} match {typed}, newest first"),
    }
}

/// Advice after a search that found nothing.
#[component]
pub(crate) fn NothingFound(kind: ListKind) -> impl IntoView {
    let all = match kind {
        ListKind::Posts => "see all posts",
        ListKind::Users => "see all authors",
    };
    view! { <p class="empty">"Try other, fewer or shorter words, or "<a href=kind.path()>{all}</a>"."</p> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_says_what_was_searched_for_and_isolates_it() {
        for (query, total, status) in [
            (
                "night train",
                Some(1),
                "1 post matches “<bdi>night train</bdi>”",
            ),
            (
                "night train",
                Some(1_000),
                "1000 posts match “<bdi>night train</bdi>”, newest first",
            ),
            (
                "night train",
                Some(1_001),
                "More than 1,000 posts match “<bdi>night train</bdi>”, newest first",
            ),
            (
                "a<b>&",
                Some(0),
                "Nothing matches “<bdi>a&lt;b&gt;&amp;</bdi>”.",
            ),
            (
                "\u{202E}abc",
                Some(0),
                "Nothing matches “<bdi>\u{202E}abc</bdi>”.",
            ),
            (
                "🍕",
                None,
                "There is nothing to search for in “<bdi>🍕</bdi>”.",
            ),
            (
                "!!! …",
                None,
                "There is nothing to search for in “<bdi>!!! …</bdi>”.",
            ),
        ] {
            let found = search_status(ListKind::Posts, query, total, total.is_none_or(|n| n == 0));
            assert_eq!(found, status);
        }
        let all = |is_empty| search_status(ListKind::Users, "", None, is_empty);
        assert_eq!(all(false), "");
        assert_eq!(all(true), "There is nothing here yet.");
    }
}
