//! The ways on from a page of a list.

use domain::{Cursor, Page};
use leptos::prelude::*;

use crate::address;

/// Links to the newer and the older page; with `is_live` an island may append the older one in place.
#[component]
pub(crate) fn Pager<'a, T>(
    paged: &'a Page<T>,
    path: &'a str,
    #[prop(default = "cursor")] parameter: &'static str,
    #[prop(default = "")] query: &'a str,
    #[prop(default = "Older")] older_text: &'static str,
    #[prop(default = false)] is_live: bool,
) -> impl IntoView + use<T> {
    if paged.newer.is_none() && paged.older.is_none() {
        return None;
    }
    let address = |cursor: Cursor| address::list(path, query, parameter, &cursor.to_string());
    Some(view! {
        <nav class="pager" aria-label="Pages">
            {paged.newer.map(|cursor| view! { <a class="sign" rel="prev" href=address(cursor)>"Newer"</a> })}
            {paged.older.map(|cursor| view! {
                <a class="sign" rel="next" href=address(cursor) data-more=is_live.then_some("")>{older_text}</a>
            })}
        </nav>
    })
}
