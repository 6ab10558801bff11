//! Cases about accounts: what their queries promise to the pages that stand on them.

pub(super) mod admin;
pub(super) mod api_tokens;
pub(super) mod at_once;
mod belongings;
pub(super) mod changes;
pub(super) mod clean_up;
pub(super) mod codes;
pub(super) mod creation;
pub(super) mod erasure;
pub(super) mod events;
pub(super) mod handles;
pub(super) mod invites;
pub(super) mod passkeys;
pub(super) mod people;
pub(super) mod personal_data;
pub(super) mod sessions;

use std::time::Duration;

use domain::{EventKind, Handle, PageRequest, SessionId, Timestamp, UserId};

use super::support::message;
use super::written::user;
use crate::queries::events::Origin;
use crate::queries::{contract, insert};
use crate::schema::Column;
use crate::schema::tables::{Event, Session, User, users};
use crate::{Db, DbError, Statement};

const DAY: Duration = Duration::from_secs(86_400);
const MILLISECOND: Duration = Duration::from_millis(1);

/// The time of a case, far from that of any other row.
fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_123)
}

/// Users, in the database for the time of a case.
struct TestUsers {
    db: Db,
    users: Vec<User>,
}

impl TestUsers {
    /// Writes `N` users.
    async fn write<const N: usize>(db: &Db) -> Result<(Self, [User; N]), String> {
        let users = [(); N].map(|()| user(UserId::new()));
        let people = Self {
            db: db.clone(),
            users: users.to_vec(),
        };
        let statements = insert(db.dialect(), &people.users);
        db.write(&statements).await.map_err(message)?;
        Ok((people, users))
    }

    /// Notes a user whom the case makes, to be deleted with the others.
    fn add(&mut self, user: &User) {
        self.users.push(user.clone());
    }

    /// Deletes the users, and what is known of them.
    async fn delete(self) -> Result<(), String> {
        let dialect = self.db.dialect();
        let gone = self.users.iter().flat_map(|user| {
            let [events, codes] = contract::delete_traces(dialect, user);
            [contract::delete_user(dialect, user.id), events, codes]
        });
        let gone: Vec<Statement> = gone.collect();
        self.db.write(&gone).await.map(drop).map_err(message)
    }
}

/// Sets a time of a user, past all rules.
async fn set_time(
    db: &Db,
    user: &User,
    column: Column,
    at: Option<Timestamp>,
) -> Result<(), String> {
    let statement = contract::set_time(db.dialect(), user.id, column, at);
    db.run(&statement).await.map(drop).map_err(message)
}

/// The states in which nobody may sign in.
const CLOSED: [Column; 4] = [
    users::suspended_at,
    users::deleted_at,
    users::erase_at,
    users::erased_at,
];

/// An event about `user` at `at`.
fn event(kind: EventKind, user: &User, at: Timestamp) -> Event {
    Event::new(kind, Some(user.id), Origin::default(), at)
}

/// The kinds of events about `user`, the first one first.
async fn kinds(db: &Db, user: &User) -> Result<Vec<String>, String> {
    let page = PageRequest::first(100);
    let found = crate::queries::events::of_user(db, user.id, &page).await;
    let mut kinds: Vec<String> = found
        .map_err(message)?
        .rows
        .into_iter()
        .map(|event| event.kind)
        .collect();
    kinds.reverse();
    Ok(kinds)
}

/// The hash of a token that no other user has.
fn hash(user: &User, name: &str) -> String {
    format!("{}-{name}", user.id.0.simple())
}

/// A session that `user` begins at `at`.
fn session(user: &User, name: &str, at: Timestamp) -> Session {
    Session {
        id: hash(user, name),
        user_id: user.id,
        created_at: at,
        expires_at: at + domain::lifetimes::SESSION_TTL,
        user_agent: name.to_owned(),
        public_id: Some(SessionId::new()),
        last_seen_at: Some(at),
        confirmed_at: None,
    }
}

pub(super) fn handle(text: &str) -> Result<Handle, String> {
    Handle::parse(text).map_err(|why| format!("{text}: {why:?}"))
}

/// True if the value of this column of a user is somebody else's.
fn is_taken<T>(given: &Result<T, DbError>, column: Column) -> bool {
    matches!(given, Err(DbError::Unique { table, column: name }) if table == "users" && name == column.name)
}

/// Checks that of two writes at once one was done, and says which.
fn one_is_done(both: (Result<bool, DbError>, Result<bool, DbError>)) -> Result<[bool; 2], String> {
    let both = [both.0.map_err(message)?, both.1.map_err(message)?];
    if both[0] == both[1] {
        return Err(format!("of two at once these were done: {both:?}"));
    }
    Ok(both)
}
