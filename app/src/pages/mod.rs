//! The pages. Each reads like its sentence: load, then show.

mod about;
mod accounts;
mod admin;
mod home;
mod later;
mod lists;
mod post;
mod user;

use std::future::{Future, ready};
use std::pin::Pin;

use leptos::prelude::*;

pub(crate) use about::about_page;
pub(crate) use accounts::{
    confirm_page, data_page, email_code_page, email_page, handle_page, held_page, invite_page,
    invites_page, keep_page, leave_page, link_page, own_events_page, passkeys_page, password_page,
    profile_page, reset_code_page, reset_page, set_up_page, settings_page, sign_in_by_code_page,
    sign_in_page, sign_out_page, sign_up_page, tokens_page, verify_page,
};
pub(crate) use admin::{all_invites_page, events_page, people_page, person_page};
pub(crate) use home::home_page;
pub(crate) use lists::{posts_page, users_page};
pub(crate) use post::post_page;
pub(crate) use user::user_page;

use crate::Problem;
use crate::failure::{html, html_or_failure};

/// The HTML of a page's own content, once its data is there. It is of one type, and the document around it is rendered by one
/// code.
pub(crate) type PageHtml = Pin<Box<dyn Future<Output = String> + Send>>;

/// A page whose view needs data first; when loading fails, the page of that problem.
fn page<V: IntoView>(load: impl Future<Output = Result<V, Problem>> + Send + 'static) -> PageHtml {
    Box::pin(async move { html_or_failure(load.await) })
}

/// A page that needs no data.
fn page_without_data(view: impl IntoView) -> PageHtml {
    Box::pin(ready(html(view)))
}

/// The page of a problem, with its status.
pub(crate) fn problem_page(problem: impl Into<Problem>) -> PageHtml {
    Box::pin(ready(html_or_failure::<()>(Err(problem))))
}
