//! Saving texts: nobody but their writers sees them, and nobody writes over what they have not seen.

use domain::{PageRequest, PostId, Search};
use futures::future::join_all;

use super::{
    Authors, MINUTE, at, count, empty, first_draft, known, now, open, publish, save, seen, slug,
};
use crate::Db;
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::drafts::{self, Shelf};
use crate::queries::publishing::{self, Change};
use crate::schema::tables::User;

/// A text is there as it was saved, and readers see none of it.
pub(in crate::contract) async fn a_saved_text_is_its_writers_alone(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let post = empty(&authors.ada);
        let draft = first_draft(&post, "first");
        // The form that begins a post may be sent twice.
        for is_new in [true, false] {
            let begun = drafts::begin(db, &post, &draft).await;
            equal(&begun, &Ok(is_new))?;
        }
        let opened = open(db, post.id).await?;
        equal(&opened.text().content, &"first")?;
        equal(
            &(opened.version, opened.saved_by),
            &(0, Some(authors.ada.id)),
        )?;
        equal(
            &save(db, (post.id, 0), &authors.ada, "second", now()).await,
            &Ok(true),
        )?;
        let opened = open(db, post.id).await?;
        equal(&(opened.text().content, opened.version), &("second", 1))?;
        equal(&seen(db, &post.slug).await?, &"nothing".to_owned())?;
        equal(&count(db, &authors.ada).await?, &0)?;

        // What readers see stays while its writer goes on.
        let address = slug(post.id, "shown");
        let known = known(db, post.id, &authors.ada).await?;
        let done = publish(db, known, &address, "shown", now()).await;
        equal(&done, &Ok(Change::Done))?;
        equal(&open(db, post.id).await?.text().content, &"shown")?;
        equal(
            &save(db, (post.id, 2), &authors.ada, "third", now() + MINUTE).await,
            &Ok(true),
        )?;
        let opened = open(db, post.id).await?;
        equal(
            &(opened.text().content, opened.content.as_str()),
            &("third", "shown"),
        )?;
        equal(&seen(db, &address).await?, &"<p>shown</p>".to_owned())?;
        equal(&drafts::open(db, PostId::new()).await, &Ok(None))
    }
    .await;
    authors.delete().await?;
    checked
}

/// Whoever saves over a version that is not the present one is told so, and nothing of either text is lost.
pub(in crate::contract) async fn of_two_who_began_alike_the_second_changes_nothing(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let (ada, bob) = (&authors.ada, &authors.bob);
        let id = authors.begin("begun").await?;
        equal(&save(db, (id, 0), ada, "hers", now()).await, &Ok(true))?;
        for version in [0, 2] {
            let late = save(db, (id, version), bob, "his", now()).await;
            equal(&late, &Ok(false))?;
        }
        let opened = open(db, id).await?;
        equal(
            &(opened.text().content, opened.saved_by),
            &("hers", Some(ada.id)),
        )?;
        // Nor does he publish, withdraw or delete what he has not seen.
        let mut stale = known(db, id, bob).await?;
        stale.version -= 1;
        let address = slug(id, "late");
        equal(
            &publish(db, stale, &address, "his", now()).await,
            &Ok(Change::Stale),
        )?;
        equal(
            &publishing::withdraw(db, stale, true, now()).await,
            &Ok(Change::Stale),
        )?;
        equal(&publishing::bin(db, stale, now()).await, &Ok(Change::Stale))?;
        equal(&publishing::erase(db, stale).await, &Ok(Change::Stale))?;
        let opened = open(db, id).await?;
        equal(
            &(opened.text().content, opened.version, opened.deleted_at),
            &("hers", 1, None),
        )?;
        // Of a post that is gone, nothing is saved and nothing fails.
        equal(
            &save(db, (PostId::new(), 0), ada, "lost", now()).await,
            &Ok(false),
        )
    }
    .await;
    authors.delete().await?;
    checked
}

/// Of saves of one version at the same time, one is done, and its text is there.
pub(in crate::contract) async fn of_saves_at_once_one_is_done(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let all = [db.clone(), clients.strong(), clients.strong()];
    let checked = async {
        let id = authors.begin("begun").await?;
        for version in 0..8 {
            let texts = [1, 2, 3].map(|n| format!("text {version} of {n}"));
            let saves = all.iter().zip(&texts).map(|(db, text)| {
                let at = now() + MINUTE * u32::try_from(version).unwrap_or(0);
                save(db, (id, version), &authors.ada, text, at)
            });
            let done: Result<Vec<bool>, _> = join_all(saves).await.into_iter().collect();
            let done = done.map_err(message)?;
            let one = done.iter().position(|done| *done);
            equal(&done.iter().filter(|done| **done).count(), &1)?;
            let text = one.and_then(|one| texts.get(one)).cloned();
            let opened = open(db, id).await?;
            equal(&Some(opened.text().content.to_owned()), &text)?;
            equal(&opened.version, &(version + 1))?;
        }
        Ok(())
    }
    .await;
    authors.delete().await?;
    checked
}

/// The titles on a shelf of a user's.
async fn on(db: &Db, author: &User, shelf: Shelf, words: &str) -> Result<Vec<String>, String> {
    let (mut titles, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let found = drafts::of_author(db, author.id, shelf, &Search::parse(words), &page).await;
        let found = found.map_err(message)?;
        titles.extend(found.rows.iter().map(|post| post.title().to_owned()));
        match found.older {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(titles),
        }
    }
}

/// Each post stands on one shelf, the one edited last first; others' stand on none, and a search finds words of saved texts.
pub(in crate::contract) async fn posts_stand_on_shelves(db: &Db, clients: &Clients) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let (ada, bob) = (&authors.ada, &authors.bob);
        let mut ids = Vec::new();
        for n in 0..5u32 {
            let id = authors.begin(&format!("{n}")).await?;
            let text = if n == 3 { "a kingfisher" } else { "a heron" };
            let saved = save(db, (id, 0), ada, text, now() + MINUTE * n).await;
            equal(&saved, &Ok(true))?;
            ids.push(id);
        }
        equal(&on(db, ada, Shelf::Drafts, "").await?.len(), &5)?;
        equal(&on(db, bob, Shelf::Drafts, "").await?.len(), &0)?;
        equal(&on(db, ada, Shelf::Drafts, "kingfisher").await?.len(), &1)?;
        equal(&on(db, ada, Shelf::Drafts, "heron").await?.len(), &4)?;
        let state = async |n: usize| match ids.get(n) {
            Some(id) => known(db, *id, ada).await,
            None => Err("no such post".to_owned()),
        };
        let due = now() + MINUTE * 90;
        for (n, from) in [(0, now()), (1, due), (2, now())] {
            let known = state(n).await?;
            let address = slug(known.post_id, "shelf");
            let done = publish(db, known, &address, "text", from).await;
            equal(&done, &Ok(Change::Done))?;
        }
        let archived = publishing::withdraw(db, state(2).await?, true, now()).await;
        equal(&archived, &Ok(Change::Done))?;
        let deleted = publishing::bin(db, state(3).await?, now()).await;
        equal(&deleted, &Ok(Change::Done))?;
        let count = async |shelf| on(db, ada, shelf, "").await.map(|titles| titles.len());
        for shelf in [
            Shelf::Drafts,
            Shelf::Scheduled,
            Shelf::Published,
            Shelf::Archived,
            Shelf::Bin,
        ] {
            equal(&(shelf, count(shelf).await?), &(shelf, 1))?;
        }
        let then = at(clients, due);
        equal(&on(&then, ada, Shelf::Scheduled, "").await?.len(), &0)?;
        equal(&on(&then, ada, Shelf::Published, "").await?.len(), &2)
    }
    .await;
    authors.delete().await?;
    checked
}
