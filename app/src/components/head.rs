//! The head of a page: its description for browsers, search engines and other sites.

use domain::Timestamp;
use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
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
    /// The address and the title of the feed that belongs to the page, beside that of the site.
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
    let address = path.map(|path| format!("{origin}{path}"));
    let site_feed = ("/feed.xml".to_owned(), site::NAME.to_owned());
    let feeds: Vec<_> = feed.into_iter().chain([site_feed]).collect();
    let picture = site::SHARE_IMAGE;
    view! {
        // leptos_meta 0.8.7 writes the title as it is given.
        <Title text=escaped(&undirected(&full_title))/>
        <Meta name="description" content=description.clone()/>
        {(!is_indexed).then(|| view! { <Meta name="robots" content="noindex"/> })}
        {address.map(|address| view! {
            <Link rel="canonical" href=address.clone()/>
            <Meta property="og:url" content=address/>
        })}
        {feeds.into_iter().map(|(address, title)| view! {
            <Link rel="alternate" type_="application/atom+xml" title href=address/>
        }).collect_view()}
        <Meta property="og:site_name" content=site::NAME/>
        <Meta property="og:type" content=kind/>
        <Meta property="og:title" content=title/>
        <Meta property="og:description" content=description/>
        <Meta property="og:image" content=format!("{origin}{}", picture.path)/>
        <Meta property="og:image:width" content=picture.width.to_string()/>
        <Meta property="og:image:height" content=picture.height.to_string()/>
        <Meta property="og:image:alt" content=picture.description()/>
        <Meta name="twitter:card" content="summary_large_image"/>
        {article.map(|article| view! {
            {article.published_at.map(|at| view! { <Meta property="article:published_time" content=at.rfc3339()/> })}
            <Meta property="article:modified_time" content=article.modified_at.rfc3339()/>
            <Meta property="article:author" content=format!("{origin}{}", article.author)/>
        })}
        {json_ld.map(|data| view! { <script type="application/ld+json" inner_html=in_html(&data)></script> })}
    }
}
