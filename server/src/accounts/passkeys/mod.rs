//! Passkeys: signing in by one, confirming by one, and adding, renaming and removing them.
//!
//! A script asks for options ([`options`]), has the browser ask an authenticator, and sends the answer as fields of the page's form;
//! the handlers are those of any form. The steps that make an answer a proof are in `webauthn`.

mod challenge;
mod confirm;
mod options;
mod proof;
mod settings;
mod sign_in;

pub(super) use confirm::confirm;
pub(super) use options::options;
pub(super) use settings::{add, remove, rename};
pub(super) use sign_in::sign_in;
