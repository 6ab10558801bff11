//! People as administrators see them: every account, whatever its state, with its address. Owns their order: newest first, and of
//! those who are suspended, the one whose suspension is the newest.

use domain::{Email, Handle, Page, PageRequest, Role, Search};
use sea_query::{Expr, ExprTrait, Query as Build, SelectStatement, SimpleExpr};

use super::events::{self, ListedEvent};
use super::helpers::{col, from, lookup, matching, paged, qualified};
use super::query::Query;
use crate::schema::macros::row;
use crate::schema::tables::{events as happened, sessions, users};
use crate::{Db, DbError};

row! {
    /// A person with the state of their account.
    Person {
        id = users::id,
        handle = users::handle,
        name = users::name,
        email = users::email,
        role = users::role,
        created_at = users::created_at,
        email_verified_at = users::email_verified_at,
        suspended_at = users::suspended_at,
        suspended_reason = users::suspended_reason,
        erase_at = users::erase_at,
        erased_at = users::erased_at,
        deleted_at = users::deleted_at,
        /// The last use of a session of theirs; `None` if they have none.
        last_seen_at = sessions::last_seen_at,
    }
}

/// The people whom a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Those whom a search finds.
    pub search: PeopleSearch,
    /// Those of one role.
    pub role: Option<Role>,
    /// Those who are suspended.
    pub is_suspended: bool,
}

/// A search for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PeopleSearch {
    /// Everybody.
    #[default]
    All,
    /// Words of handle, name and bio.
    Words(Search),
    /// The whole of an e-mail address.
    Email(Email),
}

impl PeopleSearch {
    /// Reads what was typed: an e-mail address, or words.
    pub fn parse(typed: &str) -> Self {
        let search = Search::parse(typed);
        match Email::parse(typed.trim()) {
            Ok(email) => Self::Email(email),
            Err(_) if search.is_empty() => Self::All,
            Err(_) => Self::Words(search),
        }
    }
}

/// Lists people. One statement; none for a search without words, which finds nobody.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    db: &Db,
    filter: &PeopleFilter,
    page: &PageRequest,
) -> Result<Page<Person>, DbError> {
    let mut select = from(users::TABLE);
    if let Some(role) = filter.role {
        select.and_where(match filter.search {
            // SQLite would read everybody of the role, and not those whom the search finds.
            PeopleSearch::Words(_) => col(users::role).ne(role.as_str()).not(),
            PeopleSearch::All | PeopleSearch::Email(_) => col(users::role).eq(role.as_str()),
        });
    }
    let order = match filter.is_suspended {
        true => {
            select.and_where(col(users::suspended_at).is_not_null());
            users::suspended_at
        }
        false => users::created_at,
    };
    let place = |person: &Person| {
        let suspended_at = person.suspended_at.filter(|_| filter.is_suspended);
        (suspended_at.unwrap_or(person.created_at), person.id.0)
    };
    match &filter.search {
        PeopleSearch::All => {}
        PeopleSearch::Words(search) if search.has_words() => {
            select = matching(db.dialect(), select, users::search_text, search);
        }
        PeopleSearch::Words(_) => return Ok(Page::new(Vec::new(), page, place)),
        PeopleSearch::Email(email) => {
            select.and_where(col(users::email).eq(email.as_str()));
        }
    }
    paged(&mut select, order, users::id, page);
    Ok(Page::new(db.all(people(select)).await?, page, place))
}

/// Finds one person. One statement.
///
/// # Errors
/// Any [`DbError`].
pub async fn find(db: &Db, handle: &Handle) -> Result<Option<Person>, DbError> {
    db.first(by_handle(handle)).await
}

/// Finds one person, with what happened to their account, newest first. One batch of two.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_with_events(
    db: &Db,
    handle: &Handle,
    page: &PageRequest,
) -> Result<Option<(Person, Page<ListedEvent>)>, DbError> {
    let mut theirs = from(happened::TABLE);
    let id = lookup(users::id, users::handle, handle.as_str());
    theirs.and_where(col(happened::user_id).eq(id));
    let (person, rows) = db
        .batch((by_handle(handle), events::listed(theirs, page)))
        .await?;
    let person = person.into_iter().next();
    Ok(person.map(|person| (person, events::page_of(rows, page))))
}

fn by_handle(handle: &Handle) -> Query<Person> {
    let mut select = from(users::TABLE);
    select.and_where(col(users::handle).eq(handle.as_str()));
    people(select)
}

/// The people of `select`, with the last use of their sessions.
fn people(select: SelectStatement) -> Query<Person> {
    Query::new(select).instead(sessions::last_seen_at, last_seen())
}

fn last_seen() -> SimpleExpr {
    let mut last = Build::select();
    last.expr(Expr::col(qualified(sessions::last_seen_at)).max())
        .from(sessions::TABLE.name)
        .and_where(col(sessions::user_id).equals(qualified(users::id)));
    SimpleExpr::SubQuery(None, Box::new(last.into()))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let all = PeopleFilter::default();
        let of_role = |search| PeopleFilter {
            search,
            role: Some(Role::Editor),
            is_suspended: false,
        };
        let suspended = PeopleFilter {
            is_suspended: true,
            ..PeopleFilter::default()
        };
        let editors = of_role(PeopleSearch::All);
        let found = of_role(PeopleSearch::parse("night tra"));
        let email = PeopleFilter {
            search: PeopleSearch::parse(" Ada@example.com "),
            ..suspended.clone()
        };
        check("people", |queries, with| {
            let db = &with.db;
            queries.query("list", list(db, &all, &with.first));
            queries.query("list older", list(db, &all, &with.older));
            queries.query("list of a role", list(db, &editors, &with.older));
            queries.query("list of the suspended", list(db, &suspended, &with.older));
            queries.query("list search", list(db, &found, &with.first));
            queries.query("list by address", list(db, &email, &with.first));
            queries.query("find", find(db, &with.handle));
            queries.query(
                "find_with_events",
                find_with_events(db, &with.handle, &with.older),
            );
        });
    }

    #[test]
    fn an_address_is_searched_for_as_a_whole() {
        let email = Email::parse("ada@example.com").expect("an address");
        for (typed, expected) in [
            ("", PeopleSearch::All),
            ("  ", PeopleSearch::All),
            (" Ada@Example.com ", PeopleSearch::Email(email)),
            ("@ada", PeopleSearch::Words(Search::parse("@ada"))),
            (
                "ada lovelace",
                PeopleSearch::Words(Search::parse("ada lovelace")),
            ),
        ] {
            assert_eq!(PeopleSearch::parse(typed), expected, "{typed}");
        }
    }
}
