//! The schema, declared once: [`tables`] names every column with its type. Column names, row structs, decoding, insert
//! values and the DDL of each dialect ([`ddl`]) all come from there.

pub(crate) mod column;
pub mod ddl;
pub(crate) mod macros;
mod personal;
pub mod tables;

pub use crate::value::Kind;
pub use column::{Column, DefaultValue, Insert, Table};
pub use personal::Personal;
pub use tables::TABLES;

/// The text of the declarations: programs that print declarations keep the words and the comments of those that stay.
pub const SOURCE: &str = include_str!("tables.rs");
