//! `/posts/{slug}`: a post, its author, the posts before and after it, and comments.

use db::queries::posts::{self, PostLookup};
use domain::Slug;
use leptos::either::Either;
use leptos::prelude::*;
use serde_json::json;

use super::{PageHtml, page};
use crate::AppError;
use crate::components::{Article, Comments, Day, Head, image, of_site};
use crate::failure::moved;
use crate::paging::{COMMENTS, page_at};
use crate::text::counted;
use crate::{context, language};

pub(crate) fn post_page() -> PageHtml {
    let slug = context::parameter();
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
    let lang = language::guess(&[post.title.as_str(), &post.excerpt]);
    let dir = language::direction(lang);
    let (_, _, own) = language::attributes(lang);
    let (author_lang, author_dir, author_own) = language::attributes(language::guess(&[
        post.author_name.as_str(),
        &post.author_bio,
    ]));
    let json_ld = json!({
        "@context": "https://schema.org", "@type": "BlogPosting", "headline": post.title, "description": post.excerpt,
        "url": format!("{origin}{path}"), "datePublished": post.published_at, "dateModified": post.changed_at(),
        "author": { "@type": "Person", "name": post.author_name, "url": format!("{origin}{author_path}") },
        "commentCount": post.comment_count, "inLanguage": lang, "image": image(&origin), "publisher": of_site(&origin),
        "mainEntityOfPage": { "@type": "WebPage", "@id": format!("{origin}{path}") },
    });
    let article = Article {
        published_at: post.published_at,
        modified_at: post.changed_at(),
        author: author_path.clone(),
    };
    let feed = (format!("{author_path}/feed.xml"), post.author_name.clone());
    let has_neighbours = previous.is_some() || next.is_some();
    let neighbour = |link: posts::PostLink, rel, word| {
        let (lang, _, _) = language::attributes(language::guess(&[link.title.as_str()]));
        view! { <a rel=rel href=format!("/posts/{}", link.slug)><small>{word}</small><bdi lang=lang>{link.title}</bdi></a> }
    };
    Ok(view! {
        <Head title=post.title.clone() description=post.excerpt.clone() path=path.clone() kind="article" article json_ld feed/>
        <article lang=lang dir=dir>
            <header class="post-header">
                <h1><bdi>{post.title}</bdi></h1>
                <p class="lead"><bdi>{post.excerpt}</bdi></p>
                <p class="meta" lang=own>
                    <a rel="author" href=author_path.clone()><bdi>{post.author_name.clone()}</bdi></a>
                    {post.published_at.map(|at| view! { <Day at/> })}
                    <span><bdi>{post.reading_minutes}" min read"</bdi></span>
                </p>
            </header>
            <div class="prose" inner_html=post.content_html></div>
        </article>
        <aside class="author" aria-labelledby="author" lang=author_lang dir=author_dir>
            <p class="meta" lang=author_own>"Written by"</p>
            <h2 id="author"><a href=author_path.clone()><bdi>{post.author_name}</bdi></a></h2>
            <p class="bio"><bdi>{post.author_bio}</bdi></p>
            <p class="meta" lang=author_own>
                <a href=author_path.clone()><bdi>{counted(post.author_post_count, "post", "posts")}</bdi></a>
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
