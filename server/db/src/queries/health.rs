//! Whether the database answers, and has its tables.

use domain::UserId;

use super::helpers::select;
use crate::schema::macros::row;
use crate::schema::tables::users;
use crate::{Db, DbError, Dialect, Query, Statement};

row! {
    /// Any user.
    Any {
        /// The user.
        id: UserId = users::id,
    }
}

/// Asks for any row of a table that every migration has. One statement.
///
/// # Errors
/// Any [`DbError`]: the database does not answer, or its migrations are not applied.
pub async fn check(db: &Db) -> Result<(), DbError> {
    db.first(check_query(db.dialect())).await.map(drop)
}

pub(super) fn check_query(dialect: Dialect) -> Query<Any> {
    let mut select = select::<Any>("users");
    select.limit(1);
    Query::new(Statement::render(dialect, &select))
}
