//! A post in a list.

use leptos::either::Either;
use leptos::prelude::*;

use crate::language;
use crate::list::PostItem;

/// A post: when it was published, its title, its excerpt or the part of it that a search matched, its author.
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
    let (lang, dir, own) = language::attributes(&post.language);
    let link = view! { <a dir="auto" href=format!("/posts/{}", post.slug) inner_html=post.title_html></a> };
    let heading = if is_nested {
        Either::Left(view! { <h3>{link}</h3> })
    } else {
        Either::Right(view! { <h2>{link}</h2> })
    };
    let author = has_author.then(|| {
        view! { <a href=format!("/users/{}", post.author_handle)><bdi>{post.author_name}</bdi></a> }
    });
    let text = post.snippet_html.unwrap_or(post.excerpt_html);
    view! {
        <li>
            <article lang=lang dir=dir>
                <time class="meta" lang=own datetime=post.published_at><bdi>{post.published_on}</bdi></time>
                {heading}
                <p class="excerpt"><bdi inner_html=text></bdi></p>
                <p class="meta" lang=own>{author}<span><bdi>{post.reading_time}</bdi></span></p>
            </article>
        </li>
    }
}
