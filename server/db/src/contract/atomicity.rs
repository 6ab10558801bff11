//! Batches: all or nothing, in order, counted.

use domain::UserId;

use super::support::{
    CaseResult, all, child_of, equal, fails, insert_one, insert_with, labels, message, raw, row,
    write,
};
use super::{Clients, IntegerRange, ScratchRow};
use crate::queries::{Runnable, contract, insert};
use crate::{Db, DbError, Statement, Value};

pub(super) async fn a_batch_is_all_or_nothing(db: &Db, _: &Clients) -> CaseResult {
    let kept = row("kept");
    write(db, std::slice::from_ref(&kept))
        .await
        .map_err(message)?;
    let good: Vec<Statement> = vec![
        insert_one(db, &row("new")),
        contract::count_up(db.dialect(), kept.id),
        contract::set_whole(db.dialect(), 99),
        insert_one(db, &row("newer")),
    ];
    let role = Value::Text("author".to_owned());
    let bad = [
        insert_one(db, &row("kept")),
        insert_with(db, &row("x"), &role, &Value::Text("none".to_owned())),
        insert_with(db, &row("x"), &Value::Text("x".to_owned()), &Value::Null),
        insert(db.dialect(), &[child_of(&row("nobody"))]).remove(0),
        raw("UPDATE scratch SET no_column = 1"),
    ];
    for bad in bad {
        for place in 0..=good.len() {
            let mut statements = good.clone();
            statements.insert(place, bad.clone());
            if db.write(&statements).await.is_ok() {
                return Err(format!("{} was accepted at place {place}", bad.sql));
            }
            let found = all(db).await?;
            if found != [kept.clone()] {
                let what = labels(db).await?;
                return Err(format!("{} at place {place} left {what:?}", bad.sql));
            }
        }
    }
    db.write(&good).await.map_err(message)?;
    equal(
        &labels(db).await?,
        &["kept", "new", "newer"].map(str::to_owned).to_vec(),
    )
}

pub(super) async fn a_batch_refused_before_sending_writes_nothing(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let mut refused = vec![
        ScratchRow {
            text: "\0".to_owned(),
            ..row("NUL")
        },
        ScratchRow {
            number: f64::NAN,
            ..row("NaN")
        },
    ];
    if clients.traits.integers == IntegerRange::Double {
        refused.push(ScratchRow {
            whole: i64::MAX,
            ..row("beyond")
        });
    }
    for given in refused {
        for place in 0..=2 {
            let mut rows = vec![row("one"), row("two")];
            rows.insert(place, given.clone());
            let statements: Vec<Statement> = rows.iter().map(|row| insert_one(db, row)).collect();
            fails(&db.write(&statements).await, "it was accepted", |error| {
                matches!(error, DbError::Unsupported(_))
            })?;
        }
    }
    equal(&all(db).await?.len(), &0)
}

pub(super) async fn inserts_are_chunked_and_still_atomic(db: &Db, _: &Clients) -> CaseResult {
    let mut rows: Vec<ScratchRow> = (0..137).map(|n| row(&n.to_string())).collect();
    let statements = insert(db.dialect(), &rows);
    if statements
        .iter()
        .any(|one| one.values.len() > db.dialect().max_parameters())
    {
        return Err("a statement has too many parameters".to_owned());
    }
    rows.push(row("5"));
    if write(db, &rows).await.is_ok() {
        return Err("the second `5` was accepted".to_owned());
    }
    equal(&all(db).await?.len(), &0)?;
    rows.pop();
    write(db, &rows).await.map_err(message)?;
    equal(&all(db).await?.len(), &137)
}

/// Statements run in order, and responses are in the same order.
pub(super) async fn a_batch_sees_its_own_writes(db: &Db, _: &Clients) -> CaseResult {
    let one = row("one");
    let read = || contract::scratch_rows().into_statement(db.dialect());
    let answers = db
        .write(&[
            read(),
            insert_one(db, &one),
            read(),
            contract::count_up(db.dialect(), one.id),
            contract::count_up(db.dialect(), one.id),
            read(),
            contract::delete_scratch(db.dialect(), one.id),
            read(),
        ])
        .await
        .map_err(message)?;
    equal(&answers.len(), &8)?;
    let mut seen = Vec::new();
    for rows in answers {
        let rows = rows.decode::<ScratchRow>().map_err(message)?;
        seen.push(rows.first().map(|row| row.whole));
    }
    let expected = [None, None, Some(7), None, None, Some(9), None, None];
    equal(&seen, &expected.to_vec())
}

pub(super) async fn changed_rows_are_counted(db: &Db, clients: &Clients) -> CaseResult {
    let dialect = db.dialect();
    let rows = [row("one"), row("two"), row("three")];
    let children = [child_of(&rows[0]), child_of(&rows[0])];
    let mut statements = insert(dialect, &rows);
    equal(&statements.len(), &1)?;
    statements.extend(insert(dialect, &children));
    statements.extend([
        contract::count_up(dialect, rows[0].id),
        contract::count_up(dialect, UserId::new()),
        contract::set_whole(dialect, 5),
    ]);
    let affected = |answers: Vec<crate::Rows>| -> Vec<u64> {
        answers.iter().map(|rows| rows.affected).collect()
    };
    let answers = db.write(&statements).await.map_err(message)?;
    equal(&affected(answers), &vec![3, 2, 1, 0, 3])?;
    // Rows that had the value before count too: they matched.
    for (statement, expected) in [
        (contract::set_whole(dialect, 5), 3),
        (contract::delete_scratch(dialect, rows[1].id), 1),
        (contract::delete_scratch(dialect, rows[1].id), 0),
    ] {
        let answer = db.run(&statement).await.map_err(message)?;
        equal(&answer.affected, &expected)?;
    }
    let with_children = contract::delete_scratch(dialect, rows[0].id);
    let answer = db.run(&with_children).await.map_err(message)?;
    equal(
        &answer.affected,
        &if clients.traits.counts_cascades { 3 } else { 1 },
    )
}

pub(super) async fn an_empty_batch_opens_no_connection(_: &Db, clients: &Clients) -> CaseResult {
    let db = clients.eventual();
    equal(&db.read(&[]).await, &Ok(Vec::new()))?;
    equal(&db.write(&[]).await, &Ok(Vec::new()))?;
    equal(&db.stats(), &crate::Stats::default())
}

pub(super) async fn a_failed_statement_leaves_the_client_usable(
    db: &Db,
    _: &Clients,
) -> CaseResult {
    write(db, &[row("one")]).await.map_err(message)?;
    let good = || contract::scratch_rows().into_statement(db.dialect());
    // A missing column may mean a missing migration.
    let is_of_the_engine =
        |error: &DbError| matches!(error, DbError::Driver(_) | DbError::Unavailable(_));
    for bad in ["SELECT no_column FROM scratch", "SELEC"] {
        let alone = db.read(&[raw(bad)]).await;
        fails(&alone, "nonsense was read", is_of_the_engine)?;
        equal(&all(db).await?.len(), &1)?;
        for place in 0..=2 {
            let mut statements = vec![good(), good()];
            statements.insert(place, raw(bad));
            let among_others = db.read(&statements).await;
            fails(&among_others, "nonsense was read", is_of_the_engine)?;
            equal(&labels(db).await?, &vec!["one".to_owned()])?;
        }
        let written = db.run(&raw(bad)).await;
        fails(&written, "nonsense was written", is_of_the_engine)?;
        equal(&all(db).await?.len(), &1)?;
    }
    equal(&db.stats().connections, &1)
}
