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

use axum::routing::{MethodRouter, post};

pub(crate) use codes::page;
pub(crate) use leave::tell_closed;
pub(crate) use new_account::{NewAccount, Outcome, Terms};
pub(crate) use visit::{count, origin};

/// The addresses to which forms are sent, and their handlers. Those of pages answer GET by the page.
pub(crate) fn forms() -> Vec<(&'static str, MethodRouter)> {
    vec![
        ("/signup", post(sign_up::sign_up)),
        ("/login", post(sign_in::sign_in)),
        ("/login/code", post(sign_in_by_code::sign_in)),
        ("/login/code/send", post(sign_in_by_code::send)),
        ("/confirm", post(confirm::confirm)),
        ("/confirm/send", post(confirm::send)),
        ("/confirm/passkey", post(passkeys::confirm)),
        ("/fn/passkey-options", post(passkeys::options)),
        ("/invite", post(invites::accept)),
        ("/link", post(links::use_link)),
        ("/login/passkey", post(passkeys::sign_in)),
        ("/settings/passkeys", post(passkeys::add)),
        ("/settings/passkeys/remove", post(passkeys::remove)),
        ("/settings/passkeys/rename", post(passkeys::rename)),
        ("/logout", post(sessions::sign_out)),
        ("/reset", post(reset::ask)),
        ("/reset/code", post(reset::set)),
        ("/settings/data", post(data::download)),
        ("/settings/delete", post(leave::leave)),
        ("/settings/email", post(email::ask)),
        ("/settings/email/code", post(email::change)),
        ("/settings/handle", post(handle::change)),
        ("/settings/invites", post(invites::make)),
        ("/settings/invites/revoke", post(invites::revoke)),
        ("/settings/keep", post(leave::keep)),
        ("/settings/password", post(password::change)),
        ("/settings/profile", post(profile::save)),
        ("/settings/sessions/end", post(sessions::end)),
        ("/admin/invites/revoke", post(admin::revoke_invite)),
        ("/admin/people/{handle}/restore", post(admin::restore)),
        ("/admin/people/{handle}/role", post(admin::change_role)),
        ("/admin/people/{handle}/sign-out", post(admin::sign_out)),
        ("/admin/people/{handle}/suspend", post(admin::suspend)),
        ("/settings/tokens", post(tokens::make)),
        ("/settings/tokens/revoke", post(tokens::revoke)),
        ("/setup", post(links::set_up)),
        ("/verify", post(verify::verify)),
        ("/verify/send", post(verify::send)),
    ]
}
