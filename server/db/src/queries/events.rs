//! Events: what happened to accounts. Rows are only added, most of them in the batch of what they tell of.

use domain::lifetimes::EVENT_ADDRESS_TTL;
use domain::{EventId, EventKind, Page, PageRequest, SessionId, Timestamp, UserId};
use sea_query::{Expr, ExprTrait, JoinType, SelectStatement};

use super::helpers::{col, from, paged, qualified, value};
use super::query::Query;
use crate::schema::Column;
use crate::schema::macros::row;
use crate::schema::tables::{Event, events, users};
use crate::{Cells, Db, DbError, FromRow};

row! {
    /// An event in a list.
    EventRow {
        id = events::id,
        /// The word of an [`EventKind`].
        kind = events::kind,
        user_id = events::user_id,
        actor_id = events::actor_id,
        session_id = events::session_id,
        detail = events::detail,
        address = events::address,
        created_at = events::created_at,
    }
}

/// An event with the handles of those whom it is about, as far as they still have accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedEvent {
    /// The event.
    pub event: EventRow,
    /// The handle of the user whose account it is about.
    pub user_handle: Option<String>,
    /// The handle of the user who did it.
    pub actor_handle: Option<String>,
}

/// The user whose account an event is about.
const USER: &str = "event_users";
/// The user who did it.
const ACTOR: &str = "event_actors";
const USER_HANDLE: Column = Column::new::<Option<String>>(USER, users::handle.name);
const ACTOR_HANDLE: Column = Column::new::<Option<String>>(ACTOR, users::handle.name);

impl FromRow for ListedEvent {
    const COLUMNS: &'static [Column] = &[
        events::id,
        events::kind,
        events::user_id,
        events::actor_id,
        events::session_id,
        events::detail,
        events::address,
        events::created_at,
        USER_HANDLE,
        ACTOR_HANDLE,
    ];

    fn from_row(cells: &mut Cells<'_>) -> Result<Self, DbError> {
        Ok(Self {
            event: EventRow::from_row(cells)?,
            user_handle: cells.take(&USER_HANDLE)?,
            actor_handle: cells.take(&ACTOR_HANDLE)?,
        })
    }
}

/// Who did something, and from where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The user who was signed in.
    pub actor: Option<UserId>,
    /// Their session.
    pub session: Option<SessionId>,
    /// The address of the request.
    pub address: Option<&'a str>,
}

impl Event {
    /// An event about the account of `user`, now.
    pub fn new(kind: EventKind, user: Option<UserId>, origin: Origin<'_>, now: Timestamp) -> Self {
        Self {
            id: EventId::new(),
            kind: kind.as_str().to_owned(),
            user_id: user,
            actor_id: origin.actor,
            session_id: origin.session,
            detail: String::new(),
            address: origin.address.map(str::to_owned),
            address_expires_at: origin.address.map(|_| now + EVENT_ADDRESS_TTL),
            created_at: now,
        }
    }

    /// Adds a detail, such as the name of a token.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..self
        }
    }

    /// An event of which only the kind matters.
    #[cfg(all(test, feature = "sqlite"))]
    pub(super) fn test(kind: EventKind) -> Self {
        let now = Timestamp::from_millis(1_800_000_000_000);
        Self {
            id: EventId(uuid::Uuid::nil()),
            ..Self::new(kind, None, Origin::default(), now)
        }
    }
}

/// Adds an event that tells of no write, such as a failed sign-in. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn insert(db: &Db, event: &Event) -> Result<(), DbError> {
    let statements = super::insert(db.dialect(), std::slice::from_ref(event));
    db.write(&statements).await.map(drop)
}

/// Lists what happened to the account of `user`, newest first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_user(db: &Db, user: UserId, page: &PageRequest) -> Result<Page<EventRow>, DbError> {
    let mut select = from(events::TABLE);
    select.and_where(col(events::user_id).eq(value(&user)));
    read(db, select, page).await
}

/// Lists what happened to the account of `user` since a time, newest first. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn since(
    db: &Db,
    user: UserId,
    since: Timestamp,
    page: &PageRequest,
) -> Result<Page<EventRow>, DbError> {
    let mut select = from(events::TABLE);
    select
        .and_where(col(events::user_id).eq(value(&user)))
        .and_where(col(events::created_at).gte(value(&since)));
    read(db, select, page).await
}

async fn read(
    db: &Db,
    mut select: SelectStatement,
    page: &PageRequest,
) -> Result<Page<EventRow>, DbError> {
    paged(&mut select, events::created_at, events::id, page);
    let rows = db.all(Query::<EventRow>::new(select)).await?;
    Ok(Page::new(rows, page, |event| {
        (event.created_at, event.id.0)
    }))
}

/// Lists what happened to all accounts, newest first: everything, or what is of one kind. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    db: &Db,
    kind: Option<EventKind>,
    page: &PageRequest,
) -> Result<Page<ListedEvent>, DbError> {
    let mut select = from(events::TABLE);
    if let Some(kind) = kind {
        select.and_where(col(events::kind).eq(kind.as_str()));
    }
    let rows = db.all(listed(select, page)).await?;
    Ok(page_of(rows, page))
}

/// One page of the events of `select`, with handles.
pub(super) fn listed(mut select: SelectStatement, page: &PageRequest) -> Query<ListedEvent> {
    for (alias, column) in [(USER, events::user_id), (ACTOR, events::actor_id)] {
        let id = Expr::col((alias, users::id.name));
        select.join_as(
            JoinType::LeftJoin,
            users::TABLE.name,
            alias,
            id.equals(qualified(column)),
        );
    }
    paged(&mut select, events::created_at, events::id, page);
    Query::new(select)
}

/// The page that the rows of [`listed`] are.
pub(super) fn page_of(rows: Vec<ListedEvent>, page: &PageRequest) -> Page<ListedEvent> {
    Page::new(rows, page, |listed| {
        (listed.event.created_at, listed.event.id.0)
    })
}

/// The event of this id.
pub(super) fn by_id(id: EventId) -> Query<EventRow> {
    let mut select = from(events::TABLE);
    select.and_where(col(events::id).eq(value(&id)));
    Query::new(select)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let event = Event::test(EventKind::SignInFailed).with_detail("password");
        let (user, now) = (UserId(uuid::Uuid::nil()), Timestamp::from_millis(0));
        let kind = EventKind::Suspended;
        check("events", |queries, with| {
            let db = &with.db;
            queries.query("insert", insert(db, &event));
            queries.query("of_user", of_user(db, user, &with.first));
            queries.query("of_user older", of_user(db, user, &with.older));
            queries.query("since", since(db, user, now, &with.first));
            queries.query("since, older", since(db, user, now, &with.older));
            queries.query("list", list(db, None, &with.first));
            queries.query("list newer", list(db, None, &with.newer));
            queries.query("list of a kind", list(db, Some(kind), &with.older));
        });
    }
}
