//! Statistics of a request's use of its database.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts of a request's use of its database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections opened.
    pub connections: u64,
    /// Round trips waited for.
    pub round_trips: u64,
    /// Statements run.
    pub statements: u64,
    /// Rows returned.
    pub rows: u64,
    /// Microseconds spent waiting for responses.
    pub micros: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    connections: AtomicU64,
    round_trips: AtomicU64,
    statements: AtomicU64,
    rows: AtomicU64,
    micros: AtomicU64,
}

impl Counters {
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            connections: self.connections.load(Relaxed),
            round_trips: self.round_trips.load(Relaxed),
            statements: self.statements.load(Relaxed),
            rows: self.rows.load(Relaxed),
            micros: self.micros.load(Relaxed),
        }
    }

    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    pub(crate) fn responded(&self, statements: usize, rows: usize, took: Duration) {
        self.round_trips.fetch_add(1, Relaxed);
        self.statements.fetch_add(statements as u64, Relaxed);
        self.rows.fetch_add(rows as u64, Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Relaxed);
    }
}
