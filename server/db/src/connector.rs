//! How a client gets its driver: what the platform knows, resolved when the first query needs it.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;

use crate::{BoxFuture, DbError, Dialect, Driver};

/// What a connection will be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// Reads that may come from a replica or a cache, as far behind as the visitor's [`ConsistencyToken`] allows.
    Eventual,
    /// Writes, and reads of what was just written.
    Strong,
}

/// How far a visitor has seen the database: kept in a signed cookie after a write, so that he reads his own writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsistencyToken {
    /// D1: replicas that have not got so far are not asked.
    Bookmark(String),
    /// Hyperdrive: until then, reads do not go to the cache.
    Until(Timestamp),
}

/// For how long after a write a visitor's reads avoid Hyperdrive's cache: it keeps answers for 60 s and may give one for
/// another 15 s while it fetches a new one (developers.cloudflare.com/hyperdrive/concepts/query-caching).
pub const CACHE_TTL: Duration = Duration::from_secs(75);

/// How long a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For an answer.
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

/// A way to a database.
pub trait Connector: Send + Sync {
    /// The language that the driver will speak, known before it is connected.
    fn dialect(&self) -> Dialect;

    /// Opens the database.
    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>>;

    /// Whether [`Consistency::Eventual`] and [`Consistency::Strong`] are answered by different connections.
    fn is_split(&self) -> bool {
        false
    }

    /// What a visitor must see from now on, after a write by `driver`.
    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        driver.bookmark().map(ConsistencyToken::Bookmark)
    }

    /// How long to wait; none where nothing can be waited for (a file, memory).
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

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        (**self).token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        (**self).timeouts()
    }
}

/// A database that cannot be had, for a reason that is known before it is asked: a setting that is wrong or missing.
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
