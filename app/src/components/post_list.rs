//! A list of posts below a heading.

use leptos::prelude::*;

use super::PostListItem;
use crate::list::PostItem;

/// Posts, newest first.
#[component]
pub(crate) fn PostList(
    posts: Vec<PostItem>,
    /// Name the authors.
    #[prop(default = true)]
    has_author: bool,
) -> impl IntoView {
    let items = posts
        .into_iter()
        .map(|post| view! { <PostListItem post is_nested=true has_author/> })
        .collect_view();
    view! { <ol class="posts">{items}</ol> }
}
