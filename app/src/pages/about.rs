//! `/about`: what the site is. Asks no database.

use leptos::prelude::*;
use serde_json::json;

use crate::components::Head;

#[component]
pub(crate) fn AboutPage() -> impl IntoView {
    let json_ld =
        json!({ "@context": "https://schema.org", "@type": "AboutPage", "name": "About Waypost" });
    view! {
        <Head
            title="About"
            description="What Waypost is, who writes here, how it treats its readers, and how to take your own copy of it."
            path="/about"
            json_ld
        />
        <h1>"About Waypost"</h1>
        <div class="prose">
            <p>
                "A waypost is a sign that somebody who went first leaves for whoever comes after: this way to the ford, not "
                "that way in winter. The posts here are meant to be that. They are written by people about things they "
                "have done with their own hands and feet, and they stay at their addresses."
            </p>
            <h2>"Reading"</h2>
            <p>
                "Nothing here follows you. There are no advertisements, no counters and no cookies, except one that remembers "
                "the theme you chose, if you chose one. Pages work without scripts, in any browser, by keyboard and by ear. "
                "Everything is in the " <a href="/feed.xml">"feed"</a> ", and every author has one too."
            </p>
            <h2>"Writing"</h2>
            <p>
                "Posts are written in Markdown, in any language and script. An author may change or withdraw a post at any time; "
                "when its address changes, the old one leads to the new."
            </p>
            <h2>"How it is made"</h2>
            <p>
                "Waypost is one program in Rust, from the database to the page, that runs on Cloudflare Workers. Its pages are "
                "rendered close to whoever asks for them, with one question to the database each. Programs can read "
                "everything through the " <a href="/api/openapi.json">"JSON API"</a> "."
            </p>
        </div>
    }
}
