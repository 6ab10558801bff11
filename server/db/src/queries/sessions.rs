//! Sessions: who is signed in.

use domain::Timestamp;
use sea_query::ExprTrait;

use super::helpers::{col, from, join_open_user, value};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::{sessions, users};
use crate::{Db, DbError};

row! {
    /// A valid session with its user.
    SessionRow {
        user_id = users::id,
        handle = users::handle,
        name = users::name,
        role = users::role,
        expires_at = sessions::expires_at,
    }
}

/// Finds the session whose token has this hash, unless it has expired or its user's account is closed. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(
    db: &Db,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<SessionRow>, DbError> {
    db.first(valid(token_hash, now)).await
}

/// The session whose token has this hash.
pub(super) fn valid(token_hash: &str, now: Timestamp) -> Query<SessionRow> {
    let mut select = from(sessions::TABLE);
    join_open_user(&mut select, sessions::user_id);
    select.and_where(col(sessions::id).eq(token_hash));
    select.and_where(col(sessions::expires_at).gt(value(&now)));
    Query::new(select)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("sessions", |queries, with| {
            queries.query("find", find(&with.db, "hash", Timestamp::from_millis(0)));
        });
    }
}
