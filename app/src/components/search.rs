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

/// The result as a sentence in HTML, which screen readers announce. What was searched for is isolated: direction signs in it
/// leave the sentence alone.
pub(crate) fn search_status(kind: ListKind, query: &str, is_empty: bool) -> String {
    let typed = format!("“<bdi>{}</bdi>”", escaped(query));
    if !query.is_empty() && !has_words(query) {
        return format!("There is nothing to search for in {typed}.");
    }
    let found = match kind {
        ListKind::Posts => "Posts",
        ListKind::Users => "Authors",
    };
    match (query.is_empty(), is_empty) {
        (true, false) => String::new(),
        (true, true) => "There is nothing here yet.".to_owned(),
        (false, false) => format!("{found} that match {typed}, newest first"),
        (false, true) => format!("Nothing matches {typed}."),
    }
}

/// True if a text has something that a search can look for: a letter or a digit.
fn has_words(query: &str) -> bool {
    query.chars().any(char::is_alphanumeric)
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
        for (query, is_empty, status) in [
            ("", false, ""),
            ("", true, "There is nothing here yet."),
            (
                "night train",
                false,
                "Posts that match “<bdi>night train</bdi>”, newest first",
            ),
            (
                "a<b>&",
                true,
                "Nothing matches “<bdi>a&lt;b&gt;&amp;</bdi>”.",
            ),
            (
                "\u{202E}abc",
                true,
                "Nothing matches “<bdi>\u{202E}abc</bdi>”.",
            ),
            (
                "🍕",
                true,
                "There is nothing to search for in “<bdi>🍕</bdi>”.",
            ),
            (
                "!!! …",
                true,
                "There is nothing to search for in “<bdi>!!! …</bdi>”.",
            ),
        ] {
            assert_eq!(search_status(ListKind::Posts, query, is_empty), status);
        }
    }

    #[test]
    fn words_are_letters_and_digits_of_any_script() {
        for (query, expected) in [
            ("42", true),
            ("夜", true),
            ("ส", true),
            ("c++", true),
            ("", false),
            ("🍕🇯🇵", false),
            ("--- ?!", false),
            ("\u{202E}", false),
        ] {
            assert_eq!(has_words(query), expected, "{query}");
        }
    }
}
