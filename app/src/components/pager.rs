//! Links to the neighbouring pages of a list.

use leptos::prelude::*;

/// Links to the newer and the older page, where there are such pages.
#[component]
pub(crate) fn Pager(
    newer: Option<String>,
    older: Option<String>,
    #[prop(default = "Older")] older_text: &'static str,
    /// Set where an island appends the older page in place.
    #[prop(default = false)]
    is_live: bool,
) -> impl IntoView {
    if newer.is_none() && older.is_none() {
        return None;
    }
    Some(view! {
        <nav class="pager" aria-label="Pages">
            {newer.map(|address| view! { <a class="sign" rel="prev" href=address>"Newer"</a> })}
            {older.map(|address| view! {
                <a class="sign" rel="next" href=address data-more=is_live.then_some("")>{older_text}</a>
            })}
        </nav>
    })
}
