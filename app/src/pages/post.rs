//! `/posts/{slug}`: a post, its author, the posts before and after it, and comments.

use db::queries::posts::{self, PostLookup};
use domain::Slug;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::page;
use crate::AppError;
use crate::components::{Comments, Day, Head};
use crate::context;
use crate::failure::moved;
use crate::paging::{COMMENTS, page_at};
use crate::text::counted;

#[component]
pub(crate) fn PostPage() -> impl IntoView {
    let slug = use_params_map()
        .get_untracked()
        .get("slug")
        .unwrap_or_default();
    let cursor = context::query("comments");
    page(async move {
        let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
        let page = page_at("comments", &cursor, COMMENTS)?;
        let db = context::db_async().await?;
        match posts::read(&db, &slug, &page).await? {
            PostLookup::Post(page) => Ok(Either::Left(show(*page)?)),
            PostLookup::Moved(present) => Ok(Either::Right(moved(&format!("/posts/{present}")))),
            PostLookup::Gone => Err(AppError::Gone.into()),
            PostLookup::Nothing => Err(AppError::NotFound.into()),
        }
    })
}

fn show(page: posts::PostPage) -> Result<impl IntoView, AppError> {
    let posts::PostPage {
        post,
        comments,
        previous,
        next,
    } = page;
    let origin = context::request()?.site().origin.clone();
    let path = format!("/posts/{}", post.slug);
    let author_path = format!("/users/{}", post.author_handle);
    let json_ld = json!({
        "@context": "https://schema.org", "@type": "BlogPosting", "headline": post.title, "description": post.excerpt,
        "url": format!("{origin}{path}"), "datePublished": post.published_at, "dateModified": post.updated_at,
        "author": { "@type": "Person", "name": post.author_name, "url": format!("{origin}{author_path}") },
        "commentCount": post.comment_count,
    });
    let feed = (format!("{author_path}/feed.xml"), post.author_name.clone());
    let has_neighbours = previous.is_some() || next.is_some();
    let neighbour = |link: posts::PostLink, rel, word| {
        view! { <a rel=rel href=format!("/posts/{}", link.slug) dir="auto"><small>{word}</small>{link.title}</a> }
    };
    Ok(view! {
        <Head title=post.title.clone() description=post.excerpt.clone() path=path.clone() kind="article" json_ld feed/>
        <article>
            <header class="post-header">
                <h1 dir="auto">{post.title}</h1>
                <p class="lead" dir="auto">{post.excerpt}</p>
                <p class="meta">
                    <a rel="author" href=author_path.clone()>{post.author_name.clone()}</a>
                    {post.published_at.map(|at| view! { <Day at/> })}
                    <span>{post.reading_minutes}" min read"</span>
                </p>
            </header>
            <div class="prose" inner_html=post.content_html></div>
        </article>
        <aside class="author" aria-labelledby="author">
            <p class="meta">"Written by"</p>
            <h2 id="author" dir="auto"><a href=author_path.clone()>{post.author_name}</a></h2>
            <p class="bio" dir="auto">{post.author_bio}</p>
            <p class="meta">
                <a href=author_path.clone()>{counted(post.author_post_count, "post", "posts")}</a>
                <a href=format!("{author_path}/feed.xml")>"Feed"</a>
            </p>
        </aside>
        {has_neighbours.then(|| view! {
            <nav class="neighbours" aria-label="Next to this post">
                {previous.map(|link| neighbour(link, "prev", "Earlier"))}
                {next.map(|link| neighbour(link, "next", "Later"))}
            </nav>
        })}
        <Comments comments=&comments count=post.comment_count path=&path/>
    })
}
