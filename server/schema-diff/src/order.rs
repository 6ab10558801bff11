//! The order of tables: parents before the tables that refer to them.

use crate::model::Table;

/// Sorts tables so that parents come first, and else by name. Tables of a circle stay as they come.
pub(crate) fn parents_first(mut tables: Vec<Table>) -> Vec<Table> {
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let mut sorted: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let is_ready = |table: &Table| {
            let waits_for =
                |other: &Table| other.name != table.name && table.refers_to(&other.name);
            !tables.iter().any(waits_for)
        };
        let next = tables.iter().position(is_ready).unwrap_or(0);
        sorted.push(tables.remove(next));
    }
    sorted
}
