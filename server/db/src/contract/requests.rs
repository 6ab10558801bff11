//! The guarantees of a request: one connection, one round trip, its own writes, an end.

use std::pin::pin;
use std::time::Duration;

use domain::Timestamp;
use futures::future::{join_all, select};

use super::support::{CaseResult, all, equal, fails, insert_one, labels, message, row, write};
use super::transactions::begun;
use super::{Clients, Maybe, ScratchRow, TokenKind};
use crate::queries::contract;
use crate::{CACHE_TTL, ConsistencyToken, Db, DbError, time};

pub(super) async fn concurrent_queries_share_one_connection(db: &Db, _: &Clients) -> CaseResult {
    let rows = ["one", "two", "three"].map(row);
    write(db, &rows).await.map_err(message)?;
    // Each sends another query, and gets the response to its own.
    let queries = (0..30).map(async |n: usize| {
        let row = &rows[n % rows.len()];
        let query = contract::labelled(&row.label);
        let found = db.all(query).await.map_err(message)?;
        equal(&found.as_slice(), &std::slice::from_ref(row))
    });
    for answer in join_all(queries).await {
        answer?;
    }
    equal(&db.stats().connections, &1)
}

pub(super) async fn concurrent_writers_lose_no_update(db: &Db, clients: &Clients) -> CaseResult {
    let counter = row("counter");
    let id = counter.id;
    write(db, &[counter]).await.map_err(message)?;
    let others = [db.clone(), clients.strong(), clients.strong()];
    let work = others.iter().flat_map(|db| {
        (0..8).map(move |_| async move { db.run(&contract::count_up(db.dialect(), id)).await })
    });
    for done in join_all(work).await {
        equal(&done.map_err(message)?.affected, &1)?;
    }
    equal(&all(db).await?.first().map(|row| row.whole), &Some(7 + 24))
}

pub(super) async fn a_batch_of_queries_is_one_round_trip(db: &Db, _: &Clients) -> CaseResult {
    let rows = ["one", "two"].map(row);
    write(db, &rows).await.map_err(message)?;
    let before = db.stats();
    let (every, two, children, nothing) = db
        .batch((
            contract::scratch_rows(),
            contract::labelled("two"),
            contract::children(),
            contract::rows::<Maybe>(),
        ))
        .await
        .map_err(message)?;
    let after = db.stats();
    equal(&(every.len(), children.len()), &(2, 0))?;
    equal(&two.as_slice(), &&rows[1..])?;
    equal(&nothing, &vec![Maybe { maybe_text: None }; 2])?;
    equal(&(after.round_trips - before.round_trips), &1)?;
    equal(&(after.statements - before.statements), &4)?;
    equal(&(after.rows - before.rows), &5)?;
    equal(&after.connections, &1)
}

pub(super) async fn a_client_reads_its_own_writes(_: &Db, clients: &Clients) -> CaseResult {
    let db = clients.eventual();
    // This may come from a cache or a replica.
    all(&db).await?;
    for n in 0..5 {
        let given = row(&n.to_string());
        write(&db, std::slice::from_ref(&given))
            .await
            .map_err(message)?;
        let found: Vec<ScratchRow> = all(&db).await?;
        equal(&found.len(), &(n + 1))?;
        equal(&found.contains(&given), &true)?;
    }
    Ok(())
}

pub(super) async fn eventual_and_strong_reads_have_separate_connections(
    _: &Db,
    clients: &Clients,
) -> CaseResult {
    let both = 1 + u64::from(clients.connector.is_split());
    let db = clients.eventual();
    equal(&db.stats().connections, &0)?;
    all(&db).await?;
    all(&db).await?;
    equal(&db.stats().connections, &1)?;
    write(&db, &[row("one")]).await.map_err(message)?;
    equal(&db.stats().connections, &both)?;
    equal(&labels(&db).await?, &vec!["one".to_owned()])?;
    write(&db, &[row("two")]).await.map_err(message)?;
    equal(&db.stats().connections, &both)?;

    let author = clients.eventual();
    author.require_strong_reads();
    equal(&labels(&author).await?.len(), &2)?;
    write(&author, &[row("three")]).await.map_err(message)?;
    equal(&labels(&author).await?.len(), &3)?;
    equal(&author.stats().connections, &1)
}

fn is_token(token: Option<&ConsistencyToken>, expected: TokenKind) -> bool {
    match (token, expected) {
        (None, TokenKind::None) => true,
        (Some(ConsistencyToken::Bookmark(bookmark)), TokenKind::Bookmark) => !bookmark.is_empty(),
        (Some(ConsistencyToken::Until(until)), TokenKind::Until) => {
            let lasts = until.as_millis() - Timestamp::now().as_millis();
            let longest = i64::try_from(CACHE_TTL.as_millis()).unwrap_or(i64::MAX);
            (longest - 10_000..=longest).contains(&lasts)
        }
        _ => false,
    }
}

pub(super) async fn a_write_leaves_a_consistency_token(_: &Db, clients: &Clients) -> CaseResult {
    let expected = clients.traits.token;
    let db = clients.eventual();
    all(&db).await?;
    equal(&db.consistency_token(), &None)?;
    write(&db, &[row("one")]).await.map_err(message)?;
    let token = db.consistency_token();
    if !is_token(token.as_ref(), expected) {
        return Err(format!("a write left {token:?}, not {expected:?}"));
    }
    let db = clients.eventual();
    let Some(transaction) = begun(&db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(&db, &row("two"));
    transaction.run(&[statement]).await.map_err(message)?;
    transaction.commit().await.map_err(message)?;
    let token = db.consistency_token();
    if is_token(token.as_ref(), expected) {
        Ok(())
    } else {
        Err(format!("a transaction left {token:?}, not {expected:?}"))
    }
}

/// A caller stops waiting for a response; the next query gets its own.
pub(super) async fn a_response_that_nobody_waits_for_reaches_no_other_query(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    write(db, &["one", "two"].map(row)).await.map_err(message)?;
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
            let found = db.all(query).await.map_err(message)?;
            equal(
                &found.iter().map(|row| row.label.as_str()).collect(),
                &vec!["two"],
            )?;
            // It is not known whether the write was done, but it was not half done.
            let query = contract::labelled(&label);
            let found = db.all(query).await.map_err(message)?;
            if !found.is_empty() {
                equal(&found.as_slice(), &given.as_slice())?;
            }
        }
    }
    Ok(())
}

pub(super) async fn a_closed_client_does_nothing(db: &Db, _: &Clients) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
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
