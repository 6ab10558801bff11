//! Days, times and counts.

use domain::{Role, Timestamp};
use leptos::prelude::*;

use crate::text::counted;

/// A day, for people and for programs.
#[component]
pub(crate) fn Day(at: Timestamp) -> impl IntoView {
    view! { <time datetime=at.rfc3339()><bdi>{at.day()}</bdi></time> }
}

/// A time to the minute, for people and for programs.
#[component]
pub(crate) fn Moment(at: Timestamp) -> impl IntoView {
    let exact = at.rfc3339();
    let time = exact.get(11..16).unwrap_or_default();
    let words = format!("{}, {time} UTC", at.day());
    view! { <time datetime=exact><bdi>{words}</bdi></time> }
}

/// How many posts somebody has.
#[component]
pub(crate) fn PostCount(count: i64) -> impl IntoView {
    view! { <span><bdi>{counted(count, "post", "posts")}</bdi></span> }
}

/// Every role, the one with the fewest rights first.
pub(crate) const ROLES: [Role; 4] = [Role::Reader, Role::Author, Role::Editor, Role::Admin];

/// The word for a role within a sentence.
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Author => "author",
        Role::Editor => "editor",
        Role::Admin => "administrator",
    }
}
