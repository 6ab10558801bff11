//! Handles that users had before: they lead to the present one, and are kept from others for a time.

use domain::lifetimes::HANDLE_KEPT;
use domain::{Handle, Timestamp, UserId};
use sea_query::{Cond, Expr, ExprTrait, Query as Build, SimpleExpr};

use super::helpers::{col, from, qualified, value};
use super::query::Query;
use super::render::render;
use super::writes::{changed, delete, exists, having, insert_if, lock, update};
use crate::schema::macros::row;
use crate::schema::tables::{Event, user_handles, users};
use crate::{Db, DbError, Dialect, Statement};

row! {
    /// The present handle of a user who had another one.
    PresentHandle {
        handle = users::handle,
        released_at = user_handles::released_at,
        deleted_at = users::deleted_at,
    }
}

/// The result of looking somebody up by a handle.
#[derive(Clone, Debug, PartialEq)]
pub enum HandleLookup<T> {
    /// Somebody has it.
    User(T),
    /// Somebody had it, and has this one now.
    Moved(String),
    /// The account that has or had it is closed.
    Gone,
    /// Nobody has it.
    Nothing,
}

impl<T> HandleLookup<T> {
    /// The result of `found`, whose account was closed at `deleted_at` or is open, and of a lookup of who had the handle, at `now`.
    pub(super) fn new(
        found: Option<(T, Option<Timestamp>)>,
        earlier: Vec<PresentHandle>,
        now: Timestamp,
    ) -> Self {
        match (found, earlier.into_iter().next()) {
            (Some((found, None)), _) => Self::User(found),
            (Some((_, Some(_))), _) => Self::Gone,
            (None, Some(row)) if !row.is_kept(now) => Self::Nothing,
            (None, Some(row)) if row.deleted_at.is_some() => Self::Gone,
            (None, Some(row)) => Self::Moved(row.handle),
            (None, None) => Self::Nothing,
        }
    }

    /// Returns what was found under the handle itself.
    pub fn found(self) -> Option<T> {
        match self {
            Self::User(found) => Some(found),
            Self::Moved(_) | Self::Gone | Self::Nothing => None,
        }
    }
}

impl PresentHandle {
    /// True if the earlier handle is still kept for its user. Not a condition of the query, whose text would differ with the time.
    fn is_kept(&self, now: Timestamp) -> bool {
        self.released_at > now - HANDLE_KEPT
    }
}

/// Finds the present handle of the user who had this one, if it is still kept for them. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn present(db: &Db, earlier: &Handle, now: Timestamp) -> Result<Option<String>, DbError> {
    let row = db.first(of_earlier(earlier)).await?;
    Ok(
        match HandleLookup::<()>::new(None, row.into_iter().collect(), now) {
            HandleLookup::Moved(handle) => Some(handle),
            HandleLookup::User(()) | HandleLookup::Gone | HandleLookup::Nothing => None,
        },
    )
}

/// The user who had this handle, whether or not the account is closed.
pub(super) fn of_earlier(earlier: &Handle) -> Query<PresentHandle> {
    let mut select = from(user_handles::TABLE);
    select.inner_join(
        users::TABLE.name,
        col(users::id).equals(qualified(user_handles::user_id)),
    );
    select.and_where(col(user_handles::handle).eq(earlier.as_str()));
    Query::new(select)
}

/// The result of changing a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleChange {
    /// It was changed.
    Done,
    /// Another had it until lately, and it is kept for them; or it is the user's own already.
    Refused,
}

/// Gives a user another handle, and keeps the old one for them. `search_text` are the words of the profile with the new handle. One
/// batch of five.
///
/// # Errors
/// [`DbError::Unique`] for a handle that somebody has, or any other [`DbError`].
pub async fn change(
    db: &Db,
    id: UserId,
    handle: &Handle,
    search_text: &str,
    event: &Event,
) -> Result<HandleChange, DbError> {
    let (dialect, handle, now) = (db.dialect(), handle.as_str(), event.created_at);
    let changes = || {
        Cond::all()
            .add(col(users::handle).ne(handle))
            .add(is_kept_from(handle, id, now).not())
    };
    let mut user = having(users::id, &id);
    user.cond_where(changes());
    let mut update = update(users::id, &id);
    update
        .value(users::handle.name, handle)
        .value(users::search_text.name, search_text)
        .value(users::updated_at.name, value(&now))
        .cond_where(changes());
    let statements = [
        lock(dialect, users::id, &id),
        release(dialect, id, handle, now),
        insert_if(dialect, event, exists(user)),
        render(dialect, &update),
        forget_present(dialect, id),
    ];
    let rows = db.write(&statements).await?;
    Ok(if changed(&rows, 3) {
        HandleChange::Done
    } else {
        HandleChange::Refused
    })
}

/// Notes the present handle of a user as an earlier one, if it is another than `handle`.
fn release(dialect: Dialect, id: UserId, handle: &str, now: Timestamp) -> Statement {
    let columns = user_handles::TABLE.columns.iter().map(|column| column.name);
    let mut select = from(users::TABLE);
    select
        .expr(col(users::handle))
        .expr(col(users::id))
        .expr(value(&now))
        .and_where(col(users::id).eq(value(&id)))
        .and_where(col(users::handle).ne(handle));
    let mut insert = Build::insert();
    insert.into_table(user_handles::TABLE.name).columns(columns);
    // It fails where columns and values differ in number.
    let _ = insert.select_from(select);
    render(dialect, &insert)
}

/// Forgets who had the handle that a user has now: another until lately, they themselves, or they still, as they got no other.
fn forget_present(dialect: Dialect, id: UserId) -> Statement {
    let mut present = from(users::TABLE);
    present
        .column(qualified(users::handle))
        .and_where(col(users::id).eq(value(&id)));
    let present = SimpleExpr::SubQuery(None, Box::new(present.into()));
    let mut delete = Build::delete();
    delete
        .from_table(user_handles::TABLE.name)
        .and_where(col(user_handles::handle).eq(present));
    render(dialect, &delete)
}

/// The condition that a handle is kept for another than `user` at `now`.
pub(super) fn is_kept_from(handle: &str, user: UserId, now: Timestamp) -> SimpleExpr {
    let of = |column: crate::schema::Column| Expr::col(("kept", column.name));
    let mut kept = Build::select();
    kept.expr(Expr::cust("1"))
        .from_as(user_handles::TABLE.name, "kept")
        .and_where(of(user_handles::handle).eq(handle))
        .and_where(of(user_handles::user_id).ne(value(&user)))
        .and_where(of(user_handles::released_at).gt(value(&(now - HANDLE_KEPT))));
    exists(kept)
}

/// Forgets who had a handle, as somebody has it now, if `condition` holds.
pub(super) fn forget(dialect: Dialect, handle: &str, condition: SimpleExpr) -> Statement {
    let mut delete = delete(user_handles::handle, &handle.to_owned());
    delete.and_where(condition);
    render(dialect, &delete)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::HandleChanged);
        let (user, now) = (UserId(uuid::Uuid::nil()), event.created_at);
        check("handles", |queries, with| {
            let db = &with.db;
            queries.query("present", present(db, &with.handle, now));
            queries.query("change", change(db, user, &with.handle, "words", &event));
        });
    }
}
