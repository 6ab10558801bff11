//! The head of a page: its description for browsers, search engines and other sites.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use leptos::prelude::*;
use serde_json::Value;

use super::json_ld::in_html;
use crate::html::escaped;
use crate::text::undirected;
use crate::{context, site};

/// Open Graph's facts of an article.
pub(crate) struct Article {
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    /// The path of the author's page.
    pub(crate) author: String,
}

/// The page's title, description, canonical address, Open Graph and JSON-LD.
#[component]
pub(crate) fn Head(
    /// The page's own title; the site's name is added.
    #[prop(into)]
    title: String,
    /// One or two sentences.
    #[prop(into)]
    description: String,
    /// The canonical path with its query; none for pages that have no address of their own.
    #[prop(optional, into)]
    path: Option<String>,
    /// Open Graph's type.
    #[prop(default = "website")]
    kind: &'static str,
    #[prop(optional)] article: Option<Article>,
    /// The page's subject in schema.org's vocabulary.
    #[prop(optional)]
    json_ld: Option<Value>,
    /// The address (of the Atom feed) and the title of the feed that belongs to the page, beside that of the site.
    #[prop(optional)]
    feed: Option<(String, String)>,
    /// True if search engines may list the page.
    #[prop(default = true)]
    is_indexed: bool,
) -> impl IntoView {
    let origin = context::current()
        .map(|context| context.site().origin.clone())
        .unwrap_or_default();
    let full_title = if title == site::NAME {
        title.clone()
    } else {
        format!("{title} · {}", site::NAME)
    };
    let mut head = HeadHtml::default();
    head.title(&undirected(&full_title));
    head.meta("name", "description", &description);
    if !is_indexed {
        head.meta("name", "robots", "noindex");
    }
    if let Some(path) = path {
        let address = [origin.as_str(), &path].concat();
        head.link("rel=\"canonical\"", &address);
        head.meta("property", "og:url", &address);
    }
    let site_feed = ("/feed.xml".to_owned(), site::NAME.to_owned());
    for (address, title) in feed.into_iter().chain([site_feed]) {
        let title = attribute(&title);
        let json = address.replace("/feed.xml", "/feed.json");
        for (kind, address) in [("atom+xml", &address), ("feed+json", &json)] {
            let kind = format!("rel=\"alternate\" type=\"application/{kind}\" title=\"{title}\"");
            head.link(&kind, address);
        }
    }
    let picture = site::SHARE_IMAGE;
    for (property, content) in [
        ("og:site_name", site::NAME),
        ("og:type", kind),
        ("og:title", &title),
        ("og:description", &description),
        ("og:image", &[origin.as_str(), picture.path].concat()),
        ("og:image:width", &picture.width.to_string()),
        ("og:image:height", &picture.height.to_string()),
        ("og:image:alt", &picture.description()),
    ] {
        head.meta("property", property, content);
    }
    head.meta("name", "twitter:card", "summary_large_image");
    if let Some(article) = article {
        if let Some(at) = article.published_at {
            head.meta("property", "article:published_time", &at.rfc3339());
        }
        let author = [origin.as_str(), &article.author].concat();
        let modified = article.modified_at.rfc3339();
        head.meta("property", "article:modified_time", &modified);
        head.meta("property", "article:author", &author);
    }
    if let Some(slot) = context::given::<HeadSlot>() {
        slot.fill(head.0);
    }
    json_ld.map(
        |data| view! { <script type="application/ld+json" inner_html=in_html(&data)></script> },
    )
}

/// Elements of a head, as HTML: they are many and alike, and nothing about them is reactive.
#[derive(Default)]
struct HeadHtml(String);

impl HeadHtml {
    fn title(&mut self, text: &str) {
        self.push(&["<title>", &escaped(text), "</title>"]);
    }

    /// `<meta>`, whose `key` (`name` or `property`) is `name`.
    fn meta(&mut self, key: &str, name: &str, content: &str) {
        let content = attribute(content);
        self.push(&["<meta ", key, "=\"", name, "\" content=\"", &content, "\">"]);
    }

    /// `<link>` to an address; `kind` is its other attributes.
    fn link(&mut self, kind: &str, address: &str) {
        self.push(&["<link ", kind, " href=\"", &attribute(address), "\">"]);
    }

    fn push(&mut self, parts: &[&str]) {
        self.0.extend(parts.iter().copied());
    }
}

/// `text` as the value of an attribute in double quotes.
fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}

/// The place in a document's head for what its page says of itself. The page is rendered first, and the document around it
/// then.
#[derive(Clone, Default)]
pub(crate) struct HeadSlot(Arc<Mutex<String>>);

impl HeadSlot {
    fn fill(&self, html: String) {
        *self.lock() = html;
    }

    /// Takes what the page's [`Head`] put here; nothing is left.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
