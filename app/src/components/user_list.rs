//! A list of people.

use db::queries::users::Profile;
use domain::Search;
use leptos::prelude::*;

use super::{Marked, PostCount};

/// People, newest first.
#[component]
pub(crate) fn UserList<'a>(people: &'a [Profile], search: &'a Search) -> impl IntoView + use<> {
    let items = people
        .iter()
        .map(|person| {
            view! {
                <li>
                    <h2 dir="auto"><a href=format!("/users/{}", person.handle)><Marked text=&person.name search/></a></h2>
                    <p class="meta"><PostCount count=person.post_count/></p>
                    <p class="bio" dir="auto"><Marked text=&person.bio search/></p>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="people">{items}</ol> }
}
