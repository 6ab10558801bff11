//! Health: whether the database answers and has its tables.

use super::helpers::from;
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::users;
use crate::{Db, DbError};

row! {
    /// Any user.
    AnyUser {
        id = users::id,
    }
}

/// Reads one row of a table that the first migration creates. One statement.
///
/// # Errors
/// Any [`DbError`]: the database does not answer, or its migrations are not applied.
pub async fn check(db: &Db) -> Result<(), DbError> {
    let mut select = from(users::TABLE);
    select.limit(1);
    db.first(Query::<AnyUser>::new(select)).await.map(drop)
}
