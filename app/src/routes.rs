//! The routes: addresses and their pages.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos_meta::provide_meta_context;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::AppError;
use crate::components::Layout;
use crate::failure::view_or_failure;
use crate::pages::{AboutPage, HomePage, PostPage, PostsPage, UserPage, UsersPage};
use crate::prerender;

/// The site. A page's data is there before its first byte is, so every page is sent as one body (`SsrMode::Async`).
/// Those that are declared in [`prerender`] can also be rendered ahead of requests; the router renders them like the others.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=nothing_here>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/posts") view=PostsPage ssr=SsrMode::Async/>
                    <Route path=path!("/posts/:slug") view=PostPage ssr=prerender::POST.mode()/>
                    <Route path=path!("/users") view=UsersPage ssr=SsrMode::Async/>
                    <Route path=path!("/users/:handle") view=UserPage ssr=prerender::USER.mode()/>
                    <Route path=path!("/about") view=AboutPage ssr=prerender::ABOUT.mode()/>
                </FlatRoutes>
            </Layout>
        </Router>
    }
}

fn nothing_here() -> InertElement {
    view_or_failure::<()>(Err(AppError::NotFound))
}
