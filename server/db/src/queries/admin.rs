//! Administration of accounts, and how the first administrator becomes one. Owns that an administrator is left.

use domain::{Role, UserId};
use sea_query::{Cond, Expr, ExprTrait, Query as Build, SelectStatement, SimpleExpr};

use super::helpers::{col, from, qualified, value};
use super::query::Query;
use super::render::render;
use super::writes::{
    NO_PASSWORD, changed, delete, exists, having, insert_if, lock, lock_admins, may_sign_in, null,
    update,
};
use crate::schema::macros::row;
use crate::schema::tables::{Event, events, sessions, users};
use crate::{Db, DbError, Dialect, Statement};

row! {
    /// An administrator.
    Administrator {
        id = users::id,
    }
}

/// True if an administrator can sign in. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn has_admin(db: &Db) -> Result<bool, DbError> {
    let found = db.first(Query::<Administrator>::new(admins())).await?;
    Ok(found.is_some())
}

/// One administrator who can sign in, without columns.
fn admins() -> SelectStatement {
    let mut select = from(users::TABLE);
    select
        .and_where(col(users::role).eq(Role::Admin.as_str()))
        .cond_where(may_sign_in())
        .cond_where(has_way_in())
        .limit(1);
    select
}

/// The condition that a user has a password or a proved address. Those of the example site and of anonymised dumps have neither, and
/// nobody signs in as them.
fn has_way_in() -> Cond {
    Cond::any()
        .add(col(users::password_hash).ne(NO_PASSWORD))
        .add(col(users::email_verified_at).is_not_null())
}

/// The condition that an administrator other than `user` can sign in.
pub(super) fn is_another_admin(user: Option<UserId>) -> SimpleExpr {
    let mut admins = admins();
    admins.column(qualified(users::id));
    if let Some(user) = user {
        admins.and_where(col(users::id).ne(value(&user)));
    }
    // MySQL lets an update read its own table only as a table made before.
    let mut found = Build::select();
    found
        .expr(Expr::cust("1"))
        .from_subquery(admins, "other_admins");
    exists(found)
}

/// The condition that an administrator is left without `user`, as far as the row at hand is theirs.
pub(super) fn leaves_an_admin(user: UserId) -> Cond {
    Cond::any()
        .add(col(users::role).ne(Role::Admin.as_str()))
        .add(is_another_admin(Some(user)))
}

/// Makes a user an administrator, if there is none who can sign in. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn claim_admin(db: &Db, id: UserId, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let claims = || {
        Cond::all()
            .add(may_sign_in())
            .add(is_another_admin(None).not())
    };
    let mut user = having(users::id, &id);
    user.cond_where(claims());
    let mut update = update(users::id, &id);
    update
        .value(users::role.name, Role::Admin.as_str())
        .value(users::updated_at.name, value(&event.created_at))
        .cond_where(claims());
    let statements = [
        lock_admins(dialect),
        insert_if(dialect, event, exists(user)),
        render(dialect, &update),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Gives a user another role, and ends their sessions: who has other rights signs in anew. False if they have the role, or no
/// administrator would be left. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_role(db: &Db, id: UserId, role: Role, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let changes = || {
        let is_other = Cond::all().add(col(users::role).ne(role.as_str()));
        is_other.add(leaves_an_admin(id))
    };
    let mut user = having(users::id, &id);
    user.cond_where(changes());
    let mut update = update(users::id, &id);
    update
        .value(users::role.name, role.as_str())
        .value(users::updated_at.name, value(&event.created_at))
        .cond_where(changes());
    let statements = [
        lock_admins(dialect),
        insert_if(dialect, event, exists(user)),
        render(dialect, &update),
        end_sessions_after(dialect, id, event),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Suspends an account and ends its sessions. False if it is suspended, or no administrator would be left. One batch of four.
///
/// # Errors
/// Any [`DbError`].
pub async fn suspend(db: &Db, id: UserId, reason: &str, event: &Event) -> Result<bool, DbError> {
    let (dialect, now) = (db.dialect(), event.created_at);
    let changes = || {
        let is_open = Cond::all().add(col(users::suspended_at).is_null());
        is_open.add(leaves_an_admin(id))
    };
    let mut user = having(users::id, &id);
    user.cond_where(changes());
    let mut update = update(users::id, &id);
    update
        .value(users::suspended_at.name, value(&now))
        .value(users::suspended_reason.name, reason)
        .cond_where(changes());
    let statements = [
        lock_admins(dialect),
        insert_if(dialect, event, exists(user)),
        render(dialect, &update),
        end_sessions_after(dialect, id, event),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Ends the sessions of a user, if `event` was added.
fn end_sessions_after(dialect: Dialect, id: UserId, event: &Event) -> Statement {
    let mut end = delete(sessions::user_id, &id);
    end.and_where(exists(having(events::id, &event.id)));
    render(dialect, &end)
}

/// Lifts a suspension. False if there was none. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn restore(db: &Db, id: UserId, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_suspended = || col(users::suspended_at).is_not_null();
    let mut user = having(users::id, &id);
    user.and_where(is_suspended());
    let mut update = update(users::id, &id);
    update
        .value(users::suspended_at.name, null())
        .value(users::suspended_reason.name, null())
        .and_where(is_suspended());
    let statements = [
        lock(dialect, users::id, &id),
        insert_if(dialect, event, exists(user)),
        render(dialect, &update),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::RoleChanged);
        let id = UserId(uuid::Uuid::nil());
        check("admin", |queries, with| {
            let db = &with.db;
            queries.query("has_admin", has_admin(db));
            queries.query("claim_admin", claim_admin(db, id, &event));
            queries.query("set_role", set_role(db, id, Role::Editor, &event));
            queries.query("suspend", suspend(db, id, "spam", &event));
            queries.query("restore", restore(db, id, &event));
        });
    }
}
