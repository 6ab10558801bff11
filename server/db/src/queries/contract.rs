//! The statements of the contract suite. Not part of the product.

use domain::{PageRequest, UserId};
use sea_query::{ExprTrait, Query as Build};

use super::helpers::{col, from, paged, value};
use super::query::Query;
use super::render::render;
use crate::contract::{ScratchChild, ScratchRow, scratch, scratch_child};
use crate::{Dialect, FromRow, Statement};

/// All rows, as `T` sees them.
pub(crate) fn rows<T: FromRow>() -> Query<T> {
    Query::new(from(scratch::TABLE))
}

/// All rows.
pub(crate) fn scratch_rows() -> Query<ScratchRow> {
    rows()
}

/// The rows that have `label`.
pub(crate) fn labelled(label: &str) -> Query<ScratchRow> {
    let mut select = from(scratch::TABLE);
    select.and_where(col(scratch::label).eq(label));
    Query::new(select)
}

/// One page, newest first.
pub(crate) fn page(page: &PageRequest) -> Query<ScratchRow> {
    let mut select = from(scratch::TABLE);
    paged(&mut select, scratch::at, scratch::id, page);
    Query::new(select)
}

/// All rows of the table that refers to the first.
pub(crate) fn children() -> Query<ScratchChild> {
    Query::new(from(scratch_child::TABLE))
}

/// Adds one to the whole number of a row.
pub(crate) fn count_up(dialect: Dialect, id: UserId) -> Statement {
    let mut update = Build::update();
    update
        .table(scratch::TABLE.name)
        .value(scratch::whole.name, col(scratch::whole).add(1i64))
        .and_where(col(scratch::id).eq(value(&id)));
    render(dialect, &update)
}

/// Sets the whole number of every row.
pub(crate) fn set_whole(dialect: Dialect, whole: i64) -> Statement {
    let mut update = Build::update();
    update
        .table(scratch::TABLE.name)
        .value(scratch::whole.name, whole);
    render(dialect, &update)
}

/// Gives a row another key.
pub(crate) fn set_id(dialect: Dialect, from: UserId, to: UserId) -> Statement {
    let mut update = Build::update();
    update
        .table(scratch::TABLE.name)
        .value(scratch::id.name, value(&to))
        .and_where(col(scratch::id).eq(value(&from)));
    render(dialect, &update)
}

pub(crate) fn delete_scratch(dialect: Dialect, id: UserId) -> Statement {
    let mut delete = Build::delete();
    delete
        .from_table(scratch::TABLE.name)
        .and_where(col(scratch::id).eq(value(&id)));
    render(dialect, &delete)
}

/// Deletes a user of the site, and with them everything they wrote.
pub(crate) fn delete_user(dialect: Dialect, id: UserId) -> Statement {
    use crate::schema::tables::users;
    let mut delete = Build::delete();
    delete
        .from_table(users::TABLE.name)
        .and_where(col(users::id).eq(value(&id)));
    render(dialect, &delete)
}
