//! Server functions. Islands call them over HTTP; pages, on the server, as plain functions.

use domain::Page;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

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
