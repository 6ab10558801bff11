//! `/users/{handle}`: an author's profile and posts.

use db::queries::posts;
use domain::{Cursor, Handle, Search};
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::page;
use crate::AppError;
use crate::components::{Day, Head, Pager, PostCount, PostList};
use crate::list::PostItem;
use crate::paging::{ROWS, page_at};
use crate::{address, context};

#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let handle = use_params_map()
        .get_untracked()
        .get("handle")
        .unwrap_or_default();
    let cursor = context::query("cursor");
    page(async move {
        let handle = Handle::parse(&handle).map_err(|_| AppError::NotFound)?;
        let page = page_at("cursor", &cursor, ROWS)?;
        let db = context::db_async().await?;
        let (person, found) = posts::by_author(&db, &handle, &page)
            .await?
            .ok_or(AppError::NotFound)?;

        let origin = context::request()?.site().origin.clone();
        let path = format!("/users/{}", person.handle);
        let description = if person.bio.is_empty() {
            format!("Posts by {}.", person.name)
        } else {
            person.bio.clone()
        };
        let json_ld = json!({
            "@context": "https://schema.org", "@type": "ProfilePage",
            "mainEntity": {
                "@type": "Person", "name": person.name, "alternateName": person.handle, "description": person.bio,
                "url": format!("{origin}{path}"),
            },
        });
        let feed = format!("{path}/feed.xml");
        let address = |cursor: Cursor| address::list(&path, "", "cursor", &cursor.to_string());
        let (newer, older) = (found.newer.map(address), found.older.map(address));
        let posts: Vec<_> = found
            .rows
            .into_iter()
            .map(|post| PostItem::new(post, &Search::default()))
            .collect();
        let posts = if posts.is_empty() {
            Either::Left(view! { <p class="empty">"Nothing published yet."</p> })
        } else {
            Either::Right(view! { <PostList posts has_author=false/> })
        };
        Ok(view! {
            <Head
                title=person.name.clone()
                description
                path=path.clone()
                kind="profile"
                json_ld
                feed=(feed.clone(), person.name.clone())
            />
            <header class="profile">
                <h1 dir="auto">{person.name}</h1>
                <p class="bio" dir="auto">{person.bio}</p>
                <p class="meta">
                    <span>"@"{person.handle}</span>
                    <PostCount count=person.post_count/>
                    <span>"here since "<Day at=person.created_at/></span>
                    <a href=feed>"Feed"</a>
                </p>
            </header>
            <h2 class="hidden">"Posts"</h2>
            {posts}
            <Pager newer older/>
        })
    })
}
