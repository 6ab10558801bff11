//! The document around every page, and the theme in a document that was rendered without one.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::assets::{MAIN_CSS, THEME_JS};
use crate::components::footer_with_theme;
use crate::context::{self, Theme};
use crate::prerender;

/// The whole document; `app` renders its body.
pub fn shell<V: IntoView + 'static>(app: impl FnOnce() -> V) -> impl IntoView {
    // The document is inert; only islands are hydrated.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let request = context::current();
    let theme = request
        .as_ref()
        .and_then(|request| request.theme())
        .map(Theme::as_str);
    // One file for everybody cannot know its reader's theme: a script reads the cookie; without scripts, a style is asked for.
    let is_file = theme.is_none() && prerender::is_fixed(&context::path());
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

/// The start of the document, up to where its theme stands.
const START: &str = "<!DOCTYPE html><html lang=\"en\"";

/// The end of the document, after the layout.
const END: &str = "</body></html>";

/// A document that was rendered without a theme, as it is with this one: only its start and its end differ, and so only they
/// are looked at. None if they are not as [`shell`] and the layout render them.
pub fn with_theme(document: &str, theme: Theme) -> Option<String> {
    let rest = document.strip_prefix(START)?.strip_suffix(END)?;
    let rest = footer_with_theme(rest, theme)?;
    let word = theme.as_str();
    Some([START, " data-theme=\"", word, "\"", &rest, END].concat())
}
