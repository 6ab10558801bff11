//! A post in a list.

use leptos::either::Either;
use leptos::prelude::*;

use crate::list::PostItem;

/// A post: when it was published, its title, its excerpt, its author.
#[component]
pub(crate) fn PostListItem(
    post: PostItem,
    /// Set where the list stands below a heading of its own: titles are then one level lower.
    #[prop(default = false)]
    is_nested: bool,
    /// Name the author.
    #[prop(default = true)]
    has_author: bool,
) -> impl IntoView {
    let link = view! { <a href=format!("/posts/{}", post.slug) inner_html=post.title_html></a> };
    let heading = if is_nested {
        Either::Left(view! { <h3 dir="auto">{link}</h3> })
    } else {
        Either::Right(view! { <h2 dir="auto">{link}</h2> })
    };
    let author = has_author
        .then(|| view! { <a href=format!("/users/{}", post.author_handle)>{post.author_name}</a> });
    view! {
        <li>
            <article>
                <time class="meta" datetime=post.published_at>{post.published_on}</time>
                {heading}
                <p class="excerpt" dir="auto" inner_html=post.excerpt_html></p>
                <p class="meta">{author}<span>{post.reading_time}</span></p>
            </article>
        </li>
    }
}
