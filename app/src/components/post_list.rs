//! A list of posts.

use db::queries::posts::PostCard;
use domain::Search;
use leptos::prelude::*;

use super::{Day, Marked};

/// Posts, newest first.
#[component]
pub(crate) fn PostList<'a>(
    posts: &'a [PostCard],
    search: &'a Search,
    /// Whether a heading stands above the list already.
    #[prop(default = false)]
    is_nested: bool,
    /// Whether the author is named.
    #[prop(default = true)]
    has_author: bool,
) -> impl IntoView + use<> {
    let items = posts
        .iter()
        .map(|post| {
            let link = view! { <a href=format!("/posts/{}", post.slug)><Marked text=&post.title search/></a> };
            let heading = if is_nested {
                view! { <h3 dir="auto">{link}</h3> }.into_any()
            } else {
                view! { <h2 dir="auto">{link}</h2> }.into_any()
            };
            let author = has_author.then(|| {
                view! { <a href=format!("/users/{}", post.author_handle)>{post.author_name.clone()}</a> }
            });
            view! {
                <li>
                    <article>
                        <Day class="meta" at=post.published_at/>
                        {heading}
                        <p class="excerpt" dir="auto"><Marked text=&post.excerpt search/></p>
                        <p class="meta">{author}<span>{post.reading_minutes}" min read"</span></p>
                    </article>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="posts">{items}</ol> }
}
