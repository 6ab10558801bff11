//! The job that keeps a database clean: what is due is erased, and what is of no more use is deleted. The Worker's schedule, the
//! native server and `cargo x db clean-up` run it.
//!
//! A run is bounded: 50 statements are what a Worker of the free plan may send to D1 (developers.cloudflare.com/d1/platform/limits).

use std::fmt;

use domain::{EventKind, Timestamp};

use crate::queries::clean_up::{Cleared, clear};
use crate::queries::erasure;
use crate::queries::events::Origin;
use crate::schema::tables::Event;
use crate::{Db, DbError};

/// The most accounts that a run erases: at most 12 statements each.
const MAX_ERASED: usize = 3;

/// The work of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanUp {
    /// The accounts that were erased.
    pub erased: u64,
    /// The rows that were cleared.
    pub cleared: Cleared,
    /// True if more is left, for the next run.
    pub is_partial: bool,
}

impl CleanUp {
    /// Adds the work of the run that came after.
    #[must_use]
    pub fn and(self, next: Self) -> Self {
        let (a, b) = (self.cleared, next.cleared);
        Self {
            erased: self.erased + next.erased,
            cleared: Cleared {
                addresses: a.addresses + b.addresses,
                codes: a.codes + b.codes,
                sessions: a.sessions + b.sessions,
                idempotency_keys: a.idempotency_keys + b.idempotency_keys,
                invites: a.invites + b.invites,
            },
            is_partial: next.is_partial,
        }
    }
}

impl fmt::Display for CleanUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cleared {
            addresses,
            codes,
            sessions,
            idempotency_keys,
            invites,
        } = self.cleared;
        write!(
            f,
            "accounts erased: {}; addresses of events cleared: {addresses}; deleted: {codes} codes, {sessions} sessions, \
             {idempotency_keys} idempotency keys, {invites} invites",
            self.erased
        )
    }
}

/// Runs the job once. An account that cannot be erased keeps nothing else from being done.
///
/// # Errors
/// Any [`DbError`], of the first part that failed.
pub async fn run(db: &Db, now: Timestamp) -> Result<CleanUp, DbError> {
    let cleared = clear(db, now).await?;
    let due = erasure::due(db, now).await?;
    let (mut erased, mut failure) = (0, None);
    for account in due.iter().take(MAX_ERASED) {
        let origin = Origin::default();
        let event = Event::new(EventKind::Erased, Some(account.user_id), origin, now);
        match erasure::erase(db, account, &event).await {
            Ok(is_erased) => erased += u64::from(is_erased),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(CleanUp {
            erased,
            cleared,
            is_partial: cleared.is_partial() || due.len() > MAX_ERASED,
        }),
    }
}
