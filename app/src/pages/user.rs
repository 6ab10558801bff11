//! `/users/{handle}`: somebody's profile and posts.

use db::queries::posts;
use domain::{Handle, PageRequest, Search};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::{ROWS, page};
use crate::AppError;
use crate::components::{Day, Head, Pager, PostCount, PostList};
use crate::context;

#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let handle = use_params_map()
        .get_untracked()
        .get("handle")
        .unwrap_or_default();
    let cursor = context::query("cursor");
    page(async move {
        let handle = Handle::parse(&handle).map_err(|_| AppError::NotFound)?;
        let page = PageRequest::parse(Some(&cursor), None, ROWS)
            .map_err(|why| AppError::invalid("cursor", why))?;
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
        let everything = Search::default();
        let posts = if found.rows.is_empty() {
            view! { <p class="empty">"Nothing published yet."</p> }.into_any()
        } else {
            view! { <PostList posts=&found.rows search=&everything is_nested=true has_author=false/> }.into_any()
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
            <Pager paged=&found path=&path/>
        })
    })
}
