//! People as administrators see them: everybody, whatever their state, found and paged.

use domain::{EventKind, Handle, PageRequest, Role};

use super::{MILLISECOND, TestUsers, event, handle, kinds, now, session, set_time};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::people::{self, PeopleFilter, PeopleSearch};
use crate::queries::{admin, events, insert, sessions};
use crate::schema::tables::{User, users};

/// Follows a list to its end, two at a time; the handles of those among `of`.
async fn walked(db: &Db, filter: &PeopleFilter, of: &[User]) -> Result<Vec<String>, String> {
    let mut page = PageRequest::first(2);
    let mut handles = Vec::new();
    loop {
        let found = people::list(db, filter, &page).await.map_err(message)?;
        let theirs = found.rows.into_iter().map(|person| person.handle);
        handles.extend(theirs.filter(|handle| of.iter().any(|user| &user.handle == handle)));
        page.cursor = found.older;
        if page.cursor.is_none() {
            return Ok(handles);
        }
    }
}

/// Everybody is in the list once, newest first, whatever the state of their account; it is narrowed by words, an address, a role,
/// and a suspension.
pub(in crate::contract) async fn people_are_found_and_paged(db: &Db, _: &Clients) -> CaseResult {
    let (people, all) = TestUsers::write::<4>(db).await?;
    let checked = async {
        let mut expected: Vec<&User> = all.iter().collect();
        expected.sort_by_key(|user| std::cmp::Reverse((user.created_at, user.id)));
        let handles: Vec<String> = expected.iter().map(|user| user.handle.clone()).collect();
        let [ada, bob, cyd, _] = &all;
        set_time(db, bob, users::deleted_at, Some(now())).await?;
        set_time(db, cyd, users::erase_at, Some(now())).await?;
        equal(&walked(db, &PeopleFilter::default(), &all).await?, &handles)?;

        let only = |search: &str| PeopleFilter {
            search: PeopleSearch::parse(search),
            ..PeopleFilter::default()
        };
        for (search, found) in [
            (ada.email.to_uppercase(), vec![ada.handle.clone()]),
            (bob.handle.clone(), vec![bob.handle.clone()]),
            (format!("nobody-{}", ada.email), Vec::new()),
            ("!!!".to_owned(), Vec::new()),
        ] {
            let walked = walked(db, &only(&search), &all).await;
            equal(&walked?, &found).map_err(|why| format!("{search}: {why}"))?;
        }

        let role = |role| PeopleFilter {
            role: Some(role),
            ..PeopleFilter::default()
        };
        let to_editor = event(EventKind::RoleChanged, ada, now());
        equal(
            &admin::set_role(db, ada.id, Role::Editor, &to_editor).await,
            &Ok(true),
        )?;
        let editors = walked(db, &role(Role::Editor), &all).await?;
        equal(&editors, &vec![ada.handle.clone()])?;
        let authors = walked(db, &role(Role::Author), &all).await?;
        equal(&authors.len(), &3)?;

        // The newest suspension first, however old the account.
        let times = [3_u32, 1, 2].map(|n| now() + MILLISECOND * n);
        for (user, at) in [ada, bob, cyd].into_iter().zip(times) {
            set_time(db, user, users::suspended_at, Some(at)).await?;
        }
        let suspended = PeopleFilter {
            is_suspended: true,
            ..PeopleFilter::default()
        };
        let found = walked(db, &suspended, &all).await?;
        equal(
            &found,
            &[ada, cyd, bob].map(|user| user.handle.clone()).to_vec(),
        )?;
        let both = PeopleFilter {
            search: PeopleSearch::parse(&ada.handle),
            role: Some(Role::Editor),
            ..suspended
        };
        equal(&walked(db, &both, &all).await?, &vec![ada.handle.clone()])
    }
    .await;
    people.delete().await?;
    checked
}

/// A person is found with the last use of their sessions, and with what happened to their account and by whom.
pub(in crate::contract) async fn a_person_is_found_with_their_events(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let page = PageRequest::first(2);
        let find = async |handle: &Handle| {
            let found = people::find_with_events(db, handle, &page).await;
            found.map_err(message)?.ok_or_else(|| "nobody".to_owned())
        };
        let of_ada = handle(&ada.handle)?;
        equal(&find(&of_ada).await?.0.last_seen_at, &None)?;
        let later = now() + MILLISECOND;
        let both = [("early", now()), ("late", later)].map(|(name, at)| session(&ada, name, at));
        let written = db.write(&insert(db.dialect(), &both)).await;
        written.map_err(message)?;
        let by_bob = events::Origin {
            actor: Some(bob.id),
            ..events::Origin::default()
        };
        let by_nobody = event(EventKind::SignInFailed, &ada, later);
        events::insert(db, &by_nobody).await.map_err(message)?;
        let suspended =
            crate::schema::tables::Event::new(EventKind::Restored, Some(ada.id), by_bob, now());
        events::insert(db, &suspended).await.map_err(message)?;
        let (person, events) = find(&of_ada).await?;
        equal(&(person.id, person.last_seen_at), &(ada.id, Some(later)))?;
        let seen: Vec<_> = events
            .rows
            .into_iter()
            .map(|row| (row.event.kind, row.user_handle, row.actor_handle))
            .collect();
        let handle_of = |user: &User| Some(user.handle.clone());
        let expected = [
            ("sign_in_failed".to_owned(), handle_of(&ada), None),
            ("restored".to_owned(), handle_of(&ada), handle_of(&bob)),
        ];
        equal(&seen, &expected.to_vec())?;
        let alone = people::find(db, &of_ada).await.map_err(message)?;
        equal(&alone.map(|found| found.id), &Some(ada.id))?;
        let nobody = handle("nobody-has-this")?;
        equal(&people::find(db, &nobody).await.map_err(message)?, &None)?;
        let none = people::find_with_events(db, &nobody, &page).await;
        equal(&none.map_err(message)?, &None)
    }
    .await;
    people.delete().await?;
    checked
}

/// Another role ends the sessions of who gets it, and only where it is another.
pub(in crate::contract) async fn another_role_ends_sessions(db: &Db, _: &Clients) -> CaseResult {
    let (people, [ada, bob]) = TestUsers::write(db).await?;
    let checked = async {
        let all = [&ada, &bob].map(|user| session(user, "session", now()));
        let written = db.write(&insert(db.dialect(), &all)).await;
        written.map_err(message)?;
        let is_signed_in = async |n: usize| {
            let found = sessions::find(db, &all[n].id, now()).await;
            Ok::<_, String>(found.map_err(message)?.is_some())
        };
        for (role, is_done) in [(Role::Author, false), (Role::Editor, true)] {
            let event = event(EventKind::RoleChanged, &ada, now());
            equal(
                &admin::set_role(db, ada.id, role, &event).await,
                &Ok(is_done),
            )?;
            equal(&is_signed_in(0).await?, &!is_done)?;
        }
        equal(&is_signed_in(1).await?, &true)?;
        for is_done in [true, false] {
            let event = event(EventKind::SessionsRevoked, &bob, now());
            equal(
                &sessions::revoke_all(db, bob.id, &event).await,
                &Ok(is_done),
            )?;
            equal(&is_signed_in(1).await?, &false)?;
        }
        equal(
            &kinds(db, &bob).await?,
            &vec!["sessions_revoked".to_owned()],
        )
    }
    .await;
    people.delete().await?;
    checked
}
