//! The stand-in in front of real servers, tested with third-party clients.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;
mod mysql;
mod postgres;
mod postgres_faults;
mod program;
mod raw;
