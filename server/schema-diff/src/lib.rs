//! The schema of a database as data: read from a database or from the declarations, compared, and changed by SQL.
//!
//! Every reader first gets DDL (SQLite and MySQL keep it, [`introspect`] assembles PostgreSQL's from its catalogue, the
//! declarations are rendered to it by [`db::schema::ddl`]) and one parser ([`parse`]) makes the model of it. So a declared
//! schema and a database that was made from it are equal. [`diff`] lists what differs, and [`render`] writes the SQL.
//! Absent: running that SQL, and files; the `db-cli` program does both.

mod canonical;
mod changes;
pub mod diff;
mod drift;
pub mod introspect;
pub mod model;
mod order;
pub mod parse;
mod pull;
pub mod render;
mod served;

pub use changes::Change;
pub use diff::{Difference, Renames, diff, other_names};
pub use drift::{MadeByHand, drift, made_by_hand};
pub use introspect::introspect;
pub use model::Schema;
pub use parse::declared;
pub use pull::{pull, tables};
pub use render::{render, statements};
pub use served::Served;
