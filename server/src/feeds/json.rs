//! JSON Feed 1.1 (jsonfeed.org/version/1.1).

use app::{AppError, language};
use db::queries::posts::FeedEntry;
use serde::Serialize;

use super::Feed;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    url: String,
}

#[derive(Serialize)]
struct Item<'a> {
    /// The id of the Atom feed.
    id: String,
    url: String,
    title: &'a str,
    content_html: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    date_published: String,
    date_modified: String,
    authors: [Author<'a>; 1],
    language: &'static str,
}

/// The feed as JSON.
pub(super) fn render(feed: &Feed<'_>, entries: &[FeedEntry]) -> Result<Vec<u8>, AppError> {
    let author = |name| Author {
        name,
        url: feed.page(),
    };
    let items: Result<_, AppError> = entries.iter().map(|entry| item(feed, entry)).collect();
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: feed.title,
        home_page_url: feed.page(),
        feed_url: feed.address(".json"),
        authors: feed.author.map(author).into_iter().collect(),
        items: items?,
    };
    serde_json::to_vec(&document).map_err(|error| AppError::internal(&error))
}

fn item<'a>(feed: &Feed<'_>, entry: &'a FeedEntry) -> Result<Item<'a>, AppError> {
    Ok(Item {
        id: format!("urn:uuid:{}", entry.id),
        url: feed.address_of(entry),
        title: &entry.title,
        content_html: feed.content_of(entry)?,
        summary: &entry.excerpt,
        date_published: entry.published_at.rfc3339(),
        date_modified: entry.changed_at().rfc3339(),
        authors: [Author {
            name: &entry.author_name,
            url: format!("{}/users/{}", feed.origin, entry.author_handle),
        }],
        language: language::guess(&[&entry.title, &entry.excerpt]),
    })
}
