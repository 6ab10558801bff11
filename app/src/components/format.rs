//! Small facts: days, counts, matches.

use domain::{Search, Timestamp, highlight};
use leptos::prelude::*;

/// A day, for people and for programs.
#[component]
pub(crate) fn Day(at: Timestamp, #[prop(optional)] class: &'static str) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    view! { <time class=class datetime=at.rfc3339()>{at.day()}</time> }
}

/// `1 post`, `2 posts`.
pub(crate) fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How many posts somebody has.
#[component]
pub(crate) fn PostCount(count: i64) -> impl IntoView {
    view! { <span>{counted(count, "post", "posts")}</span> }
}

/// Text with what a search matched marked.
#[component]
pub(crate) fn Marked<'a>(text: &'a str, search: &'a Search) -> impl IntoView + use<> {
    if search.is_empty() {
        return text.to_owned().into_any();
    }
    highlight(text, search)
        .into_iter()
        .map(|piece| {
            let text = piece.text.to_owned();
            if piece.is_match {
                view! { <mark>{text}</mark> }.into_any()
            } else {
                text.into_any()
            }
        })
        .collect_view()
        .into_any()
}
