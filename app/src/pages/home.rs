//! `/`: the newest published posts.

use db::queries::posts;
use domain::{PageRequest, Search};
use leptos::prelude::*;
use serde_json::json;

use super::{ROWS, page};
use crate::components::{Head, PostList};
use crate::context;

const DESCRIPTION: &str = "Notes from people who walk, print, bake, sail, repair and write things down. Waypost is where they leave them for each other.";

#[component]
pub(crate) fn HomePage() -> impl IntoView {
    page(async {
        let everything = Search::default();
        let db = context::db_async().await?;
        let newest = posts::list(&db, &everything, &PageRequest::first(ROWS)).await?;
        let origin = context::request()?.site().origin.clone();
        let json_ld = json!({
            "@context": "https://schema.org", "@type": "WebSite", "name": "Waypost", "url": format!("{origin}/"),
            "potentialAction": {
                "@type": "SearchAction", "target": format!("{origin}/posts?q={{query}}"), "query-input": "required name=query",
            },
        });
        Ok(view! {
            <Head title="Waypost" description=DESCRIPTION path="/" json_ld/>
            <div class="intro">
                <img class="contours" src="/media/contours.svg" alt="" width="1200" height="800"/>
                <h1>"Signs left by people who went first"</h1>
                <p class="lead">{DESCRIPTION}</p>
            </div>
            <h2 class="hidden">"Newest posts"</h2>
            <PostList posts=&newest.rows search=&everything is_nested=true/>
            <nav class="pager" aria-label="Pages"><a class="sign" rel="next" href="/posts">"All posts"</a></nav>
        })
    })
}
