//! What cases are written with.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use domain::{PostId, Role, Timestamp, UserId};
use futures::future::{Either, select};

use super::{ScratchChild, ScratchRow};
use crate::queries::{contract, insert};
use crate::{Db, DbError, Statement, Value, time};

/// What a case gives: the error says what was wrong.
pub(super) type Checked = Result<(), String>;

/// A row that differs from others by its label.
pub(super) fn row(label: &str) -> ScratchRow {
    ScratchRow {
        id: UserId::new(),
        flag: true,
        whole: 7,
        number: 0.5,
        label: label.to_owned(),
        text: String::from("text"),
        bytes: vec![0, 1, 255],
        at: Timestamp::from_millis(1_700_000_000_123),
        role: Role::Author,
        maybe_flag: None,
        maybe_whole: None,
        maybe_number: None,
        maybe_text: None,
        maybe_bytes: None,
        maybe_id: None,
        maybe_at: None,
    }
}

pub(super) fn child_of(parent: &ScratchRow) -> ScratchChild {
    ScratchChild {
        id: PostId::new(),
        parent_id: parent.id,
    }
}

/// One statement that inserts one row.
pub(super) fn insert_one(db: &Db, row: &ScratchRow) -> Statement {
    insert(db.dialect(), std::slice::from_ref(row)).remove(0)
}

/// One statement that inserts a row, with `value` for the value that is `instead_of`.
pub(super) fn insert_with(
    db: &Db,
    row: &ScratchRow,
    instead_of: &Value,
    value: &Value,
) -> Statement {
    let mut statement = insert_one(db, row);
    for given in &mut statement.values {
        if given == instead_of {
            *given = value.clone();
        }
    }
    statement
}

pub(super) fn raw(sql: &str) -> Statement {
    Statement {
        sql: sql.to_owned(),
        values: Vec::new(),
    }
}

pub(super) async fn write(db: &Db, rows: &[ScratchRow]) -> Result<(), DbError> {
    db.write(&insert(db.dialect(), rows)).await.map(drop)
}

pub(super) async fn all(db: &Db) -> Result<Vec<ScratchRow>, String> {
    db.all(contract::scratch_rows()).await.map_err(told)
}

/// The labels of all rows, in their order.
pub(super) async fn labels(db: &Db) -> Result<Vec<String>, String> {
    Ok(sorted(all(db).await?))
}

pub(super) fn sorted(rows: Vec<ScratchRow>) -> Vec<String> {
    let mut labels: Vec<String> = rows.into_iter().map(|row| row.label).collect();
    labels.sort();
    labels
}

/// Writes `given` and reads it back.
pub(super) async fn survives(db: &Db, given: ScratchRow) -> Checked {
    all_survive(db, &[given]).await
}

/// The same for several, in one batch.
pub(super) async fn all_survive(db: &Db, given: &[ScratchRow]) -> Checked {
    write(db, given).await.map_err(told)?;
    let found = all(db).await?;
    for row in given {
        let same = found.iter().find(|other| other.id == row.id);
        let same = same.ok_or_else(|| format!("{:?} is not there", row.label))?;
        if same != row {
            return Err(short(&format!("found {same:?}, expected {row:?}")));
        }
    }
    Ok(())
}

pub(super) fn told(error: DbError) -> String {
    short(&format!("{error:?}"))
}

pub(super) fn equal<T: PartialEq + Debug>(found: &T, expected: &T) -> Checked {
    if found == expected {
        Ok(())
    } else {
        Err(short(&format!("found {found:?}, expected {expected:?}")))
    }
}

/// Whether `given` is the error that `expected` says; `what` names it in the message.
pub(super) fn fails<T: Debug>(
    given: &Result<T, DbError>,
    what: &str,
    expected: impl FnOnce(&DbError) -> bool,
) -> Checked {
    match given {
        Err(error) if expected(error) => Ok(()),
        other => Err(short(&format!("{what}, and gave {other:?}"))),
    }
}

/// As much of a message as anybody reads.
fn short(text: &str) -> String {
    const MOST: usize = 2000;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MOST).collect();
    short.push('…');
    short
}

/// What `future` gives within a moment; nothing while it waits for something.
pub(super) async fn soon<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match select(future, pin!(time::sleep(Duration::from_millis(250)))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
