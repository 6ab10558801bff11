//! Deleting what is of no more use. A call does a bounded part, and another one goes on: a job of D1's has few statements and little
//! time. Erasing accounts is in `erasure`.

use domain::Timestamp;
use domain::lifetimes::{CODES_KEPT, IDEMPOTENCY_KEYS_KEPT, INVITES_KEPT};
use sea_query::{Cond, ExprTrait, Query as Build};

use super::helpers::{col, qualified, value};
use super::render::render;
use super::writes::null;
use crate::schema::Column;
use crate::schema::tables::{codes, events, idempotency_keys, invites, sessions};
use crate::{Db, DbError, Rows};

/// The most rows of one kind that a call of [`clear`] changes.
pub const MAX_ROWS: u64 = 500;

/// The numbers of rows that were cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Events that have lost their address.
    pub addresses: u64,
    /// Codes that were sent long ago.
    pub codes: u64,
    /// Sessions that are over.
    pub sessions: u64,
    /// Responses that nobody asks for again.
    pub idempotency_keys: u64,
    /// Invites that were made long ago.
    pub invites: u64,
}

impl Cleared {
    /// True if more may be left.
    pub fn is_partial(&self) -> bool {
        let Self {
            addresses,
            codes,
            sessions,
            idempotency_keys,
            invites,
        } = *self;
        let most = [addresses, codes, sessions, idempotency_keys, invites];
        most.into_iter().any(|rows| rows >= MAX_ROWS)
    }
}

/// Clears what is of no more use at `now`: of each kind at most [`MAX_ROWS`]. One batch of five.
///
/// # Errors
/// Any [`DbError`].
pub async fn clear(db: &Db, now: Timestamp) -> Result<Cleared, DbError> {
    let dialect = db.dialect();
    let until = |column: Column, at: Timestamp| Cond::all().add(col(column).lte(value(&at)));
    let mut addresses = Build::update();
    addresses
        .table(events::TABLE.name)
        .value(events::address.name, null())
        .value(events::address_expires_at.name, null())
        .cond_where(part(events::id, until(events::address_expires_at, now)));
    let delete = |key: Column, column: Column, at: Timestamp| {
        let mut delete = Build::delete();
        delete
            .from_table(key.table)
            .cond_where(part(key, until(column, at)));
        render(dialect, &delete)
    };
    let statements = [
        render(dialect, &addresses),
        delete(codes::id, codes::created_at, now - CODES_KEPT),
        delete(sessions::id, sessions::expires_at, now),
        delete(
            idempotency_keys::key,
            idempotency_keys::created_at,
            now - IDEMPOTENCY_KEYS_KEPT,
        ),
        delete(invites::id, invites::created_at, now - INVITES_KEPT),
    ];
    let rows = db.write(&statements).await?;
    let affected = |n: usize| rows.get(n).map_or(0, |rows: &Rows| rows.affected);
    Ok(Cleared {
        addresses: affected(0),
        codes: affected(1),
        sessions: affected(2),
        idempotency_keys: affected(3),
        invites: affected(4),
    })
}

/// The condition that a row is among the first for which `condition` holds. MySQL reads the table that it changes only as a table
/// made before, and no list with a limit.
fn part(key: Column, condition: Cond) -> Cond {
    let mut first = Build::select();
    first
        .column(qualified(key))
        .from(key.table)
        .cond_where(condition)
        .limit(MAX_ROWS);
    let mut keys = Build::select();
    keys.column(key.name).from_subquery(first, "part");
    Cond::all().add(col(key).in_subquery(keys))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        check("clean_up", |queries, with| {
            queries.query("clear", clear(&with.db, now));
        });
    }
}
