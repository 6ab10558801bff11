//! The routes: addresses and their pages, and the document of a request.
//!
//! A page is found by its path in one table, by the server's router and here alike. Nothing is routed in a browser: only islands
//! are hydrated, and links are followed by the browser itself.

use leptos::prelude::*;
use percent_encoding::percent_decode_str;

use crate::components::HeadSlot;
use crate::form::HeldForm;
use crate::pages::{
    PageHtml, about_page, all_invites_page, confirm_page, data_page, email_code_page, email_page,
    events_page, handle_page, held_page, home_page, invite_page, invites_page, keep_page,
    leave_page, link_page, own_events_page, passkeys_page, password_page, people_page, person_page,
    post_page, posts_page, problem_page, profile_page, reset_code_page, reset_page, set_up_page,
    settings_page, sign_in_by_code_page, sign_in_page, sign_out_page, sign_up_page, tokens_page,
    user_page, users_page, verify_page,
};
use crate::prerender::{ABOUT, HOME, POST, POSTS, Pattern, USER, USERS};
use crate::shell::shell;
use crate::{AppError, Problem, context};

/// A page: its address, and what makes its view.
pub struct Route {
    /// The address.
    pub pattern: Pattern,
    view: fn() -> PageHtml,
}

/// Every page. Those whose patterns are declared in [`crate::prerender`] can also be rendered ahead of requests.
pub static ROUTES: &[Route] = &[
    route(HOME.pattern, home_page),
    route(POSTS.pattern, posts_page),
    route(POST.pattern, post_page),
    route(USERS.pattern, users_page),
    route(USER.pattern, user_page),
    route(ABOUT.pattern, about_page),
    route(Pattern("/login"), sign_in_page),
    route(Pattern("/login/code"), sign_in_by_code_page),
    route(Pattern("/signup"), sign_up_page),
    route(Pattern("/logout"), sign_out_page),
    route(Pattern("/reset"), reset_page),
    route(Pattern("/reset/code"), reset_code_page),
    route(Pattern("/verify"), verify_page),
    route(Pattern("/confirm"), confirm_page),
    route(Pattern("/invite"), invite_page),
    route(Pattern("/link"), link_page),
    route(Pattern("/setup"), set_up_page),
    route(Pattern("/settings"), settings_page),
    route(Pattern("/settings/data"), data_page),
    route(Pattern("/settings/delete"), leave_page),
    route(Pattern("/settings/email"), email_page),
    route(Pattern("/settings/email/code"), email_code_page),
    route(Pattern("/settings/handle"), handle_page),
    route(Pattern("/settings/invites"), invites_page),
    route(Pattern("/settings/keep"), keep_page),
    route(Pattern("/settings/passkeys"), passkeys_page),
    route(Pattern("/settings/password"), password_page),
    route(Pattern("/admin"), people_page),
    route(Pattern("/admin/events"), events_page),
    route(Pattern("/admin/invites"), all_invites_page),
    route(Pattern("/admin/people/{handle}"), person_page),
    route(Pattern("/settings/events"), own_events_page),
    route(Pattern("/settings/profile"), profile_page),
    route(Pattern("/settings/tokens"), tokens_page),
];

const fn route(pattern: Pattern, view: fn() -> PageHtml) -> Route {
    Route { pattern, view }
}

/// The nearest page above a path: the one that has the form which is sent there.
pub fn page_above(path: &str) -> &str {
    let above = std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0));
    let is_page = |path: &&str| {
        ROUTES
            .iter()
            .any(|one| one.pattern.parameter_in(path).is_some())
    };
    above.skip(1).find(is_page).unwrap_or("/")
}

/// The document of a request, whole: a page's data is there before its first byte is.
///
/// A problem that no page met, such as a bad method, a body too large, or an address that is none, has its own page in its place. So
/// has a form that has to wait.
/// The context is Leptos' own, in whose scope this is polled.
pub async fn document() -> String {
    let head = HeadSlot::default();
    provide_context(head.clone());
    let page = match (context::given::<Problem>(), context::given::<HeldForm>()) {
        (Some(problem), _) => problem_page(problem),
        (None, Some(form)) => held_page(form),
        (None, None) => page_at(&context::path()),
    };
    let content = page.await;
    shell(head.take(), content)
}

/// The page at a path.
fn page_at(path: &str) -> PageHtml {
    let found = ROUTES.iter().find_map(|route| {
        let parameter = route.pattern.parameter_in(path)?;
        Some((route, percent_decode_str(parameter).decode_utf8().ok()?))
    });
    match found {
        Some((route, parameter)) => {
            provide_context(context::Parameter(parameter.into_owned()));
            (route.view)()
        }
        None => problem_page(AppError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_sent_below_their_pages() {
        for (path, page) in [
            ("/login/code/send", "/login/code"),
            ("/login/passkey", "/login"),
            ("/settings/sessions/end", "/settings"),
            ("/admin/people/ada/role", "/admin/people/ada"),
            ("/admin/people//role", "/admin"),
            ("/settings", "/"),
            ("/", "/"),
        ] {
            assert_eq!(page_above(path), page, "{path}");
        }
    }

    #[test]
    fn every_declared_page_has_a_route() {
        for page in crate::prerender::PAGES
            .into_iter()
            .filter(|page| page.is_html())
        {
            assert!(
                ROUTES.iter().any(|route| route.pattern == page.pattern),
                "{:?}",
                page.pattern
            );
        }
    }
}
