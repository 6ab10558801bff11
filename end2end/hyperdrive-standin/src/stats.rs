//! Counters since the start or the last reset.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// The number of statements and of errors that are kept.
const MAX_ENTRIES: usize = 200;

/// Counters, as `GET /stats` returns them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Stats {
    /// Connections that clients opened.
    pub connections: u64,
    /// Client connections that are open now; not changed by a reset.
    pub open: u64,
    /// Connections to the database that are open now; not changed by a reset.
    pub upstream_open: u64,
    /// Statements received, including rejected ones.
    pub queries: u64,
    /// Writing statements that were forwarded to the database.
    pub writes: u64,
    /// Round trips of clients. A request that arrives before the last response was sent does not count again.
    pub round_trips: u64,
    /// Chunks that responses were sent in.
    pub chunks: u64,
    /// Reads that were answered from the cache.
    pub cache_hits: u64,
    /// Cacheable reads that were not in the cache.
    pub cache_misses: u64,
    /// Rejected requests, by kind.
    pub rejections: BTreeMap<String, u64>,
    /// Injected faults, by kind.
    pub faults: BTreeMap<String, u64>,
    /// The last 200 statements, oldest first, without parameters and literals.
    pub statements: VecDeque<String>,
    /// The last 200 errors that were not injected, such as an unreachable database.
    pub errors: VecDeque<String>,
}

impl Stats {
    pub(crate) fn add_rejection(&mut self, kind: &str) {
        *self.rejections.entry(kind.to_owned()).or_default() += 1;
    }

    pub(crate) fn add_statement(&mut self, text: String) {
        self.queries += 1;
        push(&mut self.statements, text);
    }

    pub(crate) fn add_error(&mut self, text: String) {
        push(&mut self.errors, text);
    }

    /// Clears everything except the numbers of open connections.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            open: self.open,
            upstream_open: self.upstream_open,
            ..Self::default()
        };
    }
}

fn push(texts: &mut VecDeque<String>, text: String) {
    if texts.len() == MAX_ENTRIES {
        texts.pop_front();
    }
    texts.push_back(text);
}
