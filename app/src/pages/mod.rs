//! The pages. Each reads like its sentence: load, then show.

mod about;
mod home;
mod later;
mod lists;
mod post;
mod user;

use std::future::Future;

use leptos::prelude::*;

pub(crate) use about::AboutPage;
pub(crate) use home::HomePage;
pub(crate) use lists::{PostsPage, UsersPage};
pub(crate) use post::PostPage;
pub(crate) use user::UserPage;

use crate::Problem;
use crate::failure::view_or_failure;

/// A page whose view needs data first; when loading fails, the page of that problem.
fn page<V: IntoView>(
    load: impl Future<Output = Result<V, Problem>> + Send + 'static,
) -> impl IntoView {
    Suspend::new(async move { view_or_failure(load.await) })
}
