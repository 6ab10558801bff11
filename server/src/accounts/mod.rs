//! Handlers of the forms of accounts: signing up, in and out, codes by mail, and ending sessions.
//!
//! A handler reads the fields that it knows, and no other. It answers with a redirect (303) when it has done what it was asked
//! for, and else with the page of the form, which says what is wrong and has what was typed. Absent: the pages (`app`), what a
//! password or a token is (`accounts`), and SQL (`db`).

mod admin;
mod archive;
mod codes;
mod confirm;
mod cookie;
mod data;
mod email;
mod guard;
mod handle;
mod invites;
mod known;
mod leave;
mod letters;
mod links;
mod new_account;
mod new_browser;
mod passkeys;
mod password;
mod profile;
mod reset;
mod rotation;
mod sessions;
mod sign_in;
mod sign_in_by_code;
mod sign_up;
mod tokens;
mod verify;
mod visit;
mod web_address;

use std::pin::Pin;

use app::context::RequestContext;
use axum::Extension;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};

pub(crate) use codes::page;
pub(crate) use leave::tell_closed;
pub(crate) use new_account::{NewAccount, Outcome, Terms};
pub(crate) use profile::{link_rows, profile_link};
pub(crate) use visit::{count, count_write, origin, search_words};

use crate::fields::Fields;

/// A handler of a form, of one type, so that axum's code is compiled once for all of them.
type Handler =
    fn(Extension<RequestContext>, Fields) -> Pin<Box<dyn Future<Output = Response> + Send>>;

fn form(handler: Handler) -> MethodRouter {
    post(move |context: Extension<RequestContext>, fields: Fields| handler(context, fields))
}

/// The route of a handler of this form: context, fields, and a response or a problem.
macro_rules! form {
    ($handler:path) => {
        form(|context, fields| {
            Box::pin(async move { $handler(context, fields).await.into_response() })
        })
    };
}

/// The addresses to which forms are sent, and their handlers. GET is answered by the page that has the
/// form: the one at this address, or the nearest above.
pub(crate) fn forms() -> Vec<(&'static str, MethodRouter)> {
    vec![
        ("/signup", form!(sign_up::sign_up)),
        ("/login", form!(sign_in::sign_in)),
        ("/login/code", form!(sign_in_by_code::sign_in)),
        ("/login/code/send", form!(sign_in_by_code::send)),
        ("/confirm", form!(confirm::confirm)),
        ("/confirm/send", form!(confirm::send)),
        ("/confirm/passkey", form!(passkeys::confirm)),
        ("/fn/passkey-options", form!(passkeys::options)),
        ("/invite", form!(invites::accept)),
        ("/link", form!(links::use_link)),
        ("/login/passkey", form!(passkeys::sign_in)),
        ("/settings/passkeys", form!(passkeys::add)),
        ("/settings/passkeys/remove", form!(passkeys::remove)),
        ("/settings/passkeys/rename", form!(passkeys::rename)),
        ("/logout", post(sessions::sign_out)),
        ("/reset", form!(reset::ask)),
        ("/reset/code", form!(reset::set)),
        ("/settings/data", form!(data::download)),
        ("/settings/delete", form!(leave::leave)),
        ("/settings/email", form!(email::ask)),
        ("/settings/email/code", form!(email::change)),
        ("/settings/handle", form!(handle::change)),
        ("/settings/invites", form!(invites::make)),
        ("/settings/invites/revoke", form!(invites::revoke)),
        ("/settings/keep", form!(leave::keep)),
        ("/settings/password", form!(password::change)),
        ("/settings/profile", form!(profile::save)),
        ("/settings/sessions/end", form!(sessions::end)),
        ("/admin/invites/revoke", form!(admin::revoke_invite)),
        ("/admin/people/{handle}/restore", post(admin::restore)),
        ("/admin/people/{handle}/role", post(admin::change_role)),
        ("/admin/people/{handle}/sign-out", post(admin::sign_out)),
        ("/admin/people/{handle}/suspend", post(admin::suspend)),
        ("/settings/tokens", form!(tokens::make)),
        ("/settings/tokens/revoke", form!(tokens::revoke)),
        ("/setup", form!(links::set_up)),
        ("/verify", form!(verify::verify)),
        ("/verify/send", form!(verify::send)),
    ]
}
