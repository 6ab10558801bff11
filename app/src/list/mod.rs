//! Rows of the lists of posts and authors, shared by server and browser.
//!
//! Their text is ready to be shown: the browser gets by without a calendar and without the Unicode tables of a search.
//! Absent: how an item looks; see `components`.

#[cfg(feature = "ssr")]
mod from_rows;

use std::hash::{DefaultHasher, Hash, Hasher};

use domain::{Page, PageRequest};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::address::ListKind;
use crate::from_js::{FromJs, field, from_js};

/// The most rows that one page shows. What is older is on a page of its own.
pub(crate) const MAX_ROWS: usize = PageRequest::MAX;

/// A post as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PostItem {
    pub slug: String,
    /// The language of title and excerpt, as a BCP 47 tag.
    pub language: String,
    /// The title as HTML, with what a search matched marked.
    pub title_html: String,
    /// The excerpt as HTML, with what a search matched marked.
    pub excerpt_html: String,
    /// RFC 3339.
    pub published_at: String,
    /// `1 March 2026`.
    pub published_on: String,
    pub author_handle: String,
    pub author_name: String,
    /// `4 min read`.
    pub reading_time: String,
}

/// An author as lists show them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserItem {
    pub handle: String,
    /// The language of the bio, as a BCP 47 tag.
    pub language: String,
    /// The name as HTML, with what a search matched marked.
    pub name_html: String,
    /// The bio as HTML, with what a search matched marked.
    pub bio_html: String,
    /// `12 posts`.
    pub post_count: String,
}

from_js!(PostItem {
    slug,
    language,
    title_html,
    excerpt_html,
    published_at,
    published_on,
    author_handle,
    author_name,
    reading_time
});
from_js!(UserItem {
    handle,
    language,
    name_html,
    bio_html,
    post_count
});

/// The rows that a list begins with. The page carries them as JSON for its island.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstPage {
    pub query: String,
    pub page: ListPage,
}

from_js!(FirstPage { query, page });

impl FirstPage {
    /// Id of the element that carries it.
    pub(crate) const ELEMENT: &str = "first-page";
}

/// A page of either list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ListPage {
    Posts(Page<PostItem>),
    Users(Page<UserItem>),
}

/// An item of either list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ListItem {
    Post(PostItem),
    User(UserItem),
}

impl ListPage {
    pub(crate) const fn kind(&self) -> ListKind {
        match self {
            Self::Posts(_) => ListKind::Posts,
            Self::Users(_) => ListKind::Users,
        }
    }

    pub(crate) fn items(self) -> Page<ListItem> {
        match self {
            Self::Posts(page) => page.map(ListItem::Post),
            Self::Users(page) => page.map(ListItem::User),
        }
    }
}

impl ListItem {
    /// A number that tells this item from every other, and from itself with other matches marked.
    pub(crate) fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl FromJs for ListPage {
    fn from_js(value: &JsValue) -> Option<Self> {
        field(value, "Posts")
            .map(Self::Posts)
            .or_else(|| field(value, "Users").map(Self::Users))
    }
}
