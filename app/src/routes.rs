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
    AboutPage, HomePage, PostPage, PostsPage, SettingsPage, SignInPage, SignOutPage, SignUpPage,
    UserPage, UsersPage,
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
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Layout navigation=NAVIGATION>
                <FlatRoutes fallback=nothing_here>
                    <Route path=path!("/") view=HomePage ssr=prerender::HOME.mode()/>
                    <Route path=path!("/posts") view=PostsPage ssr=prerender::POSTS.mode()/>
                    <Route path=path!("/posts/:slug") view=PostPage ssr=prerender::POST.mode()/>
                    <Route path=path!("/users") view=UsersPage ssr=prerender::USERS.mode()/>
                    <Route path=path!("/users/:handle") view=UserPage ssr=prerender::USER.mode()/>
                    <Route path=path!("/login") view=SignInPage ssr=SsrMode::Async/>
                    <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async/>
                    <Route path=path!("/logout") view=SignOutPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/about") view=AboutPage ssr=prerender::ABOUT.mode()/>
                </FlatRoutes>
            </Layout>
        </Router>
    }
}

fn nothing_here() -> InertElement {
    view_or_failure::<()>(Err(AppError::NotFound))
}

/// The document of a request: its page, or that of a problem that no page met, such as a bad method, a body too large, an address
/// that is none.
pub fn document() -> impl IntoView {
    shell(|| match context::given::<Problem>() {
        Some(problem) => Either::Left(view! { <ErrorPage problem/> }),
        None => Either::Right(view! { <App/> }),
    })
}

#[component]
fn ErrorPage(problem: Problem) -> impl IntoView {
    provide_meta_context();
    view! { <Layout navigation=NAVIGATION>{view_or_failure::<()>(Err(problem))}</Layout> }
}
