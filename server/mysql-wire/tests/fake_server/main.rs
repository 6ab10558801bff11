//! The client against fake servers: every kind of login, and every kind of misbehaviour.
#![expect(clippy::unwrap_used, reason = "tests")]

mod disconnects;
mod login;
mod malformed;
mod queries;
mod server;
