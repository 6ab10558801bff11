//! Server functions. Islands call them over HTTP; pages, on the server, as plain functions.

use domain::Page;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::list::{PostItem, UserItem};

/// Lists the posts that `query` finds, newest first, `rows` of them from `cursor` on; each as it stands in
/// an address.
///
/// # Errors
/// 400 for a cursor or a number of rows that is not valid; 503 when the database cannot answer.
#[server(prefix = "/fn", endpoint = "list_posts", input = GetUrl, output = Json)]
pub async fn list_posts(
    query: String,
    cursor: String,
    #[server(default)] rows: String,
) -> Result<Page<PostItem>, Problem> {
    use db::queries::posts;
    use domain::Search;

    use crate::context::db_async;
    use crate::paging::list_page;

    let (search, page) = (Search::parse(&query), list_page(&cursor, &rows)?);
    let found = posts::list(&db_async().await?, &search, &page).await?;
    Ok(found.map(|post| PostItem::new(post, &search)))
}

/// Lists the authors that `query` finds, newest first, `rows` of them from `cursor` on; each as it stands in
/// an address.
///
/// # Errors
/// 400 for a cursor or a number of rows that is not valid; 503 when the database cannot answer.
#[server(prefix = "/fn", endpoint = "list_users", input = GetUrl, output = Json)]
pub async fn list_users(
    query: String,
    cursor: String,
    #[server(default)] rows: String,
) -> Result<Page<UserItem>, Problem> {
    use db::queries::users;
    use domain::Search;

    use crate::context::db_async;
    use crate::paging::list_page;

    let (search, page) = (Search::parse(&query), list_page(&cursor, &rows)?);
    let found = users::list(&db_async().await?, &search, &page).await?;
    Ok(found.map(|user| UserItem::new(user, &search)))
}

/// Somebody who is signed in, as the header of a page shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The name in addresses.
    pub handle: String,
    /// The name as it is shown.
    pub name: String,
}

/// Who is signed in in this browser; nobody may be. The script of every page asks for it, where a session was begun: so pages are one
/// text for everybody.
///
/// # Errors
/// 503 when the database cannot answer.
#[server(prefix = "/fn", endpoint = "me", input = GetUrl, output = Json)]
pub async fn me() -> Result<Option<SignedIn>, Problem> {
    use http::HeaderValue;
    use http::header::CACHE_CONTROL;

    use crate::context::{request, response};

    if let Some(response) = response() {
        response.insert_header(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    let session = request()?.session().await?;
    Ok(session.map(|session| SignedIn {
        handle: session.handle,
        name: session.name,
    }))
}
