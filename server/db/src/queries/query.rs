//! A typed query, and its rendering as SQL.
//!
//! Building a query's tree costs a Worker more than all else of it: see `prepared`.

use std::marker::PhantomData;

use sea_query::{Expr, SelectStatement, SimpleExpr};

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
    /// A column of `T`, and what is selected in its place.
    pub(super) instead: Option<(Column, SimpleExpr)>,
    row: PhantomData<fn() -> T>,
}

impl<T: FromRow> Query<T> {
    /// Adds the columns of `T` to `select`, which names tables, conditions and order.
    pub(super) fn new(select: SelectStatement) -> Self {
        Self {
            select,
            instead: None,
            row: PhantomData,
        }
    }

    /// Selects `expression` in place of `column`.
    pub(super) fn instead(mut self, column: Column, expression: SimpleExpr) -> Self {
        self.instead = Some((column, expression));
        self
    }
}

impl<T: FromRow> Runnable for Query<T> {
    type Row = T;

    fn into_statement(self, dialect: Dialect) -> Statement {
        let mut select = self.select;
        let (instead, expression) = self.instead.unzip();
        let list = select_list(dialect, T::COLUMNS, instead);
        select.expr(Expr::cust_with_exprs(list, expression));
        render(dialect, &select)
    }
}

/// The columns as text, which costs less than a tree of them, with a placeholder for the expression that is selected `instead`
/// of one. Columns that share a name are prefixed with their table's.
fn select_list(dialect: Dialect, columns: &[Column], instead: Option<Column>) -> String {
    let quote = dialect.quote();
    let mut list = String::with_capacity(columns.len() * 24);
    for column in columns {
        if !list.is_empty() {
            list.push_str(", ");
        }
        if column.first.is_some() {
            list.push_str("substr(");
        }
        if instead == Some(*column) {
            list.push_str(dialect.placeholder());
            list.push_str(" AS ");
        } else {
            push_quoted(&mut list, quote, &[column.table]);
            list.push('.');
        }
        push_quoted(&mut list, quote, &[column.name]);
        if let Some(characters) = column.first {
            list.push_str(", 1, ");
            list.push_str(&characters.to_string());
            list.push(')');
        }
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
