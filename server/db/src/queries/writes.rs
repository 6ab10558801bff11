//! The parts that several writes are made of. What belongs together is one list of statements, run by [`crate::Db::write`]: all or
//! nothing on every engine, in order. As no engine stops in the middle where nothing was changed, a statement that depends on
//! another one has the condition in itself.
//!
//! Two such lists at the same time: one that reads a row before it changes it locks it first, else both could read it before
//! either changes it. Rows are inserted before others of their table are looked for: MySQL locks the place where none was
//! found, and of two that would insert there one fails.

use sea_query::{
    Cond, DeleteStatement, Expr, ExprTrait, IntoCondition, LockType, Query, SelectStatement,
    SimpleExpr, UpdateStatement,
};

use super::helpers::{col, from, qualified, value};
use super::render::render;
use crate::schema::tables::{Event, users};
use crate::schema::{Column, Insert};
use crate::{Dialect, Rows, Statement, ToValue, Value};

/// The hash of no password.
pub(super) const NO_PASSWORD: &str = "!";

/// Inserts `row`, if `condition` holds.
pub(super) fn insert_if<T: Insert>(
    dialect: Dialect,
    row: &T,
    condition: impl IntoCondition,
) -> Statement {
    let mut select = Query::select();
    for value in row.values() {
        select.expr(match value {
            Value::Null => null(),
            value => Expr::val(sea_query::Value::from(value)),
        });
    }
    // Not every engine has conditions without a table.
    let one = Query::select().expr_as(Expr::cust("1"), "one").take();
    select
        .from_subquery(one, "only_if")
        .cond_where(condition.into_condition());
    let mut insert = Query::insert();
    insert
        .into_table(T::TABLE.name)
        .columns(T::TABLE.columns.iter().map(|column| column.name));
    // It fails where columns and values differ in number, and both are the table's.
    let _ = insert.select_from(select);
    render(dialect, &insert)
}

/// NULL, as itself: PostgreSQL may take a parameter for a text.
pub(super) fn null() -> SimpleExpr {
    Expr::cust("NULL")
}

/// An update of the row whose `key` is `id`.
pub(super) fn update(key: Column, id: &impl ToValue) -> UpdateStatement {
    let mut update = Query::update();
    update.table(key.table).and_where(col(key).eq(value(id)));
    update
}

/// A deletion of the rows whose `column` is `id`.
pub(super) fn delete(column: Column, id: &impl ToValue) -> DeleteStatement {
    let mut delete = Query::delete();
    delete
        .from_table(column.table)
        .and_where(col(column).eq(value(id)));
    delete
}

/// The rows whose `column` is `id`, for a condition.
pub(super) fn having(column: Column, id: &impl ToValue) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::cust("1"))
        .from(column.table)
        .and_where(col(column).eq(value(id)));
    select
}

/// True if `select` has a row.
pub(super) fn exists(select: SelectStatement) -> SimpleExpr {
    Expr::exists(select)
}

/// The condition that a user may sign in: the account is neither closed, nor suspended, nor erased, nor about to be.
pub(super) fn may_sign_in() -> Cond {
    Cond::all()
        .add(col(users::deleted_at).is_null())
        .add(col(users::suspended_at).is_null())
        .add(col(users::erase_at).is_null())
        .add(col(users::erased_at).is_null())
}

/// Makes other writes about the row whose `key` is `id` wait until this one has ended. The first statement of a list whose
/// conditions nobody else must change on the way.
pub(super) fn lock(dialect: Dialect, key: Column, id: &impl ToValue) -> Statement {
    let mut select = Query::select();
    select
        .column(qualified(key))
        .from(key.table)
        .and_where(col(key).eq(value(id)))
        .lock(LockType::Update);
    render(dialect, &select)
}

/// Deletes the row whose `key` is `id`, if `condition` holds for it, and adds the event if so. The last statement deletes.
pub(super) fn remove_row(
    dialect: Dialect,
    key: Column,
    id: &impl ToValue,
    condition: impl Fn() -> Cond,
    event: &Event,
) -> [Statement; 3] {
    let mut there = having(key, id);
    there.cond_where(condition());
    let mut delete = delete(key, id);
    delete.cond_where(condition());
    [
        lock(dialect, key, id),
        insert_if(dialect, event, exists(there)),
        render(dialect, &delete),
    ]
}

/// Deletes the row whose `key` is `id`, if there are more than `most` of `rows`, which it is one of: a number that nobody passes by doing
/// several things at once, if what makes such rows locks their owner first.
pub(super) fn delete_beyond(
    dialect: Dialect,
    most: i64,
    mut rows: SelectStatement,
    key: Column,
    id: &impl ToValue,
) -> Statement {
    rows.clear_selects().expr_as(Expr::cust("COUNT(1)"), "made");
    // MySQL lets a deletion read its own table only as a table made before.
    let mut number = Query::select();
    number.column("made").from_subquery(rows, "found");
    let number = SimpleExpr::SubQuery(None, Box::new(number.into()));
    let mut delete = delete(key, id);
    delete.and_where(number.gt(Expr::val(most)));
    render(dialect, &delete)
}

/// Makes other writes about who is an administrator wait: all of them lock the row of the first user.
pub(super) fn lock_admins(dialect: Dialect) -> Statement {
    let mut select = from(users::TABLE);
    select
        .column(qualified(users::id))
        .order_by(qualified(users::created_at), sea_query::Order::Asc)
        .order_by(qualified(users::id), sea_query::Order::Asc)
        .limit(1)
        .lock(LockType::Update);
    render(dialect, &select)
}

/// True if a write changed something by its statement `n`. (How many rows it were, D1 does not tell: it counts those of triggers.)
pub(super) fn changed(rows: &[Rows], n: usize) -> bool {
    rows.get(n).is_some_and(|rows| rows.affected > 0)
}
