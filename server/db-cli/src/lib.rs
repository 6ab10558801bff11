//! Seeding: the example site as database rows, for the `db-cli` program and for tests of other crates. Reindexing: what is
//! derived from rows, made anew. Cleaning up: the site's hourly job, by hand. Dumps: rows in a file, for any engine. Administrators, and
//! links for who cannot sign in.

pub mod admin;
mod clean_up;
#[cfg(feature = "servers")]
pub mod dump;
#[cfg(feature = "servers")]
pub mod ledger;
mod reindex;
mod rows;
mod seed;

pub use clean_up::clean_up;
pub use reindex::reindex;
pub use rows::{Rows, example_rows};
pub use seed::{BulkSize, insert_bulk, insert_example, is_empty};
