//! The client against servers played by the tests: every way to log in, and every way to misbehave.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ending;
mod exchange;
mod hostile;
mod login;
mod peer;
