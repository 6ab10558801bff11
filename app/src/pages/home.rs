//! `/`: the newest published posts.

use leptos::prelude::*;
use serde_json::json;

use super::{PageHtml, page};
use crate::components::{Head, PostList};
use crate::server_fns::list_posts;
use crate::{context, site};

pub(crate) fn home_page() -> PageHtml {
    page(async {
        let newest = list_posts(String::new(), String::new(), String::new()).await?;
        let origin = context::request()?.site().origin.clone();
        let json_ld = json!({
            "@context": "https://schema.org", "@type": "WebSite", "inLanguage": site::LANGUAGE, "name": site::NAME, "url": format!("{origin}/"),
            "potentialAction": {
                "@type": "SearchAction", "target": format!("{origin}/posts?q={{query}}"), "query-input": "required name=query",
            },
        });
        Ok(view! {
            <Head title=site::NAME description=site::DESCRIPTION path="/" json_ld/>
            <div class="intro">
                <img class="contours" src="/media/contours.svg" alt="" width="1200" height="800"/>
                <h1>{site::TAGLINE}</h1>
                <p class="lead">{site::DESCRIPTION}</p>
            </div>
            <h2 class="hidden">"Newest posts"</h2>
            <PostList posts=newest.rows/>
            <nav class="pager" aria-label="Pages"><a class="sign" rel="next" href="/posts">"All posts"</a></nav>
        })
    })
}
