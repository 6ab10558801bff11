//! The pages. Each reads like its sentence: load, then show.

mod about;
mod accounts;
mod home;
mod later;
mod lists;
mod post;
mod user;

use std::future::Future;

use leptos::prelude::*;
use leptos::tachys::html::InertElement;

pub(crate) use about::AboutPage;
pub(crate) use accounts::{
    ResetCodePage, ResetPage, SettingsPage, SignInByCodePage, SignInPage, SignOutPage, SignUpPage,
    VerifyPage,
};
pub(crate) use home::HomePage;
pub(crate) use lists::{PostsPage, UsersPage};
pub(crate) use post::PostPage;
pub(crate) use user::UserPage;

use crate::Problem;
use crate::failure::{html, view_or_failure};

/// The view of every page: of one type, for which the router's code is compiled once.
pub(crate) type PageView = Suspend<InertElement>;

/// A page whose view needs data first; when loading fails, the page of that problem.
fn page<V: IntoView>(load: impl Future<Output = Result<V, Problem>> + Send + 'static) -> PageView {
    Suspend::new(async move { view_or_failure(load.await) })
}

/// A page that needs no data.
fn ready(view: impl IntoView) -> PageView {
    let page = html(view);
    Suspend::new(async move { page })
}
