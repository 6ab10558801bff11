//! A typed query, and its rendering as SQL.
//!
//! Building a query's tree costs a Worker more than all else of it: see `prepared`.

use std::marker::PhantomData;

use sea_query::{Expr, SelectStatement};

use super::render::render;
use crate::schema::column::Column;
use crate::{Dialect, FromRow, Statement};

/// A query that can be run.
pub trait Runnable {
    /// Its rows.
    type Row: FromRow;

    /// Renders it.
    fn into_statement(self, dialect: Dialect) -> Statement;
}

/// A select whose rows are `T`s. It selects exactly the columns of `T`.
pub struct Query<T> {
    /// The select without its columns.
    pub(super) select: SelectStatement,
    row: PhantomData<fn() -> T>,
}

impl<T: FromRow> Query<T> {
    /// Adds the columns of `T` to `select`, which names tables, conditions and order.
    pub(super) fn new(select: SelectStatement) -> Self {
        Self {
            select,
            row: PhantomData,
        }
    }
}

impl<T: FromRow> Runnable for Query<T> {
    type Row = T;

    fn into_statement(self, dialect: Dialect) -> Statement {
        let mut select = self.select;
        select.expr(Expr::cust(select_list(dialect, T::COLUMNS)));
        render(dialect, &select)
    }
}

/// The columns as text, which costs less than a tree of them. Columns that share a name are prefixed with their table's.
fn select_list(dialect: Dialect, columns: &[Column]) -> String {
    let quote = dialect.quote();
    let mut list = String::with_capacity(columns.len() * 24);
    for column in columns {
        if !list.is_empty() {
            list.push_str(", ");
        }
        push_quoted(&mut list, quote, &[column.table]);
        list.push('.');
        push_quoted(&mut list, quote, &[column.name]);
        let is_ambiguous = columns
            .iter()
            .any(|other| other.name == column.name && other.table != column.table);
        if is_ambiguous {
            list.push_str(" AS ");
            push_quoted(&mut list, quote, &[column.table, "_", column.name]);
        }
    }
    list
}

fn push_quoted(text: &mut String, quote: char, name: &[&str]) {
    text.push(quote);
    text.extend(name.iter().copied());
    text.push(quote);
}
