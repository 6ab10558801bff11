//! Looking somebody up who wants to sign in or prove who they are: the only query that selects a password's hash.

use domain::{Email, Handle, UserId};
use sea_query::ExprTrait;

use super::helpers::{col, from, value};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::users;
use crate::{Db, DbError};

row! {
    /// A user with what is needed to decide whether they may sign in.
    SignInRow {
        id = users::id,
        handle = users::handle,
        email = users::email,
        name = users::name,
        role = users::role,
        password_hash = users::password_hash,
        email_verified_at = users::email_verified_at,
        suspended_at = users::suspended_at,
        suspended_reason = users::suspended_reason,
        /// The account is being closed: its user may change their mind until then.
        erase_at = users::erase_at,
        deleted_at = users::deleted_at,
        created_at = users::created_at,
    }
}

impl SignInRow {
    /// True if the account may have a session: it is neither closed, nor about to be, nor suspended.
    pub fn is_open(&self) -> bool {
        self.deleted_at.is_none() && self.suspended_at.is_none() && self.erase_at.is_none()
    }
}

/// The name by which somebody signs in.
#[derive(Clone, Copy, Debug)]
pub enum Login<'a> {
    /// The handle.
    Handle(&'a Handle),
    /// The e-mail address.
    Email(&'a Email),
    /// The id of somebody who is signed in, and proves it again.
    User(UserId),
}

/// Finds a user by what they typed, whatever the state of the account, unless it was erased. One statement, to the primary: by a copy
/// that lags, a password that was changed would still let somebody in.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, login: Login<'_>) -> Result<Option<SignInRow>, DbError> {
    db.require_strong_reads();
    let mut select = from(users::TABLE);
    select.and_where(match login {
        Login::Handle(handle) => col(users::handle).eq(handle.as_str()),
        Login::Email(email) => col(users::email).eq(email.as_str()),
        Login::User(id) => col(users::id).eq(value(&id)),
    });
    select.and_where(col(users::erased_at).is_null());
    db.first(Query::new(select)).await
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let email = Email::parse("ada@example.com").expect("an address");
        check("sign_in", |queries, with| {
            let by = |login| find(&with.db, login);
            queries.query("find by handle", by(Login::Handle(&with.handle)));
            queries.query("find by email", by(Login::Email(&email)));
            queries.query("find by id", by(Login::User(UserId(uuid::Uuid::nil()))));
        });
    }
}
