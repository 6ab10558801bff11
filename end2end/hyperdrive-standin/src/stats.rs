//! What was seen and done since the start or the last reset.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// How many statements are remembered.
const STATEMENTS: usize = 200;

/// The counts, as `GET /stats` gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Stats {
    /// Connections that clients opened.
    pub connections: u64,
    /// Those that are open now; a reset does not change it.
    pub open: u64,
    /// Connections to the database that are open now; a reset does not change it.
    pub upstream_open: u64,
    /// Statements that came whole, refused ones among them.
    pub queries: u64,
    /// Statements that were passed on and write.
    pub writes: u64,
    /// Times that a question waited for a reply: one that came before the last reply was sent does not count again.
    pub round_trips: u64,
    /// Writes to clients: into how many pieces the replies were cut.
    pub pieces: u64,
    /// Reads that the cache answered.
    pub cache_hits: u64,
    /// Reads that it could have answered.
    pub cache_misses: u64,
    /// What was refused, by kind.
    pub refusals: BTreeMap<String, u64>,
    /// What went wrong on order, by kind.
    pub faults: BTreeMap<String, u64>,
    /// The last 200 statements, oldest first, without parameters and literals.
    pub statements: VecDeque<String>,
    /// What went wrong without an order, such as a database out of reach; the last 200.
    pub troubles: VecDeque<String>,
}

impl Stats {
    pub(crate) fn refused(&mut self, kind: &str) {
        *self.refusals.entry(kind.to_owned()).or_default() += 1;
    }

    pub(crate) fn statement(&mut self, text: String) {
        self.queries += 1;
        push(&mut self.statements, text);
    }

    pub(crate) fn trouble(&mut self, text: String) {
        push(&mut self.troubles, text);
    }

    /// Starts again, with what is open still open.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            open: self.open,
            upstream_open: self.upstream_open,
            ..Self::default()
        };
    }
}

fn push(texts: &mut VecDeque<String>, text: String) {
    if texts.len() == STATEMENTS {
        texts.pop_front();
    }
    texts.push_back(text);
}
