//! An author in a list.

use leptos::prelude::*;

use crate::list::UserItem;

/// An author: their name, how many posts they have, what they say of themselves.
#[component]
pub(crate) fn UserListItem(user: UserItem) -> impl IntoView {
    view! {
        <li>
            <h2 dir="auto"><a href=format!("/users/{}", user.handle) inner_html=user.name_html></a></h2>
            <p class="meta"><span>{user.post_count}</span></p>
            <p class="bio" dir="auto" inner_html=user.bio_html></p>
        </li>
    }
}
