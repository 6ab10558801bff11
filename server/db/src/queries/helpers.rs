//! The parts that several queries are made of: columns, visibility, paging, search.

use domain::{Direction, PageRequest, Search, Timestamp};
use sea_query::{Cond, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, SimpleExpr};

use crate::schema::tables::{posts, users};
use crate::schema::{Column, Table};
use crate::{Dialect, ToValue};

/// A column with its table.
pub(super) fn col(column: Column) -> Expr {
    Expr::col(qualified(column))
}

/// The names of a column's table and of itself.
pub(super) const fn qualified(column: Column) -> (&'static str, &'static str) {
    (column.table, column.name)
}

/// A parameter.
pub(super) fn value(value: &impl ToValue) -> SimpleExpr {
    Expr::val(sea_query::Value::from(value.to_value()))
}

/// A select from `table`, without columns.
pub(super) fn from(table: Table) -> SelectStatement {
    Query::select().from(table.name).take()
}

/// The one value of `column` in the row whose `key` is `text`, as a subquery.
pub(super) fn lookup(column: Column, key: Column, text: &str) -> SimpleExpr {
    let mut select = Query::select();
    select
        .column(qualified(column))
        .from(column.table)
        .and_where(col(key).eq(text));
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Joins the user that `column` refers to, if the account is open.
pub(super) fn join_open_user(select: &mut SelectStatement, column: Column) {
    let open = Cond::all()
        .add(col(users::id).equals(qualified(column)))
        .add(col(users::deleted_at).is_null());
    select.join(JoinType::InnerJoin, users::TABLE.name, open);
}

/// Posts that are public at `now`, and their authors, without columns.
pub(super) fn public_posts(now: Timestamp) -> SelectStatement {
    let mut select = from(posts::TABLE);
    join_open_user(&mut select, posts::author_id);
    select.cond_where(is_public(now));
    select
}

/// The condition that anybody may see a post at `now`: it is published or scheduled, and its time has come.
///
/// Negated, because SQLite would take an upper bound for the range of the index and pass over all rows up to a cursor. The
/// other engines take both bounds.
pub(super) fn is_public(now: Timestamp) -> Cond {
    Cond::all()
        .add(Expr::cust("posts.status IN ('published', 'scheduled')"))
        .add(col(posts::published_at).gt(value(&now)).not())
        .add(col(posts::deleted_at).is_null())
}

/// The number of a user's posts that are public at `now`, in place of the stored one, which counts those whose time is still to
/// come, too. Only these are looked up, by their index: they are few, and the others are as many as a user ever wrote.
pub(super) fn public_post_count(now: Timestamp) -> SimpleExpr {
    const COMING: &str = "coming";
    let of_coming = |column: Column| Expr::col((COMING, column.name));
    let mut coming = Query::select();
    coming
        .expr(Expr::cust("COUNT(1)"))
        .from_as(posts::TABLE.name, COMING)
        .and_where(of_coming(posts::author_id).equals(qualified(users::id)))
        .and_where(of_coming(posts::published_at).gt(value(&now)))
        .and_where(Expr::cust("coming.status IN ('published', 'scheduled')"))
        .and_where(of_coming(posts::deleted_at).is_null());
    let coming = SimpleExpr::SubQuery(None, Box::new(coming.into()));
    // A post that was written past the site may not be counted.
    Func::greatest([col(users::post_count).sub(coming), Expr::cust("0")]).into()
}

/// Limits `select` to rows whose `column` holds every phrase of `search`, by the engine's own full-text index.
///
/// An index that is a table of its own gives rows by their number, and not by time. Of these, the newest that `select` lets
/// through are taken, one more than are counted: a word that half of a million posts hold costs no more than a rare one.
pub(super) fn matching(
    dialect: Dialect,
    mut select: SelectStatement,
    column: Column,
    search: &Search,
) -> SelectStatement {
    let (condition, parameters) = dialect.search(&column, search);
    let condition = Expr::cust_with_values(condition, parameters);
    let Some(index) = dialect.search_index(column.table) else {
        select.and_where(condition);
        return select;
    };
    let row = (column.table, index.row_number);
    let number = (index.name.clone(), index.number);
    let mut newest = select.clone();
    newest
        .column(row)
        .inner_join(index.name, Expr::col(number.clone()).equals(row))
        .and_where(condition)
        .order_by(number, Order::Desc)
        .limit(Search::MAX_COUNTED as u64 + 1);
    select.and_where(Expr::col(row).in_subquery(newest));
    select
}

/// Limits `select` to one page of a list: newest first by `at`, ties broken by `id`. It reads one row more than the page
/// has, to see whether the list goes on.
pub(super) fn paged(select: &mut SelectStatement, at: Column, id: Column, page: &PageRequest) {
    if let Some(cursor) = page.cursor {
        beyond(
            select,
            (at, id),
            page.direction(),
            value(&cursor.at),
            Expr::val(cursor.id),
        );
    }
    ordered(select, at, id, page.direction());
    select.limit(page.limit as u64 + 1);
}

/// Orders rows away from the reader: newest first on the older side, oldest first on the newer side.
pub(super) fn ordered(select: &mut SelectStatement, at: Column, id: Column, direction: Direction) {
    let order = match direction {
        Direction::Older => Order::Desc,
        Direction::Newer => Order::Asc,
    };
    select.order_by(qualified(at), order.clone());
    select.order_by(qualified(id), order);
}

/// Only rows beyond the place (`time`, `row`) in the order of a list.
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
