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
    let a_statement = (dialect.max_parameters() / T::TABLE.columns.len()).max(1);
    rows.chunks(a_statement)
        .map(|chunk| {
            let mut insert = Query::insert();
            insert.into_table(T::TABLE.name);
            insert.columns(T::TABLE.columns.iter().map(|column| column.name));
            for row in chunk {
                insert.values_panic(
                    row.values()
                        .into_iter()
                        .map(|value| Expr::val(sea_query::Value::from(value))),
                );
            }
            Statement::render(dialect, &insert)
        })
        .collect()
}
