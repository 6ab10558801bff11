//! Sessions: who is signed in.

use domain::{Role, Timestamp, UserId};
use sea_query::ExprTrait;

use super::helpers::{col, join_open_user, select, value};
use crate::schema::macros::row;
use crate::schema::tables::{sessions, users};
use crate::{Db, DbError, Dialect, Query, Statement};

row! {
    /// A session that is good, with its user.
    SessionRow {
        /// The user.
        user_id: UserId = users::id,
        /// The user's name in addresses.
        handle: String = users::handle,
        /// The user's name.
        name: String = users::name,
        /// What the user may do.
        role: Role = users::role,
        /// Until when the session is good.
        expires_at: Timestamp = sessions::expires_at,
    }
}

/// The session whose token has this hash, unless it has expired or its user has left. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(
    db: &Db,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<SessionRow>, DbError> {
    db.first(find_query(db.dialect(), token_hash, now)).await
}

pub(super) fn find_query(dialect: Dialect, token_hash: &str, now: Timestamp) -> Query<SessionRow> {
    let mut select = select::<SessionRow>("sessions");
    join_open_user(&mut select, sessions::user_id);
    select.and_where(col(sessions::id).eq(token_hash));
    select.and_where(col(sessions::expires_at).gt(value(&now)));
    Query::new(Statement::render(dialect, &select))
}
