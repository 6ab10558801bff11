//! Erasing the account of an author whose posts stay.

use domain::lifetimes::ERASURE_DELAY;
use domain::{EventKind, PageRequest, Timestamp};

use super::{Authors, known, now, open, publish, save, seen, slug};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::erasure::{self, DueErasure};
use crate::queries::events::Origin;
use crate::queries::publishing::{self, Change};
use crate::queries::{drafts, revisions};
use crate::schema::tables::{Event, User};

/// Everything that readers saw stays; saved texts, earlier states and posts that were never public go.
pub(in crate::contract) async fn what_no_reader_saw_goes_with_the_account(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let (ada, bob) = (&authors.ada, &authors.bob);
        let [shown, withdrawn, hidden] = [
            authors.begin("shown").await?,
            authors.begin("withdrawn").await?,
            authors.begin("hidden").await?,
        ];
        for id in [shown, withdrawn] {
            let (state, address) = (known(db, id, ada).await?, slug(id, "leaving"));
            let done = publish(db, state, &address, "text", now()).await;
            equal(&done, &Ok(Change::Done))?;
            let saved = save(db, (id, 1), bob, "unfinished", now()).await;
            equal(&saved, &Ok(true))?;
        }
        let state = known(db, withdrawn, ada).await?;
        let done = publishing::withdraw(db, state, false, now()).await;
        equal(&done, &Ok(Change::Done))?;
        erase(db, ada).await?;

        let page = PageRequest::first(5);
        for (id, address) in [(shown, "<p>text</p>"), (withdrawn, "gone")] {
            let left = open(db, id).await?;
            equal(
                &(left.saved_content, left.content.as_str()),
                &(None, "text"),
            )?;
            let kept = revisions::of_post(db, id, &page).await.map_err(message)?;
            equal(&kept.rows, &Vec::new())?;
            equal(&seen(db, &slug(id, "leaving")).await?.as_str(), &address)?;
        }
        equal(&drafts::open(db, hidden).await, &Ok(None))
    }
    .await;
    authors.delete().await?;
    checked
}

/// Erases the account of `user`, whose posts stay.
async fn erase(db: &Db, user: &User) -> CaseResult {
    let event = |kind, at: Timestamp| Event::new(kind, Some(user.id), Origin::default(), at);
    let asked = event(EventKind::ErasureScheduled, now());
    let scheduled = erasure::schedule(db, user.id, true, &asked).await;
    equal(&scheduled, &Ok(true))?;
    let account = DueErasure {
        user_id: user.id,
        keeps_posts: true,
        erase_at: None,
    };
    let done = event(EventKind::Erased, now() + ERASURE_DELAY);
    equal(&erasure::erase(db, &account, &done).await, &Ok(true))
}
