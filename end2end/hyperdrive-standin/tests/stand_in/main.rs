//! The stand-in before real servers, and what it does to clients of other people's making.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;
mod mysql;
mod postgres;
mod postgres_faults;
mod program;
mod raw;
