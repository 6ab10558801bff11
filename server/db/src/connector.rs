//! Connectors: how a client gets its driver when its first query needs one.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;

use crate::{BoxFuture, DbError, Dialect, Driver};

/// Requirement for how current the rows of a connection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// Reads that may come from a replica or a cache, but not from before the visitor's [`ConsistencyToken`].
    Eventual,
    /// Writes, and reads of what was just written.
    Strong,
}

/// The state of the database that a visitor has seen. A signed cookie keeps it after a write, so that visitors read their
/// own writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsistencyToken {
    /// D1: replicas that are not as far are not used.
    Bookmark(String),
    /// Hyperdrive: until then, reads avoid the cache.
    Until(Timestamp),
}

/// The time after a write during which a visitor's reads avoid Hyperdrive's cache, which keeps responses for 60 s and may
/// serve one for another 15 s while it fetches a new one (developers.cloudflare.com/hyperdrive/concepts/query-caching).
pub const CACHE_TTL: Duration = Duration::from_secs(75);

/// The longest that a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a response.
    pub query: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            query: Duration::from_secs(10),
        }
    }
}

/// Opens connections to one database.
pub trait Connector: Send + Sync {
    /// The dialect of its drivers, known before one is connected.
    fn dialect(&self) -> Dialect;

    /// Opens a connection.
    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>>;

    /// True if [`Consistency::Eventual`] and [`Consistency::Strong`] need different connections.
    fn is_split(&self) -> bool {
        false
    }

    /// The time for which eventual reads may share the clock of a query, because a cache knows a query by its parameters.
    fn clock_step(&self) -> Duration {
        Duration::ZERO
    }

    /// The token for a visitor after a write by `driver`.
    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        driver.bookmark().map(ConsistencyToken::Bookmark)
    }

    /// The timeouts; `None` where there is nothing to wait for (a file, memory).
    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts::default())
    }
}

impl Connector for Box<dyn Connector> {
    fn dialect(&self) -> Dialect {
        (**self).dialect()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        (**self).connect(consistency)
    }

    fn is_split(&self) -> bool {
        (**self).is_split()
    }

    fn clock_step(&self) -> Duration {
        (**self).clock_step()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        (**self).token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        (**self).timeouts()
    }
}

/// A database that cannot be reached because a setting is wrong or missing. The text is the sentence for operators.
pub struct Misconfigured(pub String);

impl Connector for Misconfigured {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(std::future::ready(Err(DbError::Unavailable(
            self.0.clone(),
        ))))
    }

    fn timeouts(&self) -> Option<Timeouts> {
        None
    }
}
