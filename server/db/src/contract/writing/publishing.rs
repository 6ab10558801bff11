//! Publishing: what readers get at an address, and how many posts an author has.

use futures::future::join_all;

use super::{Authors, MINUTE, at, count, known, now, open, publish, save, seen, slug};
use crate::contract::Clients;
use crate::contract::support::{CaseResult, equal, message};
use crate::queries::publishing::{self, Change};
use crate::{Db, DbError};

const DONE: Result<Change, DbError> = Ok(Change::Done);
const STALE: Result<Change, DbError> = Ok(Change::Stale);

/// A post is public from its time on, and counted then; published again, it keeps what it is told to.
pub(in crate::contract) async fn a_post_is_published_at_once_or_at_a_time(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let ada = &authors.ada;
        let id = authors.begin("begun").await?;
        let address = slug(id, "timed");
        let due = now() + MINUTE * 2;
        equal(
            &publish(db, known(db, id, ada).await?, &address, "coming", due).await,
            &DONE,
        )?;
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("nothing", 0),
        )?;
        // Another time, while it waits.
        let due = now() + MINUTE * 3;
        equal(
            &publish(db, known(db, id, ada).await?, &address, "later", due).await,
            &DONE,
        )?;
        let before = at(clients, due - MINUTE);
        equal(&seen(&before, &address).await?, &"nothing".to_owned())?;
        let db = &at(clients, due);
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("<p>later</p>", 1),
        )?;
        equal(
            &publish(db, known(db, id, ada).await?, &address, "mended", due).await,
            &DONE,
        )?;
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("<p>mended</p>", 1),
        )?;
        let opened = open(db, id).await?;
        equal(
            &(opened.published_at, opened.saved_content),
            &(Some(due), None),
        )
    }
    .await;
    authors.delete().await?;
    checked
}

/// Every slug under which readers saw a post leads to it; one that they never saw does not, nor one that it has again.
pub(in crate::contract) async fn an_earlier_slug_leads_to_the_post(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let ada = &authors.ada;
        let id = authors.begin("begun").await?;
        let hidden = open(db, id).await?.slug;
        let [first, second] = ["first", "second"].map(|name| slug(id, name));
        equal(
            &publish(db, known(db, id, ada).await?, &first, "text", now()).await,
            &DONE,
        )?;
        equal(&seen(db, &hidden).await?, &"nothing".to_owned())?;
        equal(
            &publish(db, known(db, id, ada).await?, &second, "text", now()).await,
            &DONE,
        )?;
        equal(&seen(db, &first).await?, &format!("moved to {second}"))?;
        equal(
            &publish(db, known(db, id, ada).await?, &first, "text", now()).await,
            &DONE,
        )?;
        equal(&seen(db, &second).await?, &format!("moved to {first}"))?;
        equal(&seen(db, &first).await?, &"<p>text</p>".to_owned())
    }
    .await;
    authors.delete().await?;
    checked
}

/// A slug that another post has, or under which readers once saw it, is taken; nothing is changed then.
pub(in crate::contract) async fn a_slug_is_one_posts(db: &Db, _: &Clients) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let ada = &authors.ada;
        let (one, other) = (authors.begin("one").await?, authors.begin("other").await?);
        let [first, second] = ["first", "second"].map(|name| slug(one, name));
        for address in [&first, &second] {
            equal(
                &publish(db, known(db, one, ada).await?, address, "text", now()).await,
                &DONE,
            )?;
        }
        let rival = known(db, other, ada).await?;
        let taken = publish(db, rival, &second, "rival", now()).await;
        equal(&matches!(taken, Err(DbError::Unique { .. })), &true)
            .map_err(|why| format!("{taken:?}: {why}"))?;
        equal(&publish(db, rival, &first, "rival", now()).await, &STALE)?;
        let opened = open(db, other).await?;
        equal(&(opened.version, opened.text().content), &(0, "other"))?;
        equal(&count(db, ada).await?, &1)?;
        equal(&seen(db, &first).await?, &format!("moved to {second}"))
    }
    .await;
    authors.delete().await?;
    checked
}

/// A post that was public is gone while it is withdrawn; one that waited for its time was never there.
pub(in crate::contract) async fn a_withdrawn_post_is_gone(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let ada = &authors.ada;
        for (name, from, withdrawn) in [
            ("public", now(), "gone"),
            ("waiting", now() + MINUTE, "nothing"),
        ] {
            for to_archive in [false, true] {
                let id = authors.begin("begun").await?;
                let address = slug(id, name);
                let text = name.to_owned();
                equal(
                    &publish(db, known(db, id, ada).await?, &address, &text, from).await,
                    &DONE,
                )?;
                let state = known(db, id, ada).await?;
                equal(
                    &publishing::withdraw(db, state, to_archive, now()).await,
                    &DONE,
                )?;
                let state = known(db, id, ada).await?;
                equal(
                    &publishing::withdraw(db, state, to_archive, now()).await,
                    &STALE,
                )?;
                equal(
                    &(seen(db, &address).await?.as_str(), count(db, ada).await?),
                    &(withdrawn, 0),
                )?;
                equal(&open(db, id).await?.text().content, &name)?;
                let later = at(clients, now() + MINUTE * 2);
                equal(&seen(&later, &address).await?.as_str(), &withdrawn)?;
            }
        }
        // Back from the archive, it is where it was.
        let id = authors.begin("begun").await?;
        let address = slug(id, "back");
        equal(
            &publish(db, known(db, id, ada).await?, &address, "text", now()).await,
            &DONE,
        )?;
        equal(
            &publishing::withdraw(db, known(db, id, ada).await?, true, now()).await,
            &DONE,
        )?;
        equal(
            &publish(db, known(db, id, ada).await?, &address, "again", now()).await,
            &DONE,
        )?;
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("<p>again</p>", 1),
        )
    }
    .await;
    authors.delete().await?;
    checked
}

/// A post comes out of the bin to where it stood, with its saved text; only what is in the bin is deleted for good.
pub(in crate::contract) async fn the_bin_gives_back_what_it_got(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let checked = async {
        let ada = &authors.ada;
        let id = authors.begin("begun").await?;
        let address = slug(id, "bin");
        equal(
            &publish(db, known(db, id, ada).await?, &address, "shown", now()).await,
            &DONE,
        )?;
        equal(
            &save(db, (id, 1), ada, "unfinished", now()).await,
            &Ok(true),
        )?;
        equal(
            &publishing::erase(db, known(db, id, ada).await?).await,
            &STALE,
        )?;
        equal(
            &publishing::restore(db, known(db, id, ada).await?, now()).await,
            &STALE,
        )?;
        equal(
            &publishing::bin(db, known(db, id, ada).await?, now()).await,
            &DONE,
        )?;
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("gone", 0),
        )?;
        for late in [
            publishing::bin(db, known(db, id, ada).await?, now()).await,
            publish(db, known(db, id, ada).await?, &address, "shown", now()).await,
            publishing::withdraw(db, known(db, id, ada).await?, true, now()).await,
        ] {
            equal(&late, &STALE)?;
        }
        equal(&count(db, ada).await?, &0)?;
        // Whoever has it open still saves.
        let state = known(db, id, ada).await?;
        equal(
            &save(db, (id, state.version), ada, "not lost", now()).await,
            &Ok(true),
        )?;
        equal(
            &publishing::restore(db, known(db, id, ada).await?, now()).await,
            &DONE,
        )?;
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("<p>shown</p>", 1),
        )?;
        equal(&open(db, id).await?.text().content, &"not lost")?;
        equal(
            &publishing::bin(db, known(db, id, ada).await?, now()).await,
            &DONE,
        )?;
        equal(
            &publishing::erase(db, known(db, id, ada).await?).await,
            &DONE,
        )?;
        equal(
            &(seen(db, &address).await?.as_str(), count(db, ada).await?),
            &("nothing", 0),
        )
    }
    .await;
    authors.delete().await?;
    checked
}

/// Of publications of one version at the same time, one is done, and it is counted once.
pub(in crate::contract) async fn of_publications_at_once_one_is_done(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let authors = Authors::write(db).await?;
    let all = [db.clone(), clients.strong(), clients.strong()];
    for client in &all {
        client.set_now(now());
    }
    let checked = async {
        let ada = &authors.ada;
        for round in 0..6 {
            let id = authors.begin("begun").await?;
            let state = known(db, id, ada).await?;
            let address = slug(id, "once");
            let writes = all
                .iter()
                .map(|db| publish(db, state, &address, "text", now()));
            let done: Result<Vec<Change>, _> = join_all(writes).await.into_iter().collect();
            let done = done.map_err(message)?;
            let number = done
                .iter()
                .filter(|change| **change == Change::Done)
                .count();
            equal(&(number, count(db, ada).await?), &(1, round + 1))?;
            let state = known(db, id, ada).await?;
            let writes = all.iter().map(|db| publishing::bin(db, state, now()));
            let done: Result<Vec<Change>, _> = join_all(writes).await.into_iter().collect();
            let done = done.map_err(message)?;
            let number = done
                .iter()
                .filter(|change| **change == Change::Done)
                .count();
            equal(&(number, count(db, ada).await?), &(1, round))?;
            let state = known(db, id, ada).await?;
            equal(&publishing::restore(db, state, now()).await, &DONE)?;
        }
        Ok(())
    }
    .await;
    authors.delete().await?;
    checked
}
