//! The routes: addresses and their pages, and which of them the header leads to.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::components::Layout;
use crate::failure::view_or_failure;
use crate::pages::{
    AboutPage, HomePage, PostPage, PostsPage, ResetCodePage, ResetPage, SettingsPage,
    SignInByCodePage, SignInPage, SignOutPage, SignUpPage, UserPage, UsersPage, VerifyPage,
};
use crate::{AppError, Problem, context, prerender, shell};

/// The pages that the header of every page leads to: path and name.
const NAVIGATION: [(&str, &str); 4] = [
    ("/posts", "Posts"),
    ("/users", "Authors"),
    ("/about", "About"),
    ("/settings", "Account"),
];

/// The site. A page's data is there before its first byte is, so every page is sent as one body. Those that are declared in
/// [`prerender`] can also be rendered ahead of requests; a page of one reader alone is `SsrMode::Async`.
///
/// A problem that no page met, such as a bad method, a body too large, or an address that is none, has its own page in their place.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let problem = context::given::<Problem>();
    view! {
        <Router>
            <Layout navigation=NAVIGATION>
                {match problem {
                    Some(problem) => Either::Left(view_or_failure::<()>(Err(problem))),
                    None => Either::Right(view! { <Pages/> }),
                }}
            </Layout>
        </Router>
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=nothing_here>
            <Route path=path!("/") view=HomePage ssr=prerender::HOME.mode()/>
            <Route path=path!("/posts") view=PostsPage ssr=prerender::POSTS.mode()/>
            <Route path=path!("/posts/:slug") view=PostPage ssr=prerender::POST.mode()/>
            <Route path=path!("/users") view=UsersPage ssr=prerender::USERS.mode()/>
            <Route path=path!("/users/:handle") view=UserPage ssr=prerender::USER.mode()/>
            <Route path=path!("/login") view=SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/login/code") view=SignInByCodePage ssr=SsrMode::Async/>
            <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async/>
            <Route path=path!("/logout") view=SignOutPage ssr=SsrMode::Async/>
            <Route path=path!("/reset") view=ResetPage ssr=SsrMode::Async/>
            <Route path=path!("/reset/code") view=ResetCodePage ssr=SsrMode::Async/>
            <Route path=path!("/verify") view=VerifyPage ssr=SsrMode::Async/>
            <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
            <Route path=path!("/about") view=AboutPage ssr=prerender::ABOUT.mode()/>
        </FlatRoutes>
    }
}

/// The document of a request.
pub fn document() -> impl IntoView {
    shell(App)
}

fn nothing_here() -> InertElement {
    view_or_failure::<()>(Err(AppError::NotFound))
}
