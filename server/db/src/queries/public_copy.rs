//! The public copy: the rows that readers can see, copied into another database. For builds that would otherwise query a
//! remote database for each page.

use std::collections::BTreeSet;

use domain::Timestamp;
use sea_query::{Cond, Expr, ExprTrait, Order, SelectStatement, SimpleExpr};

use super::helpers::{col, from, is_public, public_post_count, qualified};
use super::insert::insert_rows;
use super::render::render;
use crate::schema::tables::{comments, post_slugs, posts, profile_links, users};
use crate::schema::{Column, Table};
use crate::{Db, DbError, Value};

/// The rows that one statement reads.
pub const ROWS: usize = 250;

/// Columns that no page shows. They are not read.
const PRIVATE: [Column; 9] = [
    users::email,
    users::password_hash,
    users::search_text,
    users::email_verified_at,
    users::suspended_at,
    users::suspended_reason,
    users::erase_at,
    posts::content,
    posts::search_text,
];

/// Copies what readers can see in `tables` from `source` into `copy`, which has the same dialect and the same tables, empty.
/// Columns that no page shows stay empty, or hold the row's key where they must be unique. One statement for every [`ROWS`]
/// rows. Returns the number of rows.
///
/// # Errors
/// [`DbError::Unsupported`] for a table that has no rule here, or a key of several columns; [`DbError::ForeignKey`] when
/// something was withdrawn while its table was read; any [`DbError`].
pub async fn run(
    source: &Db,
    copy: &Db,
    tables: impl Iterator<Item = &Table>,
) -> Result<usize, DbError> {
    let wanted: BTreeSet<&str> = tables.map(|table| table.name).collect();
    let open_users = || {
        from(users::TABLE)
            .column(qualified(users::id))
            .and_where(col(users::deleted_at).is_null())
            .take()
    };
    let is_visible =
        || is_public(source.now()).add(col(posts::author_id).in_subquery(open_users()));
    let visible_posts = || {
        from(posts::TABLE)
            .column(qualified(posts::id))
            .cond_where(is_visible())
            .take()
    };
    // In the order of their references.
    let rules = [
        (
            users::TABLE,
            Cond::all().add(col(users::deleted_at).is_null()),
        ),
        (posts::TABLE, is_visible()),
        (
            post_slugs::TABLE,
            Cond::all().add(col(post_slugs::post_id).in_subquery(visible_posts())),
        ),
        (
            comments::TABLE,
            Cond::all()
                .add(col(comments::deleted_at).is_null())
                .add(col(comments::post_id).in_subquery(visible_posts()))
                .add(col(comments::author_id).in_subquery(open_users())),
        ),
        (
            profile_links::TABLE,
            Cond::all().add(col(profile_links::user_id).in_subquery(open_users())),
        ),
    ];
    let has_rule = |name: &str| rules.iter().any(|(table, _)| table.name == name);
    if let Some(name) = wanted.iter().find(|name| !has_rule(name)) {
        return Err(DbError::Unsupported(format!(
            "no rule says which rows of `{name}` are public"
        )));
    }
    let mut count = 0;
    for (table, condition) in rules
        .iter()
        .filter(|(table, _)| wanted.contains(table.name))
    {
        count += copy_table(source, copy, table, condition).await?;
    }
    Ok(count)
}

/// Copies the rows of one table for which `condition` holds, in the order of their key.
async fn copy_table(
    source: &Db,
    copy: &Db,
    table: &Table,
    condition: &Cond,
) -> Result<usize, DbError> {
    let columns = table.columns.iter().filter(|column| !is_private(column));
    let columns: Vec<Column> = columns.copied().collect();
    let keys = (0..columns.len()).filter(|at| columns[*at].is_key);
    let [key] = keys.collect::<Vec<_>>()[..] else {
        // Rows are read by what comes after a key.
        let why = format!("the key of `{}` is not one column", table.name);
        return Err(DbError::Unsupported(why));
    };
    let (mut count, mut last_key) = (0, Value::Text(String::new()));
    loop {
        let select = next_rows(
            table,
            &columns,
            condition,
            columns[key],
            &last_key,
            source.now(),
        );
        let statement = render(source.dialect(), &select);
        let read = source.read(&[statement]).await?.pop().unwrap_or_default();
        let rows: Vec<&[Value]> = read.cells.chunks(columns.len()).collect();
        let Some(last) = rows.last() else {
            return Ok(count);
        };
        last_key = last[key].clone();
        let whole = rows.iter().map(|row| whole_row(table, row, &row[key]));
        let whole: Vec<Vec<Value>> = whole.collect();
        copy.write(&insert_rows(copy.dialect(), table, &whole))
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

/// Selects up to [`ROWS`] rows whose key comes after `last_key`.
fn next_rows(
    table: &Table,
    columns: &[Column],
    condition: &Cond,
    key: Column,
    last_key: &Value,
    now: Timestamp,
) -> SelectStatement {
    let copied = |column: &Column| -> SimpleExpr {
        match *column {
            // The copy has no posts whose time is still to come.
            users::post_count => public_post_count(now),
            column => col(column),
        }
    };
    let mut select = from(*table);
    select
        .exprs(columns.iter().map(copied))
        .cond_where(condition.clone())
        .and_where(col(key).gt(Expr::val(sea_query::Value::from(last_key.clone()))))
        .order_by(qualified(key), Order::Asc)
        .limit(ROWS as u64);
    select
}

/// Completes a row that was read: private columns are NULL or empty, or the key where they must be unique.
fn whole_row(table: &Table, row: &[Value], key: &Value) -> Vec<Value> {
    let mut read = row.iter();
    let columns = table.columns.iter();
    columns
        .map(|column| match (is_private(column), column.is_unique) {
            (true, true) => key.clone(),
            (true, false) if column.is_nullable => Value::Null,
            (true, false) => Value::Text(String::new()),
            (false, _) => read.next().cloned().unwrap_or(Value::Null),
        })
        .collect()
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("public_copy", |queries, with| {
            let tables = || {
                [
                    users::TABLE,
                    posts::TABLE,
                    post_slugs::TABLE,
                    comments::TABLE,
                    profile_links::TABLE,
                ]
            };
            queries.query("run", run(&with.db, &with.db, tables().iter()));
        });
    }
}
