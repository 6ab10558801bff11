//! Whole tables: reading their rows in the order of their key, writing and deleting them, and what keeps them still
//! meanwhile. For dumps, which know rows as lists of values.

use sea_query::{Expr, ExprTrait, LockType, Order, Query as Build, SimpleExpr};

use super::helpers::{col, from, qualified};
use super::render::render;
use crate::schema::{Column, Table};
use crate::value::Kind;
use crate::{Dialect, Statement, Value};

/// A request for the next rows of a table.
#[derive(Clone, Copy, Debug)]
pub struct NextRows<'a> {
    /// The table.
    pub table: &'a Table,
    /// The key of the last row that was read; empty at the beginning.
    pub after: &'a [Value],
    /// The most rows.
    pub limit: u64,
    /// Reads whole numbers as text: D1 gives numbers as doubles, which are not exact beyond 2^53.
    pub numbers_as_text: bool,
}

/// Selects the rows whose keys come after a key, in the order of their keys: every declared column, in order.
pub fn next_rows(dialect: Dialect, request: NextRows<'_>) -> Statement {
    let mut select = from(*request.table);
    for column in request.table.columns {
        if column.kind == Kind::Int && request.numbers_as_text {
            select.expr(col(*column).cast_as("TEXT"));
        } else {
            select.column(qualified(*column));
        }
    }
    let keys: Vec<Column> = keys(request.table).copied().collect();
    let values = request.after.iter().cloned();
    let after: Vec<SimpleExpr> = values
        .map(|value| Expr::val(sea_query::Value::from(value)))
        .collect();
    match (keys.as_slice(), after.as_slice()) {
        (_, []) => {}
        ([key], [after]) => {
            select.and_where(col(*key).gt(after.clone()));
        }
        (keys, _) => {
            let keys = keys.iter().map(|key| col(*key));
            select.and_where(Expr::tuple(keys).gt(Expr::tuple(after)));
        }
    }
    for key in keys {
        select.order_by(qualified(key), Order::Asc);
    }
    select.limit(request.limit);
    render(dialect, &select)
}

/// The columns of a table's key.
pub fn keys(table: &Table) -> impl Iterator<Item = &'static Column> {
    table.columns.iter().filter(|column| column.is_key)
}

/// The SQL that inserts `rows` rows; its parameters are their values, row after row.
pub fn insert_sql(dialect: Dialect, table: &Table, rows: usize) -> String {
    let mut insert = Build::insert();
    insert.into_table(table.name);
    insert.columns(table.columns.iter().map(|column| column.name));
    for _ in 0..rows {
        insert.values_panic(table.columns.iter().map(|_| Expr::val(0)));
    }
    render(dialect, &insert).sql
}

/// Counts the rows of a table.
pub fn count(dialect: Dialect, table: &Table) -> Statement {
    let select = from(*table).expr(Expr::cust("COUNT(1)")).take();
    render(dialect, &select)
}

/// Selects a row, if there is one. Inside a transaction, MySQL lets nobody insert into an empty table then.
pub fn any_row(dialect: Dialect, table: &Table) -> Statement {
    let mut select = from(*table);
    select.expr(Expr::cust("1")).limit(1).lock(LockType::Update);
    render(dialect, &select)
}

/// Deletes every row of a table.
pub fn delete_all(dialect: Dialect, table: &Table) -> Statement {
    render(dialect, Build::delete().from_table(table.name))
}

/// The statements by which a transaction sees one state of the database: the one before it, and the first in it.
pub fn one_state(dialect: Dialect) -> (Option<Statement>, Option<Statement>) {
    match dialect {
        Dialect::Sqlite => (None, None),
        Dialect::Postgres => {
            let sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
            (None, Some(Statement::plain(sql)))
        }
        Dialect::MySql => {
            let sql = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";
            (Some(Statement::plain(sql)), None)
        }
    }
}

/// Keeps others from writing to `tables` until the transaction ends, where [`any_row`] and [`delete_all`] do not.
pub fn lock(dialect: Dialect, tables: &[Table]) -> Option<Statement> {
    match dialect {
        Dialect::Postgres => {
            let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
            let names = names.join(", ");
            Some(Statement::plain(format!(
                "LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"
            )))
        }
        Dialect::Sqlite | Dialect::MySql => None,
    }
}

/// Selects the name and the SQL of each trigger of these tables, where full-text search needs triggers.
pub fn triggers(dialect: Dialect, tables: &[Table]) -> Option<Statement> {
    let mut searched = tables.iter().filter(|table| table.search.is_some());
    let has_index = searched.any(|table| dialect.search_index(table.name).is_some());
    let names: Vec<String> = tables
        .iter()
        .map(|table| format!("'{}'", table.name))
        .collect();
    has_index.then(|| {
        Statement::plain(format!(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({})",
            names.join(", ")
        ))
    })
}

/// Makes the full-text index of a table anew, where it is a table of its own.
pub fn rebuild_search(dialect: Dialect, table: &Table) -> Option<Statement> {
    table.search?;
    let index = dialect.search_index(table.name)?.name;
    Some(Statement::plain(format!(
        "INSERT INTO {index} ({index}) VALUES ('rebuild')"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables::{comments, post_slugs};

    #[test]
    fn rows_are_read_along_their_key() {
        let after = [Value::Text("a-slug".to_owned())];
        let rows = |after, numbers_as_text| NextRows {
            table: &post_slugs::TABLE,
            after,
            limit: 100,
            numbers_as_text,
        };
        let select = r#"SELECT "post_slugs"."slug", "post_slugs"."post_id" FROM "post_slugs""#;
        let order = r#"ORDER BY "post_slugs"."slug" ASC LIMIT"#;
        let first = next_rows(Dialect::Sqlite, rows(&[], true));
        assert_eq!(first.sql, format!("{select} {order} ?"));
        let second = next_rows(Dialect::Postgres, rows(&after, false));
        assert_eq!(
            second.sql,
            format!(r#"{select} WHERE "post_slugs"."slug" > $1 {order} $2"#)
        );
        assert_eq!(second.values, [after[0].clone(), Value::Int(100)]);
    }

    #[test]
    fn an_empty_table_is_kept_empty_where_a_lock_does_it() {
        let sql = Dialect::ALL.map(|dialect| any_row(dialect, &comments::TABLE).sql);
        let locks = sql.map(|sql| sql.ends_with("FOR UPDATE"));
        assert_eq!(locks, [false, true, true]);
    }

    #[test]
    fn a_key_of_several_columns_is_compared_as_one() {
        const LEFT: Column = Column::new::<i64>("pairs", "left_id").key();
        const RIGHT: Column = Column::new::<i64>("pairs", "right_id").key();
        let after = [Value::Int(1), Value::Int(2)];
        let request = NextRows {
            table: &Table::new("pairs", &[LEFT, RIGHT], &[]),
            after: &after,
            limit: 5,
            numbers_as_text: false,
        };
        for dialect in Dialect::ALL {
            let statement = next_rows(dialect, request);
            let sql = statement
                .sql
                .replace(['"', '`'], "")
                .replace(['$', '1', '2', '3'], "");
            assert!(
                sql.contains("WHERE (pairs.left_id, pairs.right_id) > (")
                    && sql.contains("ORDER BY pairs.left_id ASC, pairs.right_id ASC"),
                "{sql}"
            );
            assert_eq!(statement.values[..2], after);
        }
    }

    #[test]
    fn rows_are_inserted_by_their_values_in_order() {
        let sql = insert_sql(Dialect::Postgres, &post_slugs::TABLE, 2);
        assert!(sql.ends_with("VALUES ($1, $2), ($3, $4)"), "{sql}");
    }
}
