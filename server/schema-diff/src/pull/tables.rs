//! A database's own tables as programs read rows by them, whether they are declared or not.

use db::schema::{Column, Table as Declared};

use super::guess::{column, is_row_number};
use crate::model::{Schema, Table};
use crate::order::parents_first;

/// The tables that a database has, parents first, each with the columns that it has. They stay in memory until the program ends.
pub fn tables(schema: &Schema) -> Vec<Declared> {
    let one = |table: &Table| {
        let columns = table.columns.iter();
        let columns = columns.filter(|one| !is_row_number(table, one));
        let columns: Vec<Column> = columns
            .map(|one| column(schema.dialect, table, one).column)
            .collect();
        Declared::new(table.name.clone().leak(), columns.leak(), &[])
    };
    parents_first(schema.tables.clone())
        .iter()
        .map(one)
        .collect()
}
