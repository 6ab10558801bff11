//! The example site as rows of the database: for the command, and for the tests of everything that reads.

mod rows;
mod seed;

pub use rows::{Rows, example};
pub use seed::{Amount, insert_example, insert_large, is_empty};
