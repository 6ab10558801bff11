//! A copy of the rows that readers can see, for rendering pages where each query is slow and counted.

use std::collections::BTreeSet;

use sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};

use super::helpers::{col, is_public};
use super::insert::insert_rows;
use crate::schema::tables::{comments, post_slugs, posts, users};
use crate::schema::{Column, Table};
use crate::{Db, DbError, Statement, Value};

/// The rows of one statement.
pub const ROWS: usize = 250;

/// Columns that no page shows, which are not read.
const PRIVATE: [Column; 5] = [
    users::email,
    users::password_hash,
    users::search_text,
    posts::content,
    posts::search_text,
];

/// Copies what readers can see in `tables` from `from` into `to`, which has the same dialect and the same tables, empty.
/// Columns that no page shows stay empty, or hold the row's key where they must be unique. One statement for every [`ROWS`]
/// rows. Returns the number of rows.
///
/// # Errors
/// [`DbError::Unsupported`] for a table that has no rule here; [`DbError::ForeignKey`] when something was withdrawn while
/// its table was read; any [`DbError`].
pub async fn run(
    from: &Db,
    to: &Db,
    tables: impl Iterator<Item = &Table>,
) -> Result<usize, DbError> {
    let wanted: BTreeSet<&str> = tables.map(|table| table.name).collect();
    let open = || {
        Query::select()
            .column(("users", "id"))
            .from("users")
            .and_where(col(users::deleted_at).is_null())
            .take()
    };
    let is_shown = || is_public().add(col(posts::author_id).in_subquery(open()));
    let shown = || {
        Query::select()
            .column(("posts", "id"))
            .from("posts")
            .cond_where(is_shown())
            .take()
    };
    // In the order of their references.
    let rules = [
        (
            users::TABLE,
            Cond::all().add(col(users::deleted_at).is_null()),
        ),
        (posts::TABLE, is_shown()),
        (
            post_slugs::TABLE,
            Cond::all().add(col(post_slugs::post_id).in_subquery(shown())),
        ),
        (
            comments::TABLE,
            Cond::all()
                .add(col(comments::deleted_at).is_null())
                .add(col(comments::post_id).in_subquery(shown()))
                .add(col(comments::author_id).in_subquery(open())),
        ),
    ];
    let has_rule = |name: &str| rules.iter().any(|(table, _)| table.name == name);
    if let Some(name) = wanted.iter().find(|name| !has_rule(name)) {
        return Err(DbError::Unsupported(format!(
            "no rule says which rows of `{name}` are public"
        )));
    }
    let mut count = 0;
    for (table, only) in rules
        .iter()
        .filter(|(table, _)| wanted.contains(table.name))
    {
        count += copy(from, to, table, only).await?;
    }
    Ok(count)
}

/// Copies the rows of one table that `only` holds for, in the order of their key.
async fn copy(from: &Db, to: &Db, table: &Table, only: &Cond) -> Result<usize, DbError> {
    let asked: Vec<Column> = table
        .columns
        .iter()
        .filter(|column| !is_private(column))
        .copied()
        .collect();
    let key = asked.iter().position(|column| column.is_key);
    let key = key.ok_or_else(|| DbError::Driver(format!("{} has no key", table.name)))?;
    let (mut count, mut after) = (0, Value::Text(String::new()));
    loop {
        let select = next(table, &asked, only, asked[key], &after);
        let statement = Statement::render(from.dialect(), &select);
        let found = from.read(&[statement]).await?.pop().unwrap_or_default();
        let rows: Vec<&[Value]> = found.cells.chunks(asked.len()).collect();
        let Some(last) = rows.last() else {
            return Ok(count);
        };
        after = last[key].clone();
        let whole = rows.iter().map(|row| whole(table, row, &row[key]));
        to.write(&insert_rows(
            to.dialect(),
            table,
            &whole.collect::<Vec<_>>(),
        ))
        .await?;
        count += rows.len();
        if rows.len() < ROWS {
            return Ok(count);
        }
    }
}

fn is_private(column: &Column) -> bool {
    let is = |private: &Column| (private.table, private.name) == (column.table, column.name);
    PRIVATE.iter().any(is)
}

fn next(
    table: &Table,
    asked: &[Column],
    only: &Cond,
    key: Column,
    after: &Value,
) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns(asked.iter().map(|column| (table.name, column.name)))
        .from(table.name)
        .cond_where(only.clone())
        .and_where(col(key).gt(Expr::val(sea_query::Value::from(after.clone()))))
        .order_by((table.name, key.name), Order::Asc)
        .limit(ROWS as u64);
    select
}

/// A row with all of the table's columns, from one with those that were asked for.
fn whole(table: &Table, row: &[Value], key: &Value) -> Vec<Value> {
    let mut known = row.iter();
    let columns = table.columns.iter();
    columns
        .map(|column| match (is_private(column), column.is_unique) {
            (true, true) => key.clone(),
            (true, false) => Value::Text(String::new()),
            (false, _) => known.next().cloned().unwrap_or(Value::Null),
        })
        .collect()
}
