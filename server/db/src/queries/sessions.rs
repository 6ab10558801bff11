//! Sessions: who is signed in, in which browser. A session lasts until its absolute end, and no longer than some days without use.
//!
//! Writes that end sessions with something else, such as a new password, are in `accounts`.

use domain::lifetimes::{CONFIRMATION_TTL, SEEN_INTERVAL, SESSION_IDLE_TTL};
use domain::{SessionId, Timestamp, UserId};
use sea_query::{Cond, DeleteStatement, ExprTrait, SelectStatement, SimpleExpr};

use super::helpers::{col, from, value};
use super::query::Query;
use super::render::render;
use super::writes::{changed, delete, exists, having, insert_if, lock, may_sign_in, update};
use crate::schema::macros::row;
use crate::schema::tables::{Event, Session, sessions, users};
use crate::{Db, DbError, Dialect, Statement};

/// The sessions that a list shows: a person has fewer.
const MAX_LISTED: u64 = 100;

row! {
    /// A valid session with its user.
    SessionRow {
        user_id = users::id,
        handle = users::handle,
        name = users::name,
        role = users::role,
        /// The id by which lists and events know it.
        id: SessionId = sessions::public_id,
        expires_at = sessions::expires_at,
        last_seen_at: Timestamp = sessions::last_seen_at,
        confirmed_at = sessions::confirmed_at,
    }
}

impl SessionRow {
    /// True if its user has proved within the last minutes who they are.
    pub fn is_confirmed(&self, now: Timestamp) -> bool {
        self.confirmed_at
            .is_some_and(|at| now < at + CONFIRMATION_TTL)
    }

    /// True if its use is to be noted by [`note_seen`].
    pub fn is_note_due(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at + SEEN_INTERVAL
    }
}

row! {
    /// A session in the list of its user.
    ListedSession {
        id: SessionId = sessions::public_id,
        created_at = sessions::created_at,
        last_seen_at: Timestamp = sessions::last_seen_at,
        expires_at = sessions::expires_at,
        user_agent = sessions::user_agent,
    }
}

/// Finds the session whose token has this hash, unless it is over or its user may not sign in. One statement.
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
    select.inner_join(
        users::TABLE.name,
        Cond::all()
            .add(col(users::id).equals((sessions::TABLE.name, sessions::user_id.name)))
            .add(may_sign_in()),
    );
    select.and_where(col(sessions::id).eq(token_hash));
    select.cond_where(is_current(now));
    Query::new(select)
}

/// The condition that a session is not over.
fn is_current(now: Timestamp) -> Cond {
    Cond::all()
        .add(col(sessions::expires_at).gt(value(&now)))
        .add(col(sessions::last_seen_at).gt(value(&(now - SESSION_IDLE_TTL))))
}

/// Lists the sessions of a user, the last used one first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(db: &Db, user_id: UserId, now: Timestamp) -> Result<Vec<ListedSession>, DbError> {
    let mut select = from(sessions::TABLE);
    select
        .and_where(col(sessions::user_id).eq(value(&user_id)))
        .cond_where(is_current(now))
        .limit(MAX_LISTED);
    let mut rows = db.all(Query::<ListedSession>::new(select)).await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.last_seen_at, row.id)));
    Ok(rows)
}

/// Begins a session, and ends the one that the browser had before (`previous`, the hash of its token), and those of the user that
/// are over. False if the user may not sign in, or has another password by now than the one of the hash `password`, if that is how
/// they signed in. One batch of three, or four.
///
/// # Errors
/// Any [`DbError`].
pub async fn create(
    db: &Db,
    session: &Session,
    previous: Option<&str>,
    password: Option<&str>,
    event: &Event,
) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let mut user = having(users::id, &session.user_id);
    user.cond_where(may_sign_in());
    if let Some(hash) = password {
        user.and_where(col(users::password_hash).eq(hash));
    }
    let mut over = delete(sessions::user_id, &session.user_id);
    over.cond_where(
        Cond::any()
            .add(col(sessions::last_seen_at).is_null())
            .add(is_current(session.created_at).not()),
    );
    let mut statements = vec![
        insert_if(dialect, session, exists(user.clone())),
        insert_if(dialect, event, is_there(&session.id)),
        render(dialect, &over),
    ];
    if let Some(previous) = previous {
        // Not whether the new session is there: MySQL does not let a deletion read its own table.
        let mut delete = delete(sessions::id, &previous.to_owned());
        delete.and_where(exists(user));
        statements.push(render(dialect, &delete));
    }
    Ok(changed(&db.write(&statements).await?, 0))
}

/// The condition that there is a session of this hash.
fn is_there(token_hash: &str) -> SimpleExpr {
    exists(having(sessions::id, &token_hash.to_owned()))
}

/// Notes that a session is in use; once within [`SEEN_INTERVAL`], however many requests ask for it. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn note_seen(db: &Db, token_hash: &str, now: Timestamp) -> Result<(), DbError> {
    let mut update = update(sessions::id, &token_hash.to_owned());
    update
        .value(sessions::last_seen_at.name, value(&now))
        .and_where(col(sessions::last_seen_at).lte(value(&(now - SEEN_INTERVAL))));
    db.run(&render(db.dialect(), &update)).await.map(drop)
}

/// The hashes of a session's token before and after a change.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    /// The present hash.
    pub from: &'a str,
    /// The hash of the new token.
    pub to: &'a str,
}

/// Gives a session another token, after its user has proved who they are: who knew the old one is signed out. False if there is no
/// such session. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn confirm(db: &Db, rotation: Rotation<'_>, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let statements = [
        rotate(dialect, rotation, event.created_at),
        insert_if(dialect, event, exists(rotated(rotation, event.created_at))),
    ];
    Ok(changed(&db.write(&statements).await?, 0))
}

/// Gives a session that is not over another token, and notes that its user has proved who they are.
pub(super) fn rotate(dialect: Dialect, rotation: Rotation<'_>, now: Timestamp) -> Statement {
    let mut update = update(sessions::id, &rotation.from.to_owned());
    update
        .value(sessions::id.name, rotation.to)
        .value(sessions::confirmed_at.name, value(&now))
        .cond_where(is_current(now));
    render(dialect, &update)
}

/// The session that was rotated at `now`: not by the first of two clicks, which gives it the same token.
pub(super) fn rotated(rotation: Rotation<'_>, now: Timestamp) -> SelectStatement {
    let mut session = having(sessions::id, &rotation.to.to_owned());
    session.and_where(col(sessions::confirmed_at).eq(value(&now)));
    session
}

/// Ends the session whose token has this hash. False if there is none. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn end(db: &Db, token_hash: &str, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let token_hash = token_hash.to_owned();
    let statements = [
        lock(dialect, sessions::id, &token_hash),
        insert_if(dialect, event, is_there(&token_hash)),
        render(dialect, &delete(sessions::id, &token_hash)),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Ends one session of a user. False if they have none of this id. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn revoke(
    db: &Db,
    user_id: UserId,
    session: SessionId,
    event: &Event,
) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let is_session = || col(sessions::public_id).eq(value(&session));
    let mut there = having(sessions::user_id, &user_id);
    there.and_where(is_session());
    let mut delete = delete(sessions::user_id, &user_id);
    delete.and_where(is_session());
    let statements = [
        lock(dialect, users::id, &user_id),
        insert_if(dialect, event, exists(there)),
        render(dialect, &delete),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Ends all sessions of a user but the one whose token has the hash `keep`. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn revoke_others(
    db: &Db,
    user_id: UserId,
    keep: Option<&str>,
    event: &Event,
) -> Result<(), DbError> {
    let dialect = db.dialect();
    let mut statements = super::insert(dialect, std::slice::from_ref(event));
    statements.push(end_all(dialect, user_id, keep));
    db.write(&statements).await.map(drop)
}

/// Ends all sessions of a user. False if there was none. One batch of three.
///
/// # Errors
/// Any [`DbError`].
pub async fn revoke_all(db: &Db, user_id: UserId, event: &Event) -> Result<bool, DbError> {
    let dialect = db.dialect();
    let statements = [
        lock(dialect, users::id, &user_id),
        insert_if(dialect, event, exists(having(sessions::user_id, &user_id))),
        end_all(dialect, user_id, None),
    ];
    Ok(changed(&db.write(&statements).await?, 2))
}

/// Deletes all sessions of a user but the one whose token has the hash `keep`.
pub(super) fn end_all(dialect: Dialect, user_id: UserId, keep: Option<&str>) -> Statement {
    render(dialect, &all_of(user_id, keep))
}

/// Ends the sessions of a user, but that of the hash `keep`, if this condition holds.
pub(super) fn end_all_if(
    dialect: Dialect,
    user_id: UserId,
    keep: Option<&str>,
    condition: SimpleExpr,
) -> Statement {
    render(dialect, all_of(user_id, keep).and_where(condition))
}

fn all_of(user_id: UserId, keep: Option<&str>) -> DeleteStatement {
    let mut delete = delete(sessions::user_id, &user_id);
    if let Some(keep) = keep {
        delete.and_where(col(sessions::id).ne(keep));
    }
    delete
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use domain::EventKind;
    use uuid::Uuid;

    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let (now, user) = (
            Timestamp::from_millis(1_800_000_000_000),
            UserId(Uuid::nil()),
        );
        let id = SessionId(Uuid::nil());
        let event = Event::test(EventKind::SignedIn);
        let session = Session {
            id: "hash".to_owned(),
            user_id: user,
            created_at: now,
            expires_at: now,
            user_agent: "a browser".to_owned(),
            public_id: Some(id),
            last_seen_at: Some(now),
            confirmed_at: None,
        };
        let rotation = Rotation {
            from: "old",
            to: "new",
        };
        check("sessions", |queries, with| {
            let db = &with.db;
            queries.query("find", find(db, "hash", now));
            queries.query("list", list(db, user, now));
            queries.query("create", create(db, &session, Some("old"), None, &event));
            let by_password = create(db, &session, None, Some("hash"), &event);
            queries.query("create by password", by_password);
            queries.query("note_seen", note_seen(db, "hash", now));
            queries.query("confirm", confirm(db, rotation, &event));
            queries.query("end", end(db, "hash", &event));
            queries.query("revoke", revoke(db, user, id, &event));
            queries.query("revoke_others", revoke_others(db, user, Some("h"), &event));
            queries.query("revoke_all", revoke_all(db, user, &event));
        });
    }
}
