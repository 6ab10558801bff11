//! Transactions, where the engine has them: all or nothing, and no other client sees a part.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, join_all, select};

use super::support::{
    CaseResult, all, equal, fails, insert_one, labels, message, row, soon, sorted, write,
};
use super::{Clients, ConcurrentReads};
use crate::queries::contract;
use crate::{Db, DbError, Transaction, time};

/// Begins a transaction; `None` where the engine has none and says so.
pub(super) async fn begun(db: &Db, clients: &Clients) -> Result<Option<Transaction>, String> {
    match (db.begin().await, clients.traits.has_transactions) {
        (Ok(transaction), true) => Ok(Some(transaction)),
        (Err(DbError::Unsupported(_)), false) => Ok(None),
        (Ok(_), false) => Err("there is a transaction where none was expected".to_owned()),
        (Err(error), _) => Err(message(error)),
    }
}

async fn labels_within(transaction: &Transaction) -> Result<Vec<String>, String> {
    let rows = transaction
        .all(contract::scratch_rows())
        .await
        .map_err(message)?;
    Ok(sorted(rows))
}

fn named(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

pub(super) async fn begin_works_or_is_unsupported(db: &Db, clients: &Clients) -> CaseResult {
    let statement = insert_one(db, &row("one"));
    let done = db
        .transaction(|transaction| {
            Box::pin(async move {
                let rows = transaction.run(&[statement]).await?;
                Ok::<_, DbError>(rows.first().map_or(0, |rows| rows.affected))
            })
        })
        .await;
    if clients.traits.has_transactions {
        equal(&done, &Ok(1))?;
        equal(&labels(db).await?, &named(&["one"]))
    } else {
        fails(&done, "there is a transaction", |error| {
            matches!(error, DbError::Unsupported(_))
        })?;
        equal(&labels(db).await?, &Vec::new())
    }
}

pub(super) async fn a_commit_keeps_the_changes(db: &Db, clients: &Clients) -> CaseResult {
    let Some(transaction) = begun(db, clients).await? else {
        return Ok(());
    };
    for label in ["one", "two"] {
        let statement = insert_one(db, &row(label));
        transaction.run(&[statement]).await.map_err(message)?;
    }
    equal(&labels_within(&transaction).await?, &named(&["one", "two"]))?;
    let third = row("three");
    let several = [
        insert_one(db, &third),
        contract::count_up(db.dialect(), third.id),
    ];
    let answers = transaction.run(&several).await.map_err(message)?;
    let affected: Vec<u64> = answers.iter().map(|rows| rows.affected).collect();
    equal(&affected, &vec![1, 1])?;
    transaction.commit().await.map_err(message)?;
    let expected = named(&["one", "three", "two"]);
    equal(&labels(&clients.strong()).await?, &expected)?;
    equal(&labels(db).await?, &expected)?;
    equal(&db.stats().connections, &1)
}

pub(super) async fn an_error_rolls_back(db: &Db, clients: &Clients) -> CaseResult {
    let Some(transaction) = begun(db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(db, &row("one"));
    transaction
        .run(std::slice::from_ref(&statement))
        .await
        .map_err(message)?;
    transaction.roll_back().await.map_err(message)?;
    equal(&labels(db).await?, &Vec::new())?;

    let ours = DbError::Unsupported("what the caller found".to_owned());
    let given = ours.clone();
    let done: Result<(), DbError> = db
        .transaction(|transaction| {
            Box::pin(async move {
                transaction.run(&[statement]).await?;
                Err(given)
            })
        })
        .await;
    equal(&done, &Err(ours))?;
    equal(&labels(&clients.strong()).await?, &Vec::new())?;
    write(db, &[row("one")]).await.map_err(message)?;
    equal(&labels(db).await?, &named(&["one"]))
}

pub(super) async fn a_constraint_error_rolls_back(db: &Db, clients: &Clients) -> CaseResult {
    if begun(db, clients).await?.is_none() {
        return Ok(());
    }
    write(db, &[row("one")]).await.map_err(message)?;
    let statements = [insert_one(db, &row("two")), insert_one(db, &row("one"))];
    for at_once in [true, false] {
        let statements = statements.clone();
        let done: Result<(), DbError> = db
            .transaction(|transaction| {
                Box::pin(async move {
                    if at_once {
                        transaction.run(&statements).await?;
                    } else {
                        for statement in statements {
                            transaction.run(&[statement]).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await;
        let expected = DbError::Unique {
            table: "scratch".to_owned(),
            column: "label".to_owned(),
        };
        equal(&done, &Err(expected))?;
        equal(&labels(&clients.strong()).await?, &named(&["one"]))?;
        equal(&labels(db).await?, &named(&["one"]))?;
    }
    Ok(())
}

/// By themselves, PostgreSQL would roll back, and the others would commit the statements that succeeded.
pub(super) async fn a_failed_transaction_cannot_be_committed(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    let Some(transaction) = begun(db, clients).await? else {
        return Ok(());
    };
    for (label, goes_well) in [("two", true), ("one", false)] {
        let statement = insert_one(db, &row(label));
        equal(&transaction.run(&[statement]).await.is_ok(), &goes_well)?;
    }
    fails(&transaction.commit().await, "a part was committed", |_| {
        true
    })?;
    equal(&labels(&clients.strong()).await?, &named(&["one"]))?;
    write(db, &[row("three")]).await.map_err(message)?;
    equal(&labels(db).await?, &named(&["one", "three"]))
}

pub(super) async fn a_dropped_transaction_is_rolled_back(db: &Db, clients: &Clients) -> CaseResult {
    let Some(transaction) = begun(db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(db, &row("one"));
    transaction.run(&[statement]).await.map_err(message)?;
    drop(transaction);
    equal(&labels(db).await?, &Vec::new())?;
    // It does not wait: the row is no longer locked.
    write(&clients.strong(), &[row("one")])
        .await
        .map_err(message)?;
    equal(&labels(db).await?, &named(&["one"]))?;
    write(db, &[row("two")]).await.map_err(message)?;
    equal(&labels(db).await?, &named(&["one", "two"]))
}

/// The caller stops waiting, at different moments of a statement.
pub(super) async fn a_cancelled_statement_rolls_back(db: &Db, clients: &Clients) -> CaseResult {
    for micros in [0, 50, 200, 1_000, 5_000] {
        let Some(transaction) = begun(db, clients).await? else {
            return Ok(());
        };
        let statements = [insert_one(db, &row("one")), insert_one(db, &row("two"))];
        {
            let work = pin!(transaction.run(&statements));
            let moment = pin!(time::sleep(Duration::from_micros(micros)));
            match select(work, moment).await {
                Either::Left((done, _)) => drop(done.map_err(message)?),
                Either::Right(_) => {}
            }
        }
        drop(transaction);
        equal(&labels(db).await?, &Vec::new())?;
        equal(&labels(&clients.strong()).await?, &Vec::new())?;
    }
    write(db, &[row("one")]).await.map_err(message)?;
    equal(&labels(db).await?, &named(&["one"]))
}

pub(super) async fn others_do_not_see_uncommitted_changes(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    write(db, &[row("before")]).await.map_err(message)?;
    let Some(transaction) = begun(db, clients).await? else {
        return Ok(());
    };
    let statement = insert_one(db, &row("within"));
    transaction.run(&[statement]).await.map_err(message)?;
    let other = clients.strong();
    let after = named(&["before", "within"]);
    let mut reading = pin!(labels(&other));
    match (soon(&mut reading).await, clients.traits.concurrent_reads) {
        (Some(found), ConcurrentReads::SeeCommitted) => {
            equal(&found?, &named(&["before"]))?;
            transaction.commit().await.map_err(message)?;
        }
        (None, ConcurrentReads::Wait) => {
            transaction.commit().await.map_err(message)?;
            equal(&reading.await?, &after)?;
        }
        (Some(found), ConcurrentReads::Wait) => {
            return Err(format!("another did not wait: {found:?}"));
        }
        (None, ConcurrentReads::SeeCommitted) => return Err("another client waited".to_owned()),
    }
    equal(&labels(&other).await?, &after)
}

pub(super) async fn the_client_waits_for_its_own_transaction(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    for commits in [true, false] {
        let Some(transaction) = begun(db, clients).await? else {
            return Ok(());
        };
        let label = if commits { "kept" } else { "undone" };
        let statement = insert_one(db, &row(label));
        transaction.run(&[statement]).await.map_err(message)?;
        let mut reading = pin!(labels(db));
        let late = [row(&format!("written while {label}"))];
        let mut writing = pin!(write(db, &late));
        if let Some(found) = soon(&mut reading).await {
            return Err(format!("a read of the same client did not wait: {found:?}"));
        }
        if let Some(done) = soon(&mut writing).await {
            return Err(format!("a write of the same client did not wait: {done:?}"));
        }
        equal(
            &labels_within(&transaction).await?.contains(&late[0].label),
            &false,
        )?;
        if commits {
            transaction.commit().await.map_err(message)?;
        } else {
            transaction.roll_back().await.map_err(message)?;
        }
        let (found, done) = futures::join!(reading, writing);
        done.map_err(message)?;
        equal(&found?.contains(&label.to_owned()), &commits)?;
    }
    let expected = ["kept", "written while kept", "written while undone"];
    equal(&labels(db).await?, &named(&expected))
}

pub(super) async fn concurrent_transactions_lose_no_update(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let counter = row("counter");
    let id = counter.id;
    write(db, &[counter]).await.map_err(message)?;
    if begun(db, clients).await?.is_none() {
        return Ok(());
    }
    let others: Vec<Db> = (0..3).map(|_| clients.strong()).collect();
    let work = others.iter().map(async |db| {
        for _ in 0..5 {
            let statement = contract::count_up(db.dialect(), id);
            db.transaction(|transaction| {
                Box::pin(async move {
                    transaction.run(std::slice::from_ref(&statement)).await?;
                    transaction.run(&[statement]).await.map(drop)
                })
            })
            .await?;
        }
        Ok::<_, DbError>(())
    });
    for done in join_all(work).await {
        done.map_err(message)?;
    }
    equal(&all(db).await?.first().map(|row| row.whole), &Some(7 + 30))
}
