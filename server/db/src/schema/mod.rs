//! The schema, declared once: [`tables`] names every column with its type; identifiers, row structs, decoding, insert
//! values and the DDL of each dialect ([`ddl`]) all come from there.

mod column;
pub mod ddl;
pub(crate) mod macros;
pub mod tables;

pub use column::{Column, Table};
pub use tables::TABLES;
