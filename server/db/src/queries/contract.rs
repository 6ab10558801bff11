//! The statements of the contract suite. Not part of the product.

use domain::{EventId, PageRequest, Role, Timestamp, UserId};
use sea_query::{ExprTrait, Query as Build};

use super::helpers::{col, from, paged, value};
use super::query::Query;
use super::render::render;
use super::writes::{delete, may_sign_in, null, update};
use crate::contract::{ScratchChild, ScratchRow, scratch, scratch_child};
use crate::schema::Column;
use crate::schema::tables::{User, codes, events, users};
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
    render(dialect, &delete(users::id, &id))
}

/// Deletes what is known of a user and does not go with them: events about them, and codes that were sent to their address.
pub(crate) fn delete_traces(dialect: Dialect, user: &User) -> [Statement; 2] {
    [
        render(dialect, &delete(events::user_id, &user.id)),
        render(dialect, &delete(codes::email, &user.email)),
    ]
}

/// This user, once for each row of a table that has them in `column`.
pub(crate) fn of_user(column: Column, id: UserId) -> Query<User> {
    let mut select = from(users::TABLE);
    select
        .inner_join(
            column.table,
            col(column).equals((users::TABLE.name, users::id.name)),
        )
        .and_where(col(users::id).eq(value(&id)));
    Query::new(select)
}

/// Deletes an event.
pub(crate) fn delete_event(dialect: Dialect, id: EventId) -> Statement {
    render(dialect, &delete(events::id, &id))
}

/// Sets a time of a user, or removes it.
pub(crate) fn set_time(
    dialect: Dialect,
    id: UserId,
    column: Column,
    at: Option<Timestamp>,
) -> Statement {
    let mut update = update(users::id, &id);
    update.value(column.name, at.map_or_else(null, |at| value(&at)));
    render(dialect, &update)
}

/// Closes the accounts of all administrators until [`restore_admins`] of this time.
pub(crate) fn suspend_admins(dialect: Dialect, until: Timestamp) -> Statement {
    let mut update = update(users::role, &Role::Admin);
    update
        .value(users::erase_at.name, value(&until))
        .cond_where(may_sign_in());
    render(dialect, &update)
}

/// Opens the accounts again that [`suspend_admins`] closed.
pub(crate) fn restore_admins(dialect: Dialect, until: Timestamp) -> Statement {
    let mut update = update(users::erase_at, &until);
    update.value(users::erase_at.name, null());
    render(dialect, &update)
}
