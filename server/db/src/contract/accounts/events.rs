//! Events: listed newest first, and without addresses after a time.

use domain::lifetimes::EVENT_ADDRESS_TTL;
use domain::{Direction, EventId, EventKind, Page, PageRequest, SessionId};

use super::{MILLISECOND, TestUsers, now};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::events::{self, EventRow, Origin};
use crate::queries::{clean_up, contract, insert};
use crate::schema::tables::{Event, User};

fn details(page: &Page<EventRow>) -> Vec<String> {
    page.rows.iter().map(|row| row.detail.clone()).collect()
}

/// Follows the list of all, or of those of one kind, to its end.
async fn listed(db: &Db, kind: Option<EventKind>) -> Result<Vec<EventId>, String> {
    let mut page = PageRequest::first(100);
    let mut ids = Vec::new();
    loop {
        let found = events::list(db, kind, &page).await.map_err(message)?;
        ids.extend(found.rows.iter().map(|row| row.event.id));
        page.cursor = found.older;
        if page.cursor.is_none() {
            return Ok(ids);
        }
    }
}

/// Events are paged newest first, there and back; those about one user are theirs alone, whoever did them.
pub(in crate::contract) async fn events_are_paged_newest_first(db: &Db, _: &Clients) -> CaseResult {
    let (people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let nobodys = Event::new(EventKind::SignInFailed, None, Origin::default(), now());
    let checked = async {
        let session = SessionId::new();
        let by_bob = Origin {
            actor: Some(bob.id),
            session: Some(session),
            address: None,
        };
        // Two of each time, so that ids break ties.
        let mut all: Vec<Event> = (0..5_u32)
            .map(|n| {
                let at = now() + MILLISECOND * (n / 2);
                Event::new(EventKind::RoleChanged, Some(ada.id), by_bob, at)
                    .with_detail(n.to_string())
            })
            .collect();
        let written = db.write(&insert(db.dialect(), &all)).await;
        written.map_err(message)?;
        let of_bob = Event::new(EventKind::SignedIn, Some(bob.id), by_bob, now());
        for alone in [&nobodys, &of_bob] {
            events::insert(db, alone).await.map_err(message)?;
        }
        all.sort_by_key(|event| std::cmp::Reverse((event.created_at, event.id)));
        let expected: Vec<String> = all.iter().map(|event| event.detail.clone()).collect();
        let of = async |user: &User, cursor| {
            let page = PageRequest { limit: 2, cursor };
            events::of_user(db, user.id, &page).await.map_err(message)
        };
        let first = of(&ada, None).await?;
        let second = of(&ada, first.older).await?;
        let third = of(&ada, second.older).await?;
        let seen: Vec<String> = [&first, &second, &third]
            .into_iter()
            .flat_map(details)
            .collect();
        equal(&seen, &expected)?;
        equal(&(first.newer, third.older), &(None, None))?;
        let back = second.newer.ok_or("no way back")?;
        equal(&back.direction, &Direction::Newer)?;
        equal(&details(&of(&ada, Some(back)).await?), &details(&first))?;
        let row = first.rows.first().ok_or("no event")?;
        equal(
            &(row.kind.as_str(), row.user_id, row.actor_id, row.session_id),
            &("role_changed", Some(ada.id), Some(bob.id), Some(session)),
        )?;
        equal(&of(&bob, None).await?.rows.len(), &1)?;
        equal(&of(&cyd, None).await?.rows.len(), &0)?;
        let page = PageRequest::first(100);
        for (since, expected) in [
            (now(), 5),
            (now() + MILLISECOND, 3),
            (now() + MILLISECOND * 2, 1),
        ] {
            let found = events::since(db, ada.id, since, &page).await;
            equal(&found.map_err(message)?.rows.len(), &expected)?;
        }
        // The list of all has those of nobody, too.
        let ids = listed(db, None).await?;
        let of_a_kind = listed(db, Some(EventKind::RoleChanged)).await?;
        for event in all.iter().chain([&nobodys, &of_bob]) {
            let times = |ids: &[EventId]| ids.iter().filter(|id| **id == event.id).count();
            let is_of_kind = usize::from(event.kind == EventKind::RoleChanged.as_str());
            equal(&[times(&ids), times(&of_a_kind)], &[1, is_of_kind])?;
        }
        Ok(())
    }
    .await;
    let gone = contract::delete_event(db.dialect(), nobodys.id);
    db.run(&gone).await.map_err(message)?;
    people.delete().await?;
    checked
}

/// An event loses its address when its time has come, and nothing else.
pub(in crate::contract) async fn addresses_are_cleared_when_they_expire(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (people, [ada]) = TestUsers::write(db).await?;
    let checked = async {
        let from = |address| Origin {
            address,
            ..Origin::default()
        };
        // Long before all others, so that only these are cleared.
        let start = domain::Timestamp::from_millis(1_000);
        let with = |detail: &str, address, at| {
            Event::new(EventKind::SignedIn, Some(ada.id), from(address), at).with_detail(detail)
        };
        let all = [
            with("later", Some("2001:db8::1"), start + MILLISECOND),
            with("first", Some("192.0.2.1"), start),
            with("without", None, start - MILLISECOND),
        ];
        let written = db.write(&insert(db.dialect(), &all)).await;
        written.map_err(message)?;
        let addresses = async || {
            let page = PageRequest::first(10);
            let found = events::of_user(db, ada.id, &page).await.map_err(message)?;
            let rows = found.rows.into_iter();
            Ok::<Vec<_>, String>(rows.map(|row| (row.detail, row.address)).collect())
        };
        let end = start + EVENT_ADDRESS_TTL;
        for (at, first, later) in [
            (end - MILLISECOND, Some("192.0.2.1"), Some("2001:db8::1")),
            (end, None, Some("2001:db8::1")),
            (end + MILLISECOND, None, None),
        ] {
            clean_up::clear(db, at).await.map_err(message)?;
            let expected = [("later", later), ("first", first), ("without", None)];
            let expected =
                expected.map(|(detail, address)| (detail.to_owned(), address.map(str::to_owned)));
            equal(&addresses().await?, &expected.to_vec())?;
        }
        Ok(())
    }
    .await;
    people.delete().await?;
    checked
}
