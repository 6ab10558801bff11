//! `/posts` and `/users`: everything, searched and paged.

use db::queries::{posts, users};
use domain::{PageRequest, Search};
use leptos::either::Either;
use leptos::prelude::*;
use serde_json::json;

use super::{PageHtml, later, page};
use crate::address::ListKind;
use crate::assets::{CLIENT_WASM, ISLANDS_JS};
use crate::components::{Head, json_in_html};
use crate::failure::found;
use crate::islands::SearchIsland;
use crate::list::{FirstPage, ListPage};
use crate::server_fns::{list_posts, list_users};
use crate::{Problem, address, context, paging, site};

pub(crate) fn posts_page() -> PageHtml {
    list_page(
        ListKind::Posts,
        "Posts",
        format!(
            "Every post on {}, newest first, and a search through all of them.",
            site::NAME
        ),
    )
}

pub(crate) fn users_page() -> PageHtml {
    list_page(
        ListKind::Users,
        "Authors",
        format!("The people who write on {}, newest first.", site::NAME),
    )
}

fn list_page(kind: ListKind, heading: &'static str, description: String) -> PageHtml {
    let (query, cursor) = (context::query("q"), context::query("cursor"));
    let rows = context::query("rows");
    page(async move {
        let query = Search::tidy(&query);
        let request = paging::list_page(&cursor, &rows)?;
        if let Some(newer) = later::newer(&request) {
            let address = address_of_newer(kind, &query, &newer).await?;
            return Ok(Either::Left(found(&address)));
        }
        let page = first_page(kind, &query, &cursor, rows).await?;
        let origin = context::request()?.site().origin.clone();
        let path = address::list(kind.path(), &query, "cursor", &cursor);
        let title = match (query.is_empty(), Search::parse(&query).has_words()) {
            (true, _) => heading.to_owned(),
            (false, true) => format!("{heading} that match “{query}”"),
            (false, false) => "Nothing to search for".to_owned(),
        };
        let title = later::title(&title, request.cursor, page.older());
        let json_ld = json!({
            "@context": "https://schema.org", "@type": "CollectionPage", "name": title, "url": format!("{origin}{path}"),
            "inLanguage": site::LANGUAGE,
        });
        let is_indexed = query.is_empty();
        let first = FirstPage { query, page };
        let json = json_in_html(&first);
        provide_context(first);
        Ok(Either::Right(view! {
            <Head title description path json_ld is_indexed/>
            <h1>{heading}</h1>
            <SearchIsland/>
            <script type="application/json" id=FirstPage::ELEMENT inner_html=json></script>
            <IslandScripts/>
        }))
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

/// The one address of a page of newer rows.
async fn address_of_newer(
    kind: ListKind,
    query: &str,
    newer: &PageRequest,
) -> Result<String, Problem> {
    let (db, search) = (context::db_async().await?, Search::parse(query));
    let (rows, first) = match kind {
        ListKind::Posts => {
            let rows = posts::list(&db, &search, newer).await?.rows;
            (
                rows.len(),
                rows.first().map(|post| (post.published_at, post.id.0)),
            )
        }
        ListKind::Users => {
            let rows = users::list(&db, &search, newer).await?.rows;
            (
                rows.len(),
                rows.first().map(|user| (user.created_at, user.id.0)),
            )
        }
    };
    Ok(later::address(kind.path(), query, rows, first))
}

/// Scripts that make islands live. They come after everything that a reader sees first.
#[component]
fn IslandScripts() -> impl IntoView {
    view! {
        <link rel="preload" r#as="fetch" href=CLIENT_WASM crossorigin="anonymous" fetchpriority="low"/>
        <script type="module" async src=ISLANDS_JS fetchpriority="low"></script>
    }
}
