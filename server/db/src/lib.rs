//! The data layer: one client for each request, on any engine.
//!
//! Owns the [`Db`] client, the drivers, the dialects, the schema (declared once in [`schema`]) and every SQL statement
//! ([`queries`]). Absent: authorisation, which happens in the caller, and HTTP: a [`DbError`] has no status.

mod batch;
pub mod clean_up;
mod client;
mod connector;
#[cfg(feature = "contract")]
pub mod contract;
mod decode;
mod dialect;
mod domain_types;
mod driver;
pub mod drivers;
mod error;
mod log;
pub mod migrate;
pub mod queries;
pub mod schema;
mod statement;
mod stats;
mod time;
mod transaction;
mod value;

pub use client::Db;
pub use connector::{CACHE_TTL, Connector, Consistency, ConsistencyToken, Misconfigured, Timeouts};
pub use decode::{Cells, FromRow, FromValue};
pub use dialect::{Bodies, Dialect, ScriptSyntax, ServerDialect};
pub use driver::{BoxFuture, Driver, OpenTransaction, Rows};
pub use error::DbError;
pub use queries::Query;
pub use statement::Statement;
pub use stats::Stats;
pub use transaction::Transaction;
pub use value::{Kind, Stored, ToValue, Value};
