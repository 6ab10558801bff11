//! Changing a handle: the old one leads to the new one, and is kept from others for a time.

use domain::lifetimes::HANDLE_KEPT;
use domain::{EventKind, Handle, PageRequest, Search, Timestamp, UserId};
use futures::future::join;

use super::{DAY, MILLISECOND, TestUsers, event, handle, is_taken, kinds, now, set_time};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::contract::written::user;
use crate::queries::accounts::{self, Creation};
use crate::queries::handles::{self, HandleChange, HandleLookup};
use crate::queries::users;
use crate::schema::tables::{User, users as columns};
use crate::{Db, DbError};

/// A handle that nobody else has.
fn fresh() -> Result<Handle, String> {
    handle(&user(UserId::new()).handle)
}

async fn change(db: &Db, user: &User, to: &Handle, at: Timestamp) -> Result<HandleChange, DbError> {
    let event = event(EventKind::HandleChanged, user, at);
    handles::change(db, user.id, to, &Search::index(to.as_str()), &event).await
}

async fn leads_to(db: &Db, earlier: &Handle, at: Timestamp) -> Result<Option<Handle>, String> {
    let found = handles::present(db, earlier, at).await.map_err(message)?;
    found.map(|found| handle(&found)).transpose()
}

/// Each earlier handle leads to the present one, and a handle that is somebody's leads nowhere.
pub(in crate::contract) async fn earlier_handles_lead_to_the_present_one(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let (people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let checked = async {
        let (first, second, third) = (handle(&ada.handle)?, fresh()?, fresh()?);
        equal(&leads_to(db, &first, now()).await?, &None)?;
        equal(
            &change(db, &ada, &first, now()).await,
            &Ok(HandleChange::Refused),
        )?;
        let taken = change(db, &ada, &handle(&bob.handle)?, now()).await;
        equal(&is_taken(&taken, columns::handle), &true)?;
        equal(&kinds(db, &ada).await?, &Vec::new())?;
        equal(&leads_to(db, &first, now()).await?, &None)?;

        for to in [&second, &third] {
            equal(&change(db, &ada, to, now()).await, &Ok(HandleChange::Done))?;
        }
        for earlier in [&first, &second] {
            equal(&leads_to(db, earlier, now()).await?, &Some(third.clone()))?;
            let shown = users::find(db, earlier).await.map_err(message)?;
            equal(&shown.is_none(), &true)?;
        }
        let page = PageRequest::first(10);
        for (words, count) in [(&first, 0), (&third, 1)] {
            let search = Search::parse(words.as_str());
            let found = users::list(db, &search, &page).await.map_err(message)?;
            equal(&found.total, &Some(count))?;
        }
        equal(
            &kinds(db, &ada).await?,
            &vec!["handle_changed".to_owned(); 2],
        )?;
        // Their owner takes one back.
        equal(
            &change(db, &ada, &first, now()).await,
            &Ok(HandleChange::Done),
        )?;
        equal(&leads_to(db, &first, now()).await?, &None)?;
        for earlier in [&second, &third] {
            equal(&leads_to(db, earlier, now()).await?, &Some(first.clone()))?;
        }
        set_time(db, &ada, columns::deleted_at, Some(now())).await?;
        equal(&leads_to(db, &second, now()).await?, &None)?;
        for (of_closed, result) in [
            (&first, HandleLookup::Gone),
            (&second, HandleLookup::Gone),
            (&fresh()?, HandleLookup::Nothing),
        ] {
            let found = users::look_up(db, of_closed).await;
            equal(&found.map_err(message)?, &result)?;
        }
        // Of two at once, one gets it.
        let wanted = fresh()?;
        let rival = clients.strong();
        let both = join(
            change(db, &bob, &wanted, now()),
            change(&rival, &cyd, &wanted, now()),
        )
        .await;
        let done = [&both.0, &both.1].map(|one| *one == Ok(HandleChange::Done));
        let late = [&both.0, &both.1].map(|one| is_taken(one, columns::handle));
        equal(&(done[0] != done[1], late[0] != late[1]), &(true, true))
            .map_err(|why| format!("{both:?}: {why}"))
    }
    .await;
    people.delete().await?;
    checked
}

/// A handle is kept for who gave it up, to the millisecond; then whoever comes first has it, and it leads nowhere.
pub(in crate::contract) async fn a_handle_is_kept_from_others_for_a_time(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let (mut people, [ada, bob, cyd]) = TestUsers::write(db).await?;
    let mut newcomer = user(UserId::new());
    people.add(&newcomer);
    let checked = async {
        let (first, second) = (handle(&ada.handle)?, handle(&bob.handle)?);
        for user in [&ada, &bob] {
            let done = change(db, user, &fresh()?, now()).await;
            equal(&done, &Ok(HandleChange::Done))?;
        }
        let free = now() + HANDLE_KEPT;
        let last = free - MILLISECOND;
        equal(&leads_to(db, &first, last).await?.is_some(), &true)?;
        equal(&leads_to(db, &first, free).await?, &None)?;
        equal(
            &change(db, &cyd, &first, last).await,
            &Ok(HandleChange::Refused),
        )?;
        equal(&kinds(db, &cyd).await?, &Vec::new())?;
        equal(
            &change(db, &cyd, &first, free).await,
            &Ok(HandleChange::Done),
        )?;
        newcomer.handle = second.as_str().to_owned();
        // Nor does the id of somebody else, which everybody can know, set it free.
        let passing = User {
            id: cyd.id,
            created_at: last,
            ..newcomer.clone()
        };
        let before = kinds(db, &cyd).await?;
        let passed = event(EventKind::SignedUp, &passing, last);
        let made = accounts::create(db, &passing, None, &passed).await;
        equal(&made, &Ok(Creation::HandleKept))?;
        equal(&leads_to(db, &second, last).await?.is_some(), &true)?;
        equal(&kinds(db, &cyd).await?, &before)?;
        for (at, expected) in [(last, Creation::HandleKept), (free, Creation::Done)] {
            newcomer.created_at = at;
            let event = event(EventKind::SignedUp, &newcomer, at);
            let made = accounts::create(db, &newcomer, None, &event).await;
            equal(&made, &Ok(expected))?;
        }
        equal(&kinds(db, &newcomer).await?, &vec!["signed_up".to_owned()])?;
        for taken in [&first, &second] {
            equal(&leads_to(db, taken, now()).await?, &None)?;
        }
        // What was given up again is kept for its last owner.
        let given_up = free + DAY;
        let done = change(db, &cyd, &fresh()?, given_up).await;
        equal(&done, &Ok(HandleChange::Done))?;
        equal(
            &change(db, &ada, &first, given_up + HANDLE_KEPT - MILLISECOND).await,
            &Ok(HandleChange::Refused),
        )
    }
    .await;
    people.delete().await?;
    checked
}
