//! Sentences about what a database has and declarations do not.

use db::Dialect;

use super::names::is_plain;
use crate::{Change, drift, render};

/// The difference between the database and what its declaration makes, without a full stop.
pub(super) fn sentence(dialect: Dialect, change: &Change) -> Option<String> {
    let sql = match change {
        Change::DropIndex(table, index) => render::create_index(dialect, table, index),
        Change::DropUnique(_, unique) => render::unique(dialect, unique),
        Change::DropCheck(_, check) => render::check(dialect, check),
        Change::DropForeignKey(_, key) => render::foreign_key(dialect, key, &key.parent),
        // Said already, with the reason.
        Change::DropColumn(_, column) if !is_plain(&column.name) => return None,
        other => return drift(dialect, other),
    };
    Some(format!("`{sql}`"))
}
