//! What several queries are made of: columns, visibility, paging, search.

use domain::{Direction, PageRequest, Search};
use sea_query::{Cond, Expr, ExprTrait, JoinType, Order, Query, SelectStatement, SimpleExpr};

use crate::schema::Column;
use crate::schema::tables::{posts, users};
use crate::statement::Shape;
use crate::{Dialect, FromRow, ToValue, Value};

/// A column with its table.
pub(super) fn col(column: Column) -> Expr {
    Expr::col((column.table, column.name))
}

/// A parameter.
pub(super) fn value(value: &impl ToValue) -> SimpleExpr {
    Expr::val(sea_query::Value::from(value.to_value()))
}

/// A select of what `T` needs, from `table`. Columns of the same name are told apart by their table's.
pub(super) fn select<T: FromRow>(table: &'static str) -> SelectStatement {
    let mut select = Query::select();
    for column in T::COLUMNS {
        match shared_name::<T>(column) {
            Some(name) => select.expr_as(col(*column), name),
            None => select.column((column.table, column.name)),
        };
    }
    select.from(table);
    select
}

/// What a column of `T` is called in its select, when another one has its name too.
fn shared_name<T: FromRow>(column: &Column) -> Option<String> {
    let of_that_name = T::COLUMNS.iter().filter(|one| one.name == column.name);
    (of_that_name.count() > 1).then(|| format!("{}_{}", column.table, column.name))
}

/// Joins the user that `column` refers to, if the account is open.
pub(super) fn join_open_user(select: &mut SelectStatement, column: Column) {
    let open = Cond::all()
        .add(col(users::id).equals((column.table, column.name)))
        .add(col(users::deleted_at).is_null());
    select.join(JoinType::InnerJoin, "users", open);
}

/// Everybody may see the post.
pub(super) fn is_public() -> Cond {
    Cond::all()
        .add(col(posts::status).eq(Expr::cust("'published'")))
        .add(col(posts::deleted_at).is_null())
}

/// The same, where the rows are found by other means: SQLite's `+` keeps its planner from walking all public posts.
pub(super) fn is_public_of_found(dialect: Dialect) -> Cond {
    match dialect {
        Dialect::Sqlite => Cond::all()
            .add(Expr::cust("+posts.status = 'published'"))
            .add(col(posts::deleted_at).is_null()),
        Dialect::Postgres | Dialect::MySql => is_public(),
    }
}

/// How many matches of a search are looked at, the newest rows first: a word that half of a million posts hold costs no
/// more than a rare one.
const MATCHES: u64 = 1000;

/// One page of a list, newest first by `at`, ties broken by `id`; one row more than asked for, to see whether it goes on.
pub(super) fn paged(select: &mut SelectStatement, at: Column, id: Column, page: &PageRequest) {
    let order = match page.direction() {
        Direction::Older => Order::Desc,
        Direction::Newer => Order::Asc,
    };
    if let Some(cursor) = page.cursor {
        beyond(
            select,
            (at, id),
            page.direction(),
            value(&cursor.at),
            Expr::val(cursor.id),
        );
    }
    select.order_by((at.table, at.name), order.clone());
    select.order_by((id.table, id.name), order);
    select.limit(page.limit as u64 + 1);
}

/// The shape of a query `name` that gives `page`.
pub(super) fn shape(name: &'static str, page: &PageRequest) -> Shape {
    (name, page.cursor.map(|cursor| cursor.direction))
}

/// The parameters that [`paged`] adds, after `first`.
pub(super) fn page_values(first: Vec<Value>, page: &PageRequest) -> Vec<Value> {
    let mut values = first;
    if let Some(cursor) = page.cursor {
        values.extend([
            Value::Time(cursor.at),
            Value::Time(cursor.at),
            Value::Uuid(cursor.id),
        ]);
    }
    values.push(Value::Int(page.limit as i64 + 1));
    values
}

/// A parameter of text.
pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Only rows beyond the place (`time`, `id`) in the order of a list.
///
/// Written as `at <= t AND (at < t OR id < i)`: every engine uses the first half as a range of an index.
fn beyond(
    select: &mut SelectStatement,
    (at, id): (Column, Column),
    direction: Direction,
    time: SimpleExpr,
    row: SimpleExpr,
) {
    let (reach, past, tie) = match direction {
        Direction::Older => (col(at).lte(time.clone()), col(at).lt(time), col(id).lt(row)),
        Direction::Newer => (col(at).gte(time.clone()), col(at).gt(time), col(id).gt(row)),
    };
    select.and_where(reach);
    select.cond_where(Cond::any().add(past).add(tie));
}

/// Only rows whose `column` holds every phrase of `search`, by the engine's own full-text index.
pub(super) fn matching(
    select: &mut SelectStatement,
    dialect: Dialect,
    column: Column,
    search: &Search,
) {
    if search.is_empty() {
        return;
    }
    let (table, name) = (column.table, column.name);
    select.and_where(match dialect {
        Dialect::Sqlite => Expr::cust_with_values(
            format!(
                "{table}.search_id IN (SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH ? \
                 ORDER BY rowid DESC LIMIT {MATCHES})"
            ),
            [fts5(search)],
        ),
        Dialect::Postgres => Expr::cust_with_values(
            format!("to_tsvector('simple', {table}.{name}) @@ to_tsquery('simple', $1)"),
            [tsquery(search)],
        ),
        Dialect::MySql => Expr::cust_with_values(
            format!("MATCH ({table}.{name}) AGAINST (? IN BOOLEAN MODE)"),
            [fulltext(search)],
        ),
    });
}

/// The phrases, each with whether it is the last one, whose last word may go on.
fn phrases(search: &Search) -> impl Iterator<Item = (&[String], bool)> {
    let last = search.phrases().len().saturating_sub(1);
    search
        .phrases()
        .iter()
        .enumerate()
        .map(move |(n, phrase)| (phrase.as_slice(), n == last))
}

fn fts5(search: &Search) -> String {
    let mut out = Vec::new();
    for (phrase, may_go_on) in phrases(search) {
        out.push(format!(
            "\"{}\"{}",
            phrase.join(" "),
            if may_go_on { "*" } else { "" }
        ));
    }
    out.join(" ")
}

fn tsquery(search: &Search) -> String {
    let mut out = Vec::new();
    for (phrase, may_go_on) in phrases(search) {
        let words: Vec<String> = phrase.iter().map(|word| format!("'{word}'")).collect();
        out.push(format!(
            "{}{}",
            words.join(" <-> "),
            if may_go_on { ":*" } else { "" }
        ));
    }
    out.join(" & ")
}

fn fulltext(search: &Search) -> String {
    let mut out = Vec::new();
    for (phrase, may_go_on) in phrases(search) {
        match phrase {
            [word] if may_go_on => out.push(format!("+{word}*")),
            words => out.push(format!("+\"{}\"", words.join(" "))),
        }
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_in_each_language() {
        let search = Search::parse("night 列車 \"or -not* tra");
        assert_eq!(fts5(&search), r#""night" "列 車" "or" "not" "tra"*"#);
        assert_eq!(
            tsquery(&search),
            "'night' & '列' <-> '車' & 'or' & 'not' & 'tra':*"
        );
        assert_eq!(fulltext(&search), r#"+"night" +"列 車" +"or" +"not" +tra*"#);
    }
}
