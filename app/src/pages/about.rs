//! `/about`: the site about itself. Needs no database.

use leptos::prelude::*;
use serde_json::json;

use super::{PageHtml, page_without_data};
use crate::components::Head;
use crate::site;

pub(crate) fn about_page() -> PageHtml {
    let heading = format!("About {}", site::NAME);
    let json_ld = json!({ "@context": "https://schema.org", "@type": "AboutPage", "inLanguage": site::LANGUAGE, "name": heading });
    page_without_data(view! {
        <Head
            title="About"
            description=format!(
                "What {} is, who writes here, how it treats its readers, and how to take your own copy of it.",
                site::NAME,
            )
            path="/about"
            json_ld
        />
        <h1>{heading.clone()}</h1>
        <div class="prose">
            <p>{site::ABOUT}</p>
            <h2>"Reading"</h2>
            <p>
                "Nothing here follows you: there are no advertisements and no counters. Cookies are set only for the theme that "
                "you chose, and for accounts: they tie a sign-in or a code to this browser, keep you signed in, show you what "
                "you have just written, and remember for a year that you have signed in here. Pages work without scripts, in "
                "any browser, by keyboard and by ear. The newest posts are in the " <a href="/feed.xml">"feed"</a>
                ", and every author has one too."
            </p>
            <h2>"Writing"</h2>
            <p>
                "Posts are written in Markdown, in any language and script. An author may change or withdraw a post at any time; "
                "when its address changes, the old one leads to the new."
            </p>
            <h2>"How it is made"</h2>
            <p>
                {site::NAME}" is one program in Rust, from the database to the page, that runs on Cloudflare Workers. Its pages are "
                "rendered close to whoever asks for them, with one question to the database each. Programs can read "
                "everything through the " <a href="/api/openapi.json">"JSON API"</a> "."
            </p>
        </div>
    })
}
