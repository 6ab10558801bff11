//! What the contract suite asks. Not part of the product.

use domain::{PageRequest, UserId};
use sea_query::{ExprTrait, Query as Build};

use super::helpers::{col, paged, select, value};
use crate::contract::{ScratchChild, ScratchRow, scratch, scratch_child};
use crate::{Dialect, FromRow, Query, Statement};

/// All rows, as `T` sees them.
pub(crate) fn rows_query<T: FromRow>(dialect: Dialect) -> Query<T> {
    Query::new(Statement::render(
        dialect,
        &select::<T>(scratch::TABLE.name),
    ))
}

pub(crate) fn scratch_query(dialect: Dialect) -> Query<ScratchRow> {
    rows_query(dialect)
}

/// The rows that have `label`.
pub(crate) fn labelled_query(dialect: Dialect, label: &str) -> Query<ScratchRow> {
    let mut select = select::<ScratchRow>(scratch::TABLE.name);
    select.and_where(col(scratch::label).eq(label));
    Query::new(Statement::render(dialect, &select))
}

/// One page, newest first.
pub(crate) fn page_query(dialect: Dialect, page: &PageRequest) -> Query<ScratchRow> {
    let mut select = select::<ScratchRow>(scratch::TABLE.name);
    paged(&mut select, scratch::at, scratch::id, page);
    Query::new(Statement::render(dialect, &select))
}

pub(crate) fn children_query(dialect: Dialect) -> Query<ScratchChild> {
    Query::new(Statement::render(
        dialect,
        &select::<ScratchChild>(scratch_child::TABLE.name),
    ))
}

/// Adds one to the whole number of a row.
pub(crate) fn count_up(dialect: Dialect, id: UserId) -> Statement {
    let mut update = Build::update();
    update
        .table(scratch::TABLE.name)
        .value(scratch::whole.name, col(scratch::whole).add(1i64))
        .and_where(col(scratch::id).eq(value(&id)));
    Statement::render(dialect, &update)
}

/// Sets the whole number of every row.
pub(crate) fn set_whole(dialect: Dialect, whole: i64) -> Statement {
    let mut update = Build::update();
    update
        .table(scratch::TABLE.name)
        .value(scratch::whole.name, whole);
    Statement::render(dialect, &update)
}

/// Gives a row another key.
pub(crate) fn set_id(dialect: Dialect, from: UserId, to: UserId) -> Statement {
    let mut update = Build::update();
    update
        .table(scratch::TABLE.name)
        .value(scratch::id.name, value(&to))
        .and_where(col(scratch::id).eq(value(&from)));
    Statement::render(dialect, &update)
}

pub(crate) fn delete_scratch(dialect: Dialect, id: UserId) -> Statement {
    let mut delete = Build::delete();
    delete
        .from_table(scratch::TABLE.name)
        .and_where(col(scratch::id).eq(value(&id)));
    Statement::render(dialect, &delete)
}

/// Deletes a user of Waypost's own, and with him what he wrote.
pub(crate) fn delete_user(dialect: Dialect, id: UserId) -> Statement {
    use crate::schema::tables::users;
    let mut delete = Build::delete();
    delete
        .from_table(users::TABLE.name)
        .and_where(col(users::id).eq(value(&id)));
    Statement::render(dialect, &delete)
}
