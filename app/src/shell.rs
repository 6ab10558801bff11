//! The document around every page.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::assets::{MAIN_CSS, THEME_JS};
use crate::context;

/// The whole document: `app` renders what is between header and footer.
pub fn shell<V: IntoView + 'static>(app: impl FnOnce() -> V) -> impl IntoView {
    // The document is inert; only islands are hydrated.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let request = context::current();
    let theme = request
        .as_ref()
        .and_then(|request| request.theme())
        .map(context::Theme::as_str);
    // A page that is one file for everybody cannot know the theme: a script reads the cookie, or else a style is asked for.
    let is_file = theme.is_none() && context::path() == "/about";
    let dev_events = request.and_then(|request| request.site().dev_events.clone());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8faf6"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#101714"/>
                <link rel="stylesheet" href=MAIN_CSS/>
                <script src=THEME_JS></script>
                {is_file.then(|| view! { <noscript><link rel="stylesheet" href="/theme.css"/></noscript> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                {dev_events.map(|events| view! { <script src="/assets/dev.js" data-events=events defer></script> })}
                <MetaTags/>
            </head>
            <body>{app()}</body>
        </html>
    }
}
