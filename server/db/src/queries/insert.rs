//! Inserting rows of any declared table.

use sea_query::{Expr, Query};

use super::render::render;
pub use crate::schema::Insert;
use crate::schema::Table;
use crate::{Dialect, Statement, Value};

/// Inserts `rows` by as few statements as the engine's limit of parameters allows, to be run as one write.
pub fn insert<T: Insert>(dialect: Dialect, rows: &[T]) -> Vec<Statement> {
    let rows: Vec<Vec<Value>> = rows.iter().map(Insert::values).collect();
    insert_rows(dialect, &T::TABLE, &rows)
}

/// Inserts rows that are lists of values, in the order of the table's columns.
pub(super) fn insert_rows(dialect: Dialect, table: &Table, rows: &[Vec<Value>]) -> Vec<Statement> {
    let rows_per_statement = (dialect.max_parameters() / table.columns.len()).max(1);
    rows.chunks(rows_per_statement)
        .map(|chunk| {
            let mut insert = Query::insert();
            insert.into_table(table.name);
            insert.columns(table.columns.iter().map(|column| column.name));
            for row in chunk {
                let values = row.iter().cloned().map(sea_query::Value::from);
                insert.values_panic(values.map(Expr::val));
            }
            render(dialect, &insert)
        })
        .collect()
}
