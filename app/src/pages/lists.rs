//! `/posts` and `/users`: everything, searched and paged.

use domain::Search;
use leptos::prelude::*;
use serde_json::json;

use super::page;
use crate::address::ListKind;
use crate::assets::{CLIENT_WASM, ISLANDS_JS};
use crate::components::{Head, json_in_html};
use crate::islands::SearchIsland;
use crate::list::{FirstPage, ListPage};
use crate::server_fns::{list_posts, list_users};
use crate::{Problem, address, context, site};

#[component]
pub(crate) fn PostsPage() -> impl IntoView {
    list_page(
        ListKind::Posts,
        "Posts",
        format!(
            "Every post on {}, newest first, and a search through all of them.",
            site::NAME
        ),
    )
}

#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    list_page(
        ListKind::Users,
        "Authors",
        format!("The people who write on {}, newest first.", site::NAME),
    )
}

fn list_page(kind: ListKind, title: &'static str, description: String) -> impl IntoView {
    let (query, cursor) = (context::query("q"), context::query("cursor"));
    let rows = context::query("rows");
    page(async move {
        let page = first_page(kind, &query, &cursor, rows).await?;
        let query = Search::tidy(&query);
        let origin = context::request()?.site().origin.clone();
        let path = address::list(kind.path(), &query, "cursor", &cursor);
        let json_ld = json!({
            "@context": "https://schema.org", "@type": "CollectionPage", "name": title, "url": format!("{origin}{path}"),
        });
        let is_indexed = query.is_empty();
        let first = FirstPage { query, page };
        provide_context(first.clone());
        Ok(view! {
            <Head title description path json_ld is_indexed/>
            <h1>{title}</h1>
            <SearchIsland/>
            <script type="application/json" id=FirstPage::ELEMENT inner_html=json_in_html(&first)></script>
            <IslandScripts/>
        })
    })
}

/// Loads the rows that the page shows at first.
async fn first_page(
    kind: ListKind,
    query: &str,
    cursor: &str,
    rows: String,
) -> Result<ListPage, Problem> {
    let (query, cursor) = (query.to_owned(), cursor.to_owned());
    Ok(match kind {
        ListKind::Posts => ListPage::Posts(list_posts(query, cursor, rows).await?),
        ListKind::Users => ListPage::Users(list_users(query, cursor, rows).await?),
    })
}

/// Scripts that make islands live. They come after everything that a reader sees first.
#[component]
fn IslandScripts() -> impl IntoView {
    view! {
        <link rel="preload" r#as="fetch" href=CLIENT_WASM crossorigin="anonymous" fetchpriority="low"/>
        <script type="module" async src=ISLANDS_JS fetchpriority="low"></script>
    }
}
