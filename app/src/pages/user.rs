//! `/users/{handle}`: an author's profile and posts.

use db::queries::handles::HandleLookup;
use db::queries::posts::{self, AuthorPage};
use domain::{Cursor, Handle, Search};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use serde_json::json;

use super::{PageHtml, later, page};
use crate::AppError;
use crate::components::{Day, Head, Pager, PostCount, PostList, ProfileText};
use crate::failure::{found, moved};
use crate::list::PostItem;
use crate::paging::{ROWS, page_at};
use crate::{address, context, language};

pub(crate) fn user_page() -> PageHtml {
    let handle = context::parameter();
    let cursor = context::query("cursor");
    page(async move {
        let handle = Handle::parse(&handle).map_err(|_| AppError::NotFound)?;
        let page = page_at("cursor", &cursor, ROWS)?;
        let newer = later::newer(&page);
        let db = context::db_async().await?;
        let lookup = posts::by_author(&db, &handle, newer.as_ref().unwrap_or(&page)).await?;
        let AuthorPage {
            profile: person,
            links,
            posts: list,
        } = match lookup {
            HandleLookup::User(author) => author,
            HandleLookup::Moved(present) => {
                return Ok(EitherOf3::B(moved(&format!("/users/{present}"))));
            }
            HandleLookup::Gone => return Err(AppError::Gone.into()),
            HandleLookup::Nothing => return Err(AppError::NotFound.into()),
        };

        let origin = context::request()?.site().origin.clone();
        let path = format!("/users/{}", person.handle);
        if newer.is_some() {
            let first = list.rows.first().map(|post| (post.published_at, post.id.0));
            let address = later::address(&path, "", list.rows.len(), first);
            return Ok(EitherOf3::A(found(&address)));
        }
        let own_path = address::list(&path, "", "cursor", &cursor);
        let title = later::title(&person.name, page.cursor, list.older);
        let lang = language::guess(&[person.name.as_str(), &person.bio]);
        let (profile_lang, dir, own) = language::attributes(lang);
        let description = if person.bio.is_empty() {
            format!("Posts by {}.", person.name)
        } else {
            person.bio.clone()
        };
        let mut json_ld = json!({
            "@context": "https://schema.org", "@type": "ProfilePage", "inLanguage": lang,
            "mainEntity": {
                "@type": "Person", "name": person.name, "alternateName": person.handle, "description": person.bio,
                "url": format!("{origin}{path}"),
            },
        });
        if !links.is_empty() {
            let addresses: Vec<&str> = links.iter().map(|link| link.url.as_str()).collect();
            json_ld["mainEntity"]["sameAs"] = json!(addresses);
        }
        let feed = format!("{path}/feed.xml");
        let address = |cursor: Cursor| address::list(&path, "", "cursor", &cursor.to_string());
        let (newer, older) = (list.newer.map(address), list.older.map(address));
        let posts: Vec<_> = list
            .rows
            .into_iter()
            .map(|post| PostItem::new(post, &Search::default()))
            .collect();
        let posts = if posts.is_empty() {
            Either::Left(view! { <p class="empty">"Nothing published yet."</p> })
        } else {
            Either::Right(view! { <PostList posts has_author=false/> })
        };
        Ok(EitherOf3::C(view! {
            <Head
                title
                description
                path=own_path
                kind="profile"
                json_ld
                feed=(feed.clone(), person.name.clone())
            />
            <header class="profile" lang=profile_lang dir=dir>
                <h1><bdi>{person.name}</bdi></h1>
                <ProfileText bio=person.bio links own/>
                <p class="meta" lang=own>
                    <span><bdi>"@"{person.handle}</bdi></span>
                    <PostCount count=person.post_count/>
                    <span><bdi>"here since "<Day at=person.created_at/></bdi></span>
                    <a href=feed>"Feed"</a>
                </p>
            </header>
            <h2 class="hidden">"Posts"</h2>
            {posts}
            <Pager newer older/>
        }))
    })
}
