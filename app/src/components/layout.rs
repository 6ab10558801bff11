//! What surrounds every page: the way to the text, the site's header and footer.

use leptos::prelude::*;

use crate::context::{self, Theme};
use crate::site;

/// The header, the page's own content, the footer.
#[component]
pub(crate) fn Layout(children: Children) -> impl IntoView {
    let path = context::path();
    let link = |to: &'static str, text: &'static str| {
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
                <ul>{link("/posts", "Posts")}{link("/users", "Authors")}{link("/about", "About")}</ul>
            </nav>
        </header>
        <main id="main">{children()}</main>
        <footer class="site-footer">
            <ul>
                <li><a href="/feed.xml">"Feed"</a></li>
                <li><a href="/api/openapi.json">"API"</a></li>
            </ul>
            <ThemeForm/>
        </footer>
    }
}

/// The choice of theme: a form, that a few lines of script make immediate.
#[component]
fn ThemeForm() -> impl IntoView {
    let chosen = context::current().and_then(|context| context.theme());
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
