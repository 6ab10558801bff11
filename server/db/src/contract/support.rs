//! Helpers for cases.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use domain::{PostId, Role, Timestamp, UserId};
use futures::future::{Either, select};

use super::{ScratchChild, ScratchRow};
use crate::queries::{contract, insert};
use crate::{Db, DbError, Statement, Value, time};

/// The result of a case: the error says what was wrong.
pub(super) type CaseResult = Result<(), String>;

/// A row whose label tells it from others.
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
    Statement::plain(sql)
}

pub(super) async fn write(db: &Db, rows: &[ScratchRow]) -> Result<(), DbError> {
    db.write(&insert(db.dialect(), rows)).await.map(drop)
}

pub(super) async fn all(db: &Db) -> Result<Vec<ScratchRow>, String> {
    db.all(contract::scratch_rows()).await.map_err(message)
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
pub(super) async fn round_trips(db: &Db, given: ScratchRow) -> CaseResult {
    all_round_trip(db, &[given]).await
}

/// Writes all of `given` in one batch and reads them back.
pub(super) async fn all_round_trip(db: &Db, given: &[ScratchRow]) -> CaseResult {
    write(db, given).await.map_err(message)?;
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

pub(super) fn message(error: DbError) -> String {
    short(&format!("{error:?}"))
}

pub(super) fn equal<T: PartialEq + Debug>(found: &T, expected: &T) -> CaseResult {
    if found == expected {
        Ok(())
    } else {
        Err(short(&format!("found {found:?}, expected {expected:?}")))
    }
}

/// Checks that `given` is an expected error; `what` says what happened otherwise.
pub(super) fn fails<T: Debug>(
    given: &Result<T, DbError>,
    what: &str,
    expected: impl FnOnce(&DbError) -> bool,
) -> CaseResult {
    match given {
        Err(error) if expected(error) => Ok(()),
        other => Err(short(&format!("{what}, and gave {other:?}"))),
    }
}

/// Cuts a message to a readable length.
fn short(text: &str) -> String {
    const MAX_CHARS: usize = 2000;
    if text.chars().count() <= MAX_CHARS {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MAX_CHARS).collect();
    short.push('…');
    short
}

/// Returns what `future` gives within a moment; `None` while it waits.
pub(super) async fn soon<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match select(future, pin!(time::sleep(Duration::from_millis(250)))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
