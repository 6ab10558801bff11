//! Handlers of the forms of accounts: signing up, in and out, and ending sessions.
//!
//! A handler reads the fields that it knows, and no other. It answers with a redirect (303) when it has done what it was asked
//! for, and else with the page of the form, which says what is wrong and has what was typed. Absent: the pages (`app`), what a
//! password or a token is (`accounts`), and SQL (`db`).

mod cookie;
mod password;
mod sessions;
mod sign_in;
mod sign_up;
mod visit;

use axum::routing::{MethodRouter, post};

/// The addresses to which forms are sent, and their handlers. Those of pages answer GET by the page.
pub(crate) fn forms() -> [(&'static str, MethodRouter); 5] {
    [
        ("/signup", post(sign_up::sign_up)),
        ("/login", post(sign_in::sign_in)),
        ("/logout", post(sessions::sign_out)),
        ("/settings/password", post(password::change)),
        ("/settings/sessions/end", post(sessions::end)),
    ]
}
