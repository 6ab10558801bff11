//! The sitemap (sitemaps.org): made and sent in pieces, so that its length costs no memory.

use std::convert::Infallible;

use app::AppError;
use db::Db;
use db::queries::sitemap::{self, PostAddress, UserAddress};
use domain::{Cursor, PageRequest, Timestamp};
use futures::stream::{self, Stream};

/// The most addresses that one sitemap may have.
const MOST: usize = 50_000;
/// How many rows one round trip brings.
const ROWS: usize = 2_000;

/// The sitemap's text, piece by piece. The first piece is asked for before the answer begins, so that a database that is
/// down is a 503 and not a broken file; when a later one fails, the file ends early but whole.
pub(super) async fn stream(
    db: Db,
    origin: String,
) -> Result<impl Stream<Item = Result<String, Infallible>> + Send, AppError> {
    let first = PageRequest {
        limit: ROWS,
        cursor: None,
    };
    let (people, posts) = sitemap::first(&db, &first).await?;
    let mut head = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for path in ["/", "/posts", "/users", "/about"] {
        head.push_str(&format!("<url><loc>{origin}{path}</loc></url>\n"));
    }
    people
        .rows
        .iter()
        .for_each(|person| head.push_str(&user(&origin, person)));
    posts
        .rows
        .iter()
        .for_each(|row| head.push_str(&post(&origin, row)));
    let sent = 4 + people.rows.len() + posts.rows.len();
    let rest = stream::unfold(Next::Posts(posts.older, sent), move |next| {
        let (db, origin) = (db.clone(), origin.clone());
        async move { next.piece(&db, &origin).await }
    });
    Ok(futures::StreamExt::chain(stream::iter([Ok(head)]), rest))
}

/// What the stream does next.
enum Next {
    /// Another page of posts, from here, after so many addresses.
    Posts(Option<Cursor>, usize),
    /// Nothing.
    End,
}

impl Next {
    async fn piece(self, db: &Db, origin: &str) -> Option<(Result<String, Infallible>, Self)> {
        const TAIL: &str = "</urlset>\n";
        match self {
            Self::End => None,
            Self::Posts(Some(cursor), sent) if sent < MOST => {
                let page = PageRequest {
                    limit: ROWS.min(MOST - sent),
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
    location(origin, "users", &user.handle, user.updated_at)
}

fn post(origin: &str, post: &PostAddress) -> String {
    location(origin, "posts", &post.slug, post.updated_at)
}

/// Slugs and handles are letters, digits and hyphens: nothing to escape.
fn location(origin: &str, kind: &str, name: &str, changed: Timestamp) -> String {
    format!(
        "<url><loc>{origin}/{kind}/{name}</loc><lastmod>{}</lastmod></url>\n",
        changed.rfc3339()
    )
}
