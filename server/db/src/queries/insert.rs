//! Inserting rows of any declared table.

use sea_query::{Expr, Query};

use crate::schema::Table;
use crate::{Dialect, Statement, Value};

/// A struct that is a whole row of a declared table.
pub trait Insert {
    /// Its table.
    const TABLE: Table;

    /// Its values, in the order of the table's columns.
    fn values(&self) -> Vec<Value>;
}

/// Inserts `rows`: as few statements as the engine's limit of parameters allows, to be run as one batch.
pub fn insert<T: Insert>(dialect: Dialect, rows: &[T]) -> Vec<Statement> {
    let rows: Vec<Vec<Value>> = rows.iter().map(Insert::values).collect();
    insert_rows(dialect, &T::TABLE, &rows)
}

/// The same, of rows that are no struct.
pub(super) fn insert_rows(dialect: Dialect, table: &Table, rows: &[Vec<Value>]) -> Vec<Statement> {
    let a_statement = (dialect.max_parameters() / table.columns.len()).max(1);
    rows.chunks(a_statement)
        .map(|chunk| {
            let mut insert = Query::insert();
            insert.into_table(table.name);
            insert.columns(table.columns.iter().map(|column| column.name));
            for row in chunk {
                let values = row.iter().cloned().map(sea_query::Value::from);
                insert.values_panic(values.map(Expr::val));
            }
            Statement::render(dialect, &insert)
        })
        .collect()
}
