//! An author in a list.

use leptos::prelude::*;

use crate::language;
use crate::list::UserItem;

/// An author: their name, how many posts they have, what they say of themselves.
#[component]
pub(crate) fn UserListItem(user: UserItem) -> impl IntoView {
    let (lang, dir, own) = language::attributes(&user.language);
    view! {
        <li lang=lang dir=dir>
            <h2><a dir="auto" href=format!("/users/{}", user.handle) inner_html=user.name_html></a></h2>
            <p class="meta" lang=own><span><bdi>{user.post_count}</bdi></span></p>
            <p class="bio"><bdi inner_html=user.bio_html></bdi></p>
        </li>
    }
}
