//! The document around every page, and the theme in a document that was rendered without one.

use leptos::html::meta;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

use crate::assets::{MAIN_CSS, PAGE_JS};
use crate::components::{Layout, footer_with_theme};
use crate::context::{self, Theme};
use crate::{prerender, site};

/// The whole document around `content`, the HTML of a page; `head` is what the page says of itself there.
pub(crate) fn shell(head: String, content: String) -> String {
    let request = context::current();
    let theme = request.as_ref().and_then(|request| request.theme());
    // One file for everybody cannot know its reader's theme: a script reads the cookie; without scripts, a style is asked for.
    let is_file = theme.is_none() && prerender::is_fixed(&context::path());
    let dev_events = request.and_then(|request| request.site().dev_events.clone());
    let document = view! {
        <!DOCTYPE html>
        <html lang=site::LANGUAGE data-theme=theme.map(Theme::as_str)>
            <head>
                <StartOfHead theme/>
                <link rel="stylesheet" href=MAIN_CSS/>
                <script src=PAGE_JS></script>
                {is_file.then(|| view! { <noscript><link rel="stylesheet" href="/theme.css"/></noscript> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                {dev_events.map(|events| view! { <script src="/assets/dev.js" data-events=events defer></script> })}
                {InertElement::new(head)}
            </head>
            <body><Layout theme content/></body>
        </html>
    };
    document.to_html()
}

/// The elements that a browser needs first; the theme among them, for what is drawn before and around the page.
#[component]
fn StartOfHead(theme: Option<Theme>) -> impl IntoView {
    let color = |system: Theme| {
        let media = format!("(prefers-color-scheme: {})", system.as_str());
        meta()
            .name("theme-color")
            .content(paper(theme.unwrap_or(system)))
            .attr("media", media)
    };
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content=theme.map_or("light dark", Theme::as_str)/>
        {color(Theme::Light)}
        {color(Theme::Dark)}
    }
}

/// The colour of the page: `--paper` in `style/tokens.css`.
const fn paper(theme: Theme) -> &'static str {
    match theme {
        Theme::Light => "#f8faf6",
        Theme::Dark => "#101714",
    }
}

/// The start of the document, up to and with its theme.
fn start(theme: Option<Theme>) -> String {
    let attribute = theme.map(|theme| format!(" data-theme=\"{}\"", theme.as_str()));
    format!(
        "<!DOCTYPE html><html lang=\"{}\"{}><head>{}",
        site::LANGUAGE,
        attribute.unwrap_or_default(),
        view! { <StartOfHead theme/> }.to_html()
    )
}

/// The end of the document, after the layout.
const END: &str = "</body></html>";

/// A document that was rendered without a theme, as it is with this one: only its start and its end differ, and so only they
/// are looked at. None if they are not as [`shell`] and the layout render them.
pub fn with_theme(document: &str, theme: Theme) -> Option<String> {
    let rest = document.strip_prefix(&start(None))?.strip_suffix(END)?;
    let rest = footer_with_theme(rest, theme)?;
    Some([&start(Some(theme)), &rest, END].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_color_is_the_paper_of_the_tokens_and_of_the_script() {
        let tokens = include_str!("../../style/tokens.css");
        let script = include_str!("../../style/page.js");
        let (light, dark) = (paper(Theme::Light), paper(Theme::Dark));
        assert!(tokens.contains(&format!("--paper: light-dark({light}, {dark});")));
        assert!(script.contains(&format!("{{ light: \"{light}\", dark: \"{dark}\" }}")));
    }
}
