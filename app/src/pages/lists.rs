//! `/posts` and `/users`: everything, searched and paged. The page and the island's answer are one view.

use db::queries::{posts, users};
use domain::{PageRequest, Search};
use leptos::prelude::*;
use serde_json::json;

use super::{ROWS, page};
use crate::assets::{CLIENT_WASM, ISLANDS_JS};
use crate::components::{Head, Pager, PostList, Results, SearchForm, UserList};
use crate::context;
use crate::islands::FinderIsland;
use crate::server_fns::{Fragment, ListKind};
use crate::{AppError, address};

#[component]
pub(crate) fn PostsPage() -> impl IntoView {
    list_page(
        ListKind::Posts,
        "Posts",
        "Every post on Waypost, newest first, and a search through all of them.",
    )
}

#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    list_page(
        ListKind::Users,
        "Authors",
        "The people who write on Waypost, newest first.",
    )
}

fn list_page(subject: ListKind, title: &'static str, description: &'static str) -> impl IntoView {
    let (query, cursor) = (context::query("q"), context::query("cursor"));
    page(async move {
        let (search, page) = read(&query, &cursor)?;
        let results = results(subject, &search, &page).await?;
        let site = context::request()?.site().origin.clone();
        let path = address::list(subject.path(), search.text(), "cursor", &cursor);
        let json_ld = json!({
            "@context": "https://schema.org", "@type": "CollectionPage", "name": title, "url": format!("{site}{path}"),
        });
        Ok(view! {
            <Head title description path json_ld is_indexed=search.is_empty()/>
            <h1>{title}</h1>
            <FinderIsland>
                <SearchForm subject query=search.text().to_owned()/>
                {results}
            </FinderIsland>
            <IslandScripts/>
        })
    })
}

/// The scripts that make islands live: after everything that a reader sees first.
#[component]
fn IslandScripts() -> impl IntoView {
    view! {
        <link rel="preload" r#as="fetch" href=CLIENT_WASM crossorigin="anonymous" fetchpriority="low"/>
        <script type="module" async src=ISLANDS_JS fetchpriority="low"></script>
    }
}

/// What was asked for, from the text of an address.
fn read(query: &str, cursor: &str) -> Result<(Search, PageRequest), AppError> {
    let page = PageRequest::parse(Some(cursor), None, ROWS)
        .map_err(|why| AppError::invalid("cursor", why))?;
    Ok((Search::parse(query), page))
}

/// What stands below the search form.
async fn results(
    subject: ListKind,
    search: &Search,
    page: &PageRequest,
) -> Result<AnyView, AppError> {
    let db = context::db_async().await?;
    let query = search.text().to_owned();
    Ok(match subject {
        ListKind::Posts => {
            let found = posts::list(&db, search, page).await?;
            let list = view! {
                <PostList posts=&found.rows search/>
                <Pager paged=&found path=subject.path() query=search.text() older_text="Load more" is_live=true/>
            };
            view! { <Results subject query is_empty=found.rows.is_empty()>{list}</Results> }
                .into_any()
        }
        ListKind::Users => {
            let found = users::list(&db, search, page).await?;
            let list = view! {
                <UserList people=&found.rows search/>
                <Pager paged=&found path=subject.path() query=search.text() older_text="Load more" is_live=true/>
            };
            view! { <Results subject query is_empty=found.rows.is_empty()>{list}</Results> }
                .into_any()
        }
    })
}

/// The same for the island.
pub(crate) async fn fragment(
    subject: ListKind,
    query: &str,
    cursor: &str,
) -> Result<Fragment, AppError> {
    let (search, page) = read(query, cursor)?;
    let view = results(subject, &search, &page).await?;
    Ok(Fragment {
        html: view.to_html(),
    })
}
