//! Paging by keyset while others write: each existing row is seen once, in order.

use domain::{Cursor, Direction, Page, PageRequest, Timestamp};
use uuid::Uuid;

use super::support::{CaseResult, equal, message, row, write};
use super::{Clients, ScratchRow};
use crate::Db;
use crate::queries::contract;

/// The rows of a page.
const PAGE_LIMIT: usize = 7;
/// The rows at the start.
const ROWS: i64 = 60;
/// The time of the first row.
const START: i64 = 1_700_000_000_000;

fn at(label: &str, millis: i64) -> ScratchRow {
    ScratchRow {
        at: Timestamp::from_millis(millis),
        ..row(label)
    }
}

fn place(row: &ScratchRow) -> (Timestamp, Uuid) {
    (row.at, row.id.0)
}

/// Writes four rows for each second.
async fn filled(db: &Db) -> Result<Vec<ScratchRow>, String> {
    let mut rows: Vec<ScratchRow> = (0..ROWS)
        .map(|n| at(&n.to_string(), START + n / 4 * 1000))
        .collect();
    write(db, &rows).await.map_err(message)?;
    rows.sort_by_key(place);
    Ok(rows)
}

async fn page(db: &Db, cursor: Option<Cursor>) -> Result<Page<ScratchRow>, String> {
    let page = PageRequest {
        limit: PAGE_LIMIT,
        cursor,
    };
    let rows = db.all(contract::page(&page)).await.map_err(message)?;
    Ok(Page::new(rows, &page, place))
}

/// Follows the list in one direction from `cursor`. Before each further page, another client writes rows beyond both ends of
/// the list and beside the last row seen. Returns the rows seen, in order, and the rows written ahead.
async fn walk(
    db: &Db,
    writer: &Db,
    direction: Direction,
    mut cursor: Option<Cursor>,
) -> Result<(Vec<ScratchRow>, Vec<ScratchRow>), String> {
    let (mut seen, mut ahead): (Vec<ScratchRow>, Vec<ScratchRow>) = (Vec::new(), Vec::new());
    for step in 1.. {
        let found = page(db, cursor).await?;
        let mut rows = found.rows;
        if rows.len() > PAGE_LIMIT || step > 100 {
            return Err(format!("page {step} has {} rows", rows.len()));
        }
        cursor = match direction {
            Direction::Older => found.older,
            Direction::Newer => {
                rows.reverse();
                found.newer
            }
        };
        seen.extend(rows);
        let Some(last) = cursor else { break };
        let older = at(&format!("older {step}"), START - step * 1000);
        let newer = at(&format!("newer {step}"), START + 1_000_000 + step * 1000);
        // Their ids are the first and the last of all, so that one is on each side of the last row seen.
        let mut beside = [("first", 0), ("last", u128::MAX)].map(|(name, end)| {
            let mut beside = at(&format!("{name} beside {step}"), last.at.as_millis());
            let step = step.unsigned_abs().into();
            beside.id.0 = Uuid::from_u128(if end == 0 { step } else { end - step });
            beside
        });
        if direction == Direction::Newer {
            beside.reverse();
        }
        let [beside_ahead, beside_behind] = beside;
        let beyond = match direction {
            Direction::Older => &older,
            Direction::Newer => &newer,
        };
        ahead.extend([beyond.clone(), beside_ahead.clone()]);
        write(writer, &[older, newer, beside_ahead, beside_behind])
            .await
            .map_err(message)?;
    }
    Ok((seen, ahead))
}

fn check(mut expected: Vec<ScratchRow>, seen: &[ScratchRow], direction: Direction) -> CaseResult {
    expected.sort_by_key(place);
    if direction == Direction::Older {
        expected.reverse();
    }
    let labels =
        |rows: &[ScratchRow]| -> Vec<String> { rows.iter().map(|row| row.label.clone()).collect() };
    equal(&labels(seen), &labels(&expected))?;
    equal(&seen, &expected.as_slice())
}

pub(super) async fn paging_to_older_rows_skips_and_repeats_none(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let mut rows = filled(db).await?;
    let (seen, ahead) = walk(db, &clients.strong(), Direction::Older, None).await?;
    rows.extend(ahead);
    check(rows, &seen, Direction::Older)
}

pub(super) async fn paging_to_newer_rows_skips_and_repeats_none(
    db: &Db,
    clients: &Clients,
) -> CaseResult {
    let mut rows = filled(db).await?;
    let first = rows.remove(0);
    let (at, id) = place(&first);
    let cursor = Cursor {
        direction: Direction::Newer,
        at,
        id,
    };
    let writer = clients.strong();
    let (seen, ahead) = walk(db, &writer, Direction::Newer, Some(cursor)).await?;
    rows.extend(ahead);
    check(rows, &seen, Direction::Newer)
}
