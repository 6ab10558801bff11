//! The texts of a profile, on its own page and in a preview of it.

use db::queries::profile_links::LinkRow;
use leptos::prelude::*;

/// The text that a user wrote about themselves, and their links, which lead to pages of the same person (`rel="me"`).
#[component]
pub(crate) fn ProfileText(
    bio: String,
    links: Vec<LinkRow>,
    /// The language of what is not the user's text.
    own: Option<&'static str>,
) -> impl IntoView {
    let has_links = !links.is_empty();
    let links = links.into_iter().map(|link| {
        view! { <li><a href=link.url rel="me nofollow"><bdi>{link.label}</bdi></a></li> }
    });
    let links = links.collect_view();
    view! {
        <p class="bio"><bdi>{bio}</bdi></p>
        {has_links.then(|| view! { <ul class="links" lang=own>{links}</ul> })}
    }
}
