//! Export and restore: on every pair of engines, with damaged files, interrupted, and anonymised.
#![expect(clippy::unwrap_used, reason = "tests")]

mod account_rows;
mod anonymised;
mod command;
#[path = "../../../db/tests/support/d1.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod d1;
mod damaged;
mod interrupted;
mod native_sql;
mod pairs;
mod remote_d1;
mod support;
mod writers;
