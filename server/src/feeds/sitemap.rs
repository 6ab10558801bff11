//! The sitemap (sitemaps.org), streamed: what is kept meanwhile is a line for each author.

use std::collections::BTreeMap;
use std::convert::Infallible;

use app::AppError;
use app::paging::ROWS as SHOWN;
use app::prerender::{PAGES, POST, USER};
use db::Db;
use db::queries::sitemap::{self, PostAddress};
use domain::{Cursor, PageRequest, Timestamp};
use futures::stream::{self, Stream, StreamExt};
use quick_xml::escape::escape;

use super::xml::legal;

/// The most addresses that the format allows in one sitemap.
const MAX_ADDRESSES: usize = 50_000;
/// The rows of one round trip.
const ROWS: usize = 2_000;
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
const TAIL: &str = "</urlset>\n";

/// The sitemap's text, piece by piece: the pages of the whole site, then posts and their authors. The first query is made before the response
/// begins, so that a database that is down is a 503 and not a broken file; when a later one fails, the file ends early but well-formed.
pub(super) async fn stream(
    db: Db,
    origin: String,
) -> Result<impl Stream<Item = Result<String, Infallible>> + Send, AppError> {
    let mut state = State {
        origin,
        sent: 0,
        authors: BTreeMap::new(),
    };
    let mut head = HEAD.to_owned();
    for page in PAGES.into_iter().filter(|page| page.is_html()) {
        if !page.pattern.has_parameter() {
            head.push_str(&state.location(page.pattern.0, None));
        }
    }
    let (posts, next) = state.posts(&db, None).await?;
    head.push_str(&posts);
    let rest = stream::unfold((state, next), move |(state, next)| {
        let db = db.clone();
        async move { state.piece(&db, next).await }
    });
    Ok(stream::iter([Ok(head)]).chain(rest))
}

/// The part of the sitemap that is next.
enum Next {
    /// The posts from the cursor on.
    Posts(Cursor),
    /// The authors, and the end.
    Authors,
    Nothing,
}

/// An author of a post that was sent.
struct Author {
    changed_at: Timestamp,
    /// The number of their posts that were sent.
    posts: usize,
}

/// The state of a sitemap of which a part was sent.
struct State {
    origin: String,
    /// The number of addresses that were sent.
    sent: usize,
    /// By their handles.
    authors: BTreeMap<String, Author>,
}

impl State {
    async fn piece(
        mut self,
        db: &Db,
        next: Next,
    ) -> Option<(Result<String, Infallible>, (Self, Next))> {
        let (text, next) = match next {
            Next::Nothing => return None,
            Next::Authors => {
                let mut text = String::new();
                for (handle, author) in std::mem::take(&mut self.authors) {
                    text.push_str(
                        &self.location(&USER.pattern.path(&handle), Some(author.changed_at)),
                    );
                }
                (text + TAIL, Next::Nothing)
            }
            Next::Posts(cursor) => self.posts(db, Some(cursor)).await.unwrap_or_else(|error| {
                log::error!("the sitemap ends early: {error}");
                (String::new(), Next::Authors)
            }),
        };
        Some((Ok(text), (self, next)))
    }

    /// The next page of posts, newest first, as far as there is room for them and for their authors.
    async fn posts(
        &mut self,
        db: &Db,
        cursor: Option<Cursor>,
    ) -> Result<(String, Next), db::DbError> {
        let page = PageRequest {
            limit: ROWS,
            cursor,
        };
        let posts = sitemap::posts(db, &page).await?;
        let mut text = String::new();
        for post in posts.rows {
            let authors =
                self.authors.len() + usize::from(!self.authors.contains_key(&post.author_handle));
            if self.sent + 1 + authors > MAX_ADDRESSES {
                return Ok((text, Next::Authors));
            }
            text.push_str(&self.location(&POST.pattern.path(&post.slug), Some(post.changed_at())));
            self.note_author(post);
        }
        Ok((text, posts.older.map_or(Next::Authors, Next::Posts)))
    }

    /// Notes when an author's page changed: with the profile, or with a post that it shows.
    fn note_author(&mut self, post: PostAddress) {
        let changed_at = post.changed_at();
        let author = self.authors.entry(post.author_handle).or_insert(Author {
            changed_at: post.author_updated_at,
            posts: 0,
        });
        if author.posts < SHOWN {
            author.changed_at = author.changed_at.max(changed_at);
            author.posts += 1;
        }
    }

    /// The line of an address, which counts as sent.
    fn location(&mut self, path: &str, changed_at: Option<Timestamp>) -> String {
        self.sent += 1;
        let address = format!("{}{path}", self.origin);
        let changed = changed_at.map(|at| format!("<lastmod>{}</lastmod>", at.rfc3339()));
        format!(
            "<url><loc>{}</loc>{}</url>\n",
            escape(&*legal(&address)),
            changed.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::sync::Arc;

    use db::drivers::sqlite::{Sqlite, SqliteConnector};
    use db::migrate;

    use super::*;

    #[tokio::test]
    async fn there_is_room_for_the_authors_of_the_posts_and_for_no_address_more() {
        let sqlite = Arc::new(Sqlite::in_memory().unwrap());
        migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
        let db = Db::new(SqliteConnector::Open(sqlite));
        db_cli::insert_example(&db).await.unwrap();
        for room in 0..40 {
            let mut state = State {
                origin: String::new(),
                sent: MAX_ADDRESSES - room,
                authors: BTreeMap::new(),
            };
            let (posts, next) = state.posts(&db, None).await.unwrap();
            assert!(matches!(next, Next::Authors));
            let authors = state.authors.len();
            let sent = posts.matches("<url>").count();
            // One place is left where the next post needs two.
            let left = room - sent - authors;
            assert!(left <= 1, "{room}: {sent} posts, {authors} authors");
            let (text, (state, next)) = state.piece(&db, next).await.unwrap();
            assert_eq!(text.unwrap().matches("<url>").count(), authors);
            assert_eq!(state.sent, MAX_ADDRESSES - left);
            assert!(state.piece(&db, next).await.is_none());
        }
    }
}
