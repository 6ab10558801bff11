//! The data layer: one client a request, any engine behind it.
//!
//! Owns the [`Db`] client, the drivers, the schema (declared once in [`schema`]) and every SQL statement ([`queries`]).
//! Absent: who may do what (the caller has decided), and HTTP (a [`DbError`] knows no status).

mod batch;
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
pub use dialect::{Dialect, ScriptSyntax, ServerDialect};
pub use driver::{BoxFuture, Driver, Open, Rows};
pub use error::DbError;
pub use queries::Query;
pub use statement::Statement;
pub use stats::Stats;
pub use transaction::Transaction;
pub use value::{Stored, ToValue, Value};
