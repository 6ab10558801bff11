//! Links of profiles. They are written with the profile: `accounts::set_profile`.

use domain::{Handle, UserId};
use sea_query::{ExprTrait, Order, SimpleExpr};

use super::helpers::{col, from, lookup, qualified, value};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::{profile_links, users};
use crate::{Db, DbError};

/// The links that a profile shows.
pub const MAX_LINKS: usize = 8;

row! {
    /// A link of a profile.
    LinkRow {
        label = profile_links::label,
        url = profile_links::url,
    }
}

/// Lists the links of a user, in their order. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, user_id: UserId) -> Result<Vec<LinkRow>, DbError> {
    db.all(of_user(user_id)).await
}

/// The links of a user.
pub(super) fn of_user(user_id: UserId) -> Query<LinkRow> {
    belonging_to(value(&user_id))
}

/// The links of the user of this handle.
pub(super) fn of_handle(handle: &Handle) -> Query<LinkRow> {
    belonging_to(lookup(users::id, users::handle, handle.as_str()))
}

fn belonging_to(user: SimpleExpr) -> Query<LinkRow> {
    let mut select = from(profile_links::TABLE);
    select
        .and_where(col(profile_links::user_id).eq(user))
        .order_by(qualified(profile_links::position), Order::Asc)
        .limit(MAX_LINKS as u64);
    Query::new(select)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("profile_links", |queries, with| {
            queries.query("list", list(&with.db, UserId(uuid::Uuid::nil())));
        });
    }
}
