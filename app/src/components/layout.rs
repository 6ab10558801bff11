//! The markup around every page's own content: skip link, header, footer with the choice of theme.
//!
//! A page that was rendered ahead gets its reader's theme and the notice that it may be outdated here, beside the markup
//! that they change: by the bytes at the end of the page, and before its content. An author's text is never searched.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;

use crate::context::{self, Theme};
use crate::site;

/// The start of a page's own content. Before it comes the head, where no `<` of an author stands unescaped, and the header:
/// so its first occurrence is this one.
const CONTENT_START: &str = "<main id=\"main\">";

/// Notice on a page that was rendered ahead, while the database cannot tell whether it is still current.
const STALE_NOTICE: &str = "<p class=\"stale\" role=\"status\">The site’s database does not answer at the moment. This is the \
                            page as it last was.</p>";

/// The pages that the header of every page leads to: path and name.
const NAVIGATION: [(&str, &str); 4] = [
    ("/posts", "Posts"),
    ("/users", "Authors"),
    ("/about", "About"),
    ("/settings", "Account"),
];

/// The header, the page's own content, the footer.
#[component]
pub(crate) fn Layout(
    /// The theme that the reader chose.
    theme: Option<Theme>,
    /// The HTML of the page's own content.
    content: String,
) -> impl IntoView {
    let path = context::path();
    let link = |(to, text)| {
        let current = if path == to {
            Some("page")
        } else {
            path.strip_prefix(to)
                .is_some_and(|rest| rest.starts_with('/'))
                .then_some("true")
        };
        view! { <li><a href=to aria-current=current>{text}</a></li> }
    };
    view! {
        <a class="skip" href="#main">"Skip to the text"</a>
        <header class="site-header">
            <a class="brand" href="/">{site::NAME}</a>
            <nav aria-label="Site">
                <ul>{NAVIGATION.map(link)}</ul>
            </nav>
        </header>
        <main id="main">{InertElement::new(content)}</main>
        <Footer theme/>
    }
}

/// The footer: the same on every page, but for the theme that the reader chose.
#[component]
fn Footer(theme: Option<Theme>) -> impl IntoView {
    view! {
        <footer class="site-footer">
            <ul>
                <li><a href="/feed.xml">"Feed"</a></li>
                <li><a href="/api/openapi.json">"API"</a></li>
            </ul>
            <ThemeForm chosen=theme/>
        </footer>
    }
}

/// The choice of theme: a form, that a few lines of script make immediate.
#[component]
fn ThemeForm(chosen: Option<Theme>) -> impl IntoView {
    let button = |word: &'static str, text: &'static str, theme: Option<Theme>| {
        let is_pressed = if chosen == theme { "true" } else { "false" };
        view! { <button name="theme" value=word aria-pressed=is_pressed>{text}</button> }
    };
    view! {
        <form class="theme" method="post" action="/theme">
            <fieldset>
                <legend>"Theme"</legend>
                {button("system", "System", None)}
                {button("light", "Light", Some(Theme::Light))}
                {button("dark", "Dark", Some(Theme::Dark))}
            </fieldset>
        </form>
    }
}

/// Changes the end of a page without a theme, from [`Footer`] on, to what it is with this theme. None if the page does
/// not end so.
pub(crate) fn footer_with_theme(page: &str, theme: Theme) -> Option<String> {
    let footer = |theme| view! { <Footer theme/> }.to_html();
    let before = page.strip_suffix(&footer(None))?;
    Some([before, &footer(Some(theme))].concat())
}

/// Puts the stale notice before a page's own content. None if the page has no [`Layout`].
pub fn with_stale_notice(page: &str) -> Option<String> {
    let start = page.find(CONTENT_START)? + CONTENT_START.len();
    let (before, content) = page.split_at(start);
    Some([before, STALE_NOTICE, content].concat())
}
