//! The sitemap (sitemaps.org), streamed so that its length costs no memory.

use std::convert::Infallible;
use std::sync::Arc;

use app::AppError;
use app::prerender::{POST, USER};
use db::Db;
use db::queries::sitemap::{self, PostAddress, UserAddress};
use domain::{Cursor, PageRequest, Timestamp};
use futures::stream::{self, Stream};
use quick_xml::escape::escape;

use super::xml::legal;

/// The most addresses that the format allows in one sitemap.
const MAX_ADDRESSES: usize = 50_000;
/// The rows of one round trip.
const ROWS: usize = 2_000;

/// The sitemap's text, piece by piece: `pages`, then users and posts. The first query is made before the response begins, so that a database that is down
/// is a 503 and not a broken file; when a later one fails, the file ends early but well-formed.
pub(super) async fn stream(
    db: Db,
    origin: String,
    pages: Arc<[String]>,
) -> Result<impl Stream<Item = Result<String, Infallible>> + Send, AppError> {
    let first = PageRequest {
        limit: ROWS,
        cursor: None,
    };
    let (users, posts) = sitemap::first(&db, &first).await?;
    let mut head = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for path in pages.iter() {
        let address = format!("{origin}{path}");
        head.push_str(&format!("<url><loc>{}</loc></url>\n", escape(&address)));
    }
    let users = users.rows.iter().map(|row| user(&origin, row));
    let users: Vec<String> = users.collect();
    let rows = posts.rows.iter().map(|row| post(&origin, row));
    let sent = pages.len() + users.len() + rows.len();
    head.extend(users);
    head.extend(rows);
    let rest = stream::unfold(Next::Posts(posts.older, sent), move |next| {
        let (db, origin) = (db.clone(), origin.clone());
        async move { next.piece(&db, &origin).await }
    });
    Ok(futures::StreamExt::chain(stream::iter([Ok(head)]), rest))
}

/// State of the stream.
enum Next {
    /// Another page of posts from the cursor on; the number of addresses sent so far.
    Posts(Option<Cursor>, usize),
    End,
}

impl Next {
    async fn piece(self, db: &Db, origin: &str) -> Option<(Result<String, Infallible>, Self)> {
        const TAIL: &str = "</urlset>\n";
        match self {
            Self::End => None,
            Self::Posts(Some(cursor), sent) if sent < MAX_ADDRESSES => {
                let page = PageRequest {
                    limit: ROWS.min(MAX_ADDRESSES - sent),
                    cursor: Some(cursor),
                };
                match sitemap::posts(db, &page).await {
                    Ok(posts) => {
                        let text = posts.rows.iter().map(|row| post(origin, row)).collect();
                        Some((Ok(text), Self::Posts(posts.older, sent + posts.rows.len())))
                    }
                    Err(error) => {
                        log::error!("the sitemap ends early: {error}");
                        Some((Ok(TAIL.to_owned()), Self::End))
                    }
                }
            }
            Self::Posts(..) => Some((Ok(TAIL.to_owned()), Self::End)),
        }
    }
}

fn user(origin: &str, user: &UserAddress) -> String {
    location(origin, &USER.path(&user.handle), user.updated_at)
}

fn post(origin: &str, post: &PostAddress) -> String {
    location(origin, &POST.path(&post.slug), post.updated_at)
}

fn location(origin: &str, path: &str, changed: Timestamp) -> String {
    let address = format!("{origin}{path}");
    format!(
        "<url><loc>{}</loc><lastmod>{}</lastmod></url>\n",
        escape(&*legal(&address)),
        changed.rfc3339()
    )
}
