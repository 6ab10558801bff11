//! Pages of administration, for those to whom the policy shows people: everybody, one person, invites, events.
//!
//! The forms are plain HTML; `server/src/accounts/admin.rs` takes them.

mod events;
mod invites;
mod people;
mod person;

use domain::Cursor;
use leptos::prelude::*;

pub(crate) use events::events_page;
pub(crate) use invites::all_invites_page;
pub(crate) use people::people_page;
pub(crate) use person::person_page;

use crate::address;

/// The rows on a page of a list.
const ROWS: usize = 25;

/// The links between the lists.
#[component]
fn Tabs(
    /// The path of the present list; empty on a page below it.
    path: &'static str,
) -> impl IntoView {
    const LISTS: [(&str, &str); 3] = [
        ("/admin", "People"),
        ("/admin/invites", "Invites"),
        ("/admin/events", "Events"),
    ];
    let links = LISTS.map(|(address, label)| {
        let current = (address == path).then_some("page");
        view! { <li><a href=address aria-current=current>{label}</a></li> }
    });
    view! { <nav class="tabs" aria-label="Administration"><ul>{links.collect_view()}</ul></nav> }
}

/// The address of another page of the list at `path`, which is narrowed by `pairs`.
fn neighbour(path: &str, pairs: &[(&str, &str)], cursor: Cursor) -> String {
    let cursor = cursor.to_string();
    address::with_values(path, &[pairs, &[("cursor", cursor.as_str())]].concat())
}

/// A choice of a list: its value, its words, and whether it is the present one.
#[component]
fn Choice(value: &'static str, #[prop(into)] label: String, is_chosen: bool) -> impl IntoView {
    view! { <option value=value selected=is_chosen>{label}</option> }
}
