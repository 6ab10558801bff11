//! What a request counts on: one connection, one round trip, its own writes, an end.

use std::pin::pin;
use std::time::Duration;

use domain::Timestamp;
use futures::future::{join_all, select};

use super::support::{Checked, all, equal, fails, insert_one, labels, row, told, write};
use super::transactions::begun;
use super::{Clients, Marks, Maybe, ScratchRow};
use crate::queries::contract;
use crate::{CACHE_TTL, ConsistencyToken, Db, DbError, time};

pub(super) async fn queries_at_the_same_time_share_one_connection(db: &Db, _: &Clients) -> Checked {
    let rows = ["one", "two", "three"].map(row);
    write(db, &rows).await.map_err(told)?;
    // Each asks for something else, and gets the answer to its own question.
    let asked = (0..30).map(async |n: usize| {
        let row = &rows[n % rows.len()];
        let query = contract::labelled(&row.label);
        let found = db.all(query).await.map_err(told)?;
        equal(&found.as_slice(), &std::slice::from_ref(row))
    });
    for answer in join_all(asked).await {
        answer?;
    }
    equal(&db.stats().connections, &1)
}

pub(super) async fn writers_at_the_same_time_lose_nothing(db: &Db, clients: &Clients) -> Checked {
    let counter = row("counter");
    let id = counter.id;
    write(db, &[counter]).await.map_err(told)?;
    let others = [db.clone(), clients.another(), clients.another()];
    let work = others.iter().flat_map(|db| {
        (0..8).map(move |_| async move { db.run(&contract::count_up(db.dialect(), id)).await })
    });
    for done in join_all(work).await {
        equal(&done.map_err(told)?.affected, &1)?;
    }
    equal(&all(db).await?.first().map(|row| row.whole), &Some(7 + 24))
}

pub(super) async fn together_is_one_round_trip(db: &Db, _: &Clients) -> Checked {
    let rows = ["one", "two"].map(row);
    write(db, &rows).await.map_err(told)?;
    let before = db.stats();
    let (every, two, children, nothing) = db
        .batch((
            contract::scratch_rows(),
            contract::labelled("two"),
            contract::children(),
            contract::rows::<Maybe>(),
        ))
        .await
        .map_err(told)?;
    let after = db.stats();
    equal(&(every.len(), children.len()), &(2, 0))?;
    equal(&two.as_slice(), &&rows[1..])?;
    equal(&nothing, &vec![Maybe { maybe_text: None }; 2])?;
    equal(&(after.round_trips - before.round_trips), &1)?;
    equal(&(after.statements - before.statements), &4)?;
    equal(&(after.rows - before.rows), &5)?;
    equal(&after.connections, &1)
}

pub(super) async fn own_writes_are_seen_at_once(_: &Db, clients: &Clients) -> Checked {
    let db = clients.stale();
    // May be what a cache or a replica remembers.
    all(&db).await?;
    for n in 0..5 {
        let given = row(&n.to_string());
        write(&db, std::slice::from_ref(&given))
            .await
            .map_err(told)?;
        let found: Vec<ScratchRow> = all(&db).await?;
        equal(&found.len(), &(n + 1))?;
        equal(&found.contains(&given), &true)?;
    }
    Ok(())
}

pub(super) async fn stale_reads_and_fresh_ones_have_their_own_connection_where_there_are_two(
    _: &Db,
    clients: &Clients,
) -> Checked {
    let both = 1 + u64::from(clients.source.is_split());
    let db = clients.stale();
    equal(&db.stats().connections, &0)?;
    all(&db).await?;
    all(&db).await?;
    equal(&db.stats().connections, &1)?;
    write(&db, &[row("one")]).await.map_err(told)?;
    equal(&db.stats().connections, &both)?;
    equal(&labels(&db).await?, &vec!["one".to_owned()])?;
    write(&db, &[row("two")]).await.map_err(told)?;
    equal(&db.stats().connections, &both)?;

    let author = clients.stale();
    author.require_strong_reads();
    equal(&labels(&author).await?.len(), &2)?;
    write(&author, &[row("three")]).await.map_err(told)?;
    equal(&labels(&author).await?.len(), &3)?;
    equal(&author.stats().connections, &1)
}

fn is_mark(mark: Option<&ConsistencyToken>, expected: Marks) -> bool {
    match (mark, expected) {
        (None, Marks::None) => true,
        (Some(ConsistencyToken::Bookmark(bookmark)), Marks::Bookmark) => !bookmark.is_empty(),
        (Some(ConsistencyToken::Until(until)), Marks::Until) => {
            let lasts = until.as_millis() - Timestamp::now().as_millis();
            let longest = i64::try_from(CACHE_TTL.as_millis()).unwrap_or(i64::MAX);
            (longest - 10_000..=longest).contains(&lasts)
        }
        _ => false,
    }
}

pub(super) async fn a_write_leaves_its_mark(_: &Db, clients: &Clients) -> Checked {
    let expected = clients.engine.marks;
    let db = clients.stale();
    all(&db).await?;
    equal(&db.consistency_token(), &None)?;
    write(&db, &[row("one")]).await.map_err(told)?;
    let mark = db.consistency_token();
    if !is_mark(mark.as_ref(), expected) {
        return Err(format!("a write left {mark:?}, not {expected:?}"));
    }
    let db = clients.stale();
    let Some(transaction) = begun(&db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(&db, &row("two"));
    transaction.run(&[statement]).await.map_err(told)?;
    transaction.commit().await.map_err(told)?;
    let mark = db.consistency_token();
    if is_mark(mark.as_ref(), expected) {
        Ok(())
    } else {
        Err(format!("a transaction left {mark:?}, not {expected:?}"))
    }
}

/// Somebody stops waiting for an answer; the next question gets its own.
pub(super) async fn an_answer_that_nobody_waited_for_is_nobody_elses(
    db: &Db,
    _: &Clients,
) -> Checked {
    write(db, &["one", "two"].map(row)).await.map_err(told)?;
    for micros in [0, 50, 200, 1_000, 5_000] {
        for writes in [false, true] {
            let label = format!("{micros} {writes}");
            let given = [row(&label)];
            {
                let moment = pin!(time::sleep(Duration::from_micros(micros)));
                if writes {
                    select(pin!(write(db, &given)), moment).await;
                } else {
                    select(pin!(all(db)), moment).await;
                }
            }
            let query = contract::labelled("two");
            let found = db.all(query).await.map_err(told)?;
            equal(
                &found.iter().map(|row| row.label.as_str()).collect(),
                &vec!["two"],
            )?;
            // Whether it was done is not known, but it was not done by half.
            let query = contract::labelled(&label);
            let found = db.all(query).await.map_err(told)?;
            if !found.is_empty() {
                equal(&found.as_slice(), &given.as_slice())?;
            }
        }
    }
    Ok(())
}

pub(super) async fn a_closed_client_does_nothing(db: &Db, _: &Clients) -> Checked {
    write(db, &[row("one")]).await.map_err(told)?;
    let kept = db.clone();
    let before = db.stats();
    db.close();
    for db in [db, &kept] {
        let is_closed = |error: &DbError| *error == DbError::Closed;
        let query = || contract::scratch_rows();
        fails(&db.all(query()).await, "it read", is_closed)?;
        fails(&db.batch((query(), query())).await, "it read", is_closed)?;
        fails(&write(db, &[row("two")]).await, "it wrote", is_closed)?;
        fails(&db.begin().await.map(drop), "it began", is_closed)?;
    }
    equal(&db.stats().connections, &before.connections)?;
    equal(&db.stats().round_trips, &before.round_trips)
}
