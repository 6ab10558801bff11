//! Pages of accounts: signing up, in and out, and the settings. Each is its reader's alone: never stored, never indexed.
//!
//! The forms are plain HTML; `server/src/accounts` takes them. One that is not taken is rendered again by the same page.

mod code;
mod confirm;
mod data;
mod email;
mod events;
mod handle;
mod held;
mod invite;
mod invites;
mod keep;
mod leave;
mod link;
mod passkey;
mod passkeys;
mod password;
mod profile;
mod reset;
mod settings;
mod sign_in;
mod sign_in_by_code;
mod sign_out;
mod sign_up;
mod tokens;
mod verify;

use accounts::policy::{self, Action, Actor, Relation};
use db::queries::sessions::SessionRow;
use domain::{Password, Timestamp};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use serde_json::json;

pub(crate) use confirm::confirm_page;
pub(crate) use data::data_page;
pub(crate) use email::{email_code_page, email_page};
pub(crate) use events::own_events_page;
pub(crate) use handle::handle_page;
pub(crate) use held::held_page;
pub(crate) use invite::invite_page;
pub(crate) use invites::invites_page;
pub(crate) use keep::keep_page;
pub(crate) use leave::leave_page;
pub(crate) use link::{link_page, set_up_page};
pub(crate) use passkeys::passkeys_page;
pub(crate) use password::password_page;
pub(crate) use profile::profile_page;
pub(crate) use reset::{reset_code_page, reset_page};
pub(crate) use settings::settings_page;
pub(crate) use sign_in::sign_in_page;
pub(crate) use sign_in_by_code::sign_in_by_code_page;
pub(crate) use sign_out::sign_out_page;
pub(crate) use sign_up::sign_up_page;
pub(crate) use tokens::tokens_page;
pub(crate) use verify::verify_page;

use crate::components::{FieldKind, Head};
use crate::failure::{inert, see_other, set_status};
use crate::form::FormState;
use crate::redirects::of_this_site;
use crate::{AppError, address, context, site};

/// The words around such a page: its heading, its description, and its path.
pub(super) struct PageHead<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) path: &'a str,
}

impl PageHead<'_> {
    /// The page.
    pub(super) fn with(self, content: impl IntoView) -> InertElement {
        let Self {
            title,
            description,
            path,
        } = self;
        if let Some(response) = context::response() {
            response.insert_header(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        let json_ld = json!({ "@context": "https://schema.org", "@type": "WebPage", "inLanguage": site::LANGUAGE, "name": title });
        inert(view! {
            <Head title description path json_ld is_indexed=false/>
            <h1>{title.to_owned()}</h1>
            {content}
        })
    }
}

/// The field of a new password; its rules are said before one is typed.
const NEW_PASSWORD: FieldKind = FieldKind {
    name: "password",
    label: "New password",
    kind: "password",
    autocomplete: "new-password",
    hint: "A few words that have nothing to do with each other, or with you, are best.",
    max: Password::MAX_BYTES,
};

/// The session of the reader of a page that is for people who are signed in; nobody else is shown it, but the way to sign in, from
/// which they come back.
async fn signed_in(path: &str) -> Result<Result<SessionRow, impl IntoView + use<>>, AppError> {
    let session = context::request()?.session().await?;
    Ok(session.ok_or_else(|| leave_for("/login", path)))
}

/// The session of the reader of a page by whose form they do `action` to what is their own; see [`allowed_for`].
async fn allowed(
    action: Action,
    path: &str,
) -> Result<Result<SessionRow, impl IntoView + use<>>, AppError> {
    allowed_for(action, Relation::Own, path).await
}

/// The session of the reader of a page where they do `action` to what is theirs or another's; nobody else is shown it, but the way to
/// sign in, or to confirm who they are, from which they come back.
pub(super) async fn allowed_for(
    action: Action,
    relation: Relation,
    path: &str,
) -> Result<Result<SessionRow, impl IntoView + use<>>, AppError> {
    let Some(session) = context::request()?.session().await? else {
        return Ok(Err(leave_for("/login", path)));
    };
    if !policy::may(Actor::Member(session.role), action, relation) {
        return Err(AppError::Forbidden);
    }
    if policy::needs_confirmation(action) && !session.is_confirmed(Timestamp::now()) {
        return Ok(Err(leave_for("/confirm", path)));
    }
    Ok(Ok(session))
}

/// Leads to a page that comes back to `path`.
fn leave_for(page: &str, path: &str) -> impl IntoView + use<> {
    see_other(&with_next(page, path))
}

/// The address of a page that goes on to `next`.
fn with_next(page: &str, next: &str) -> String {
    address::with_values(page, &[("next", next)])
}

/// The way back from a page below the settings.
#[component]
fn BackToAccount() -> impl IntoView {
    view! { <p class="beside"><a href="/settings">"Back to your account"</a></p> }
}

/// A sentence about what was done before this page was shown.
#[component]
pub(super) fn Done(sentence: Option<&'static str>) -> impl IntoView {
    sentence.map(|sentence| view! { <p class="done" role="status">{sentence}</p> })
}

/// The state of the form that is being rendered; the response gets its status.
pub(super) fn form_state() -> FormState {
    let state = context::given::<FormState>().unwrap_or_default();
    if let Some(problem) = state.problem() {
        set_status(problem);
    }
    state
}

/// The address to go on to, from a form that was sent or from the query; the settings, if it is not one of this site.
fn next(typed: &str) -> String {
    let next = match typed {
        "" => context::query("next"),
        typed => typed.to_owned(),
    };
    of_this_site(&next).unwrap_or("/settings").to_owned()
}

/// The token of a link, from a form that was sent or from the query.
fn token(state: &FormState) -> String {
    match state.value("token") {
        sent if sent.is_empty() => context::query("token"),
        sent => sent,
    }
}
