//! The client: one for each request, shared by all code in it, connected on first use and closed with the request.
//!
//! Owns the behaviour common to all engines: the choice of connection (eventual reads, or strong ones after a write),
//! timeouts, retries, statistics. A read is retried when its connection was lost; a write only when nothing was done: its
//! connection could not be opened, or the engine rolled it back for another's sake.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use domain::Timestamp;
use web_time::Instant;

use crate::batch::Batch;
use crate::connector::{Connector, Consistency, ConsistencyToken, Timeouts};
use crate::queries::Runnable;
use crate::stats::{Counters, Stats};
use crate::{DbError, Dialect, Driver, Rows, Statement, log, time};

/// Retries after a connection was refused or lost.
const MAX_RETRIES: u32 = 2;

/// Repetitions of a write that the engine rolled back because another was in its way.
const MAX_REPETITIONS: u32 = 5;

/// A database client. Cheap to clone; every clone is the same client.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    connector: Box<dyn Connector>,
    dialect: Dialect,
    timeouts: Option<Timeouts>,
    logs: bool,
    connecting: async_lock::Mutex<()>,
    /// The connection for eventual reads, or for everything where the connector is not split.
    eventual: Mutex<Option<Arc<dyn Driver>>>,
    strong: Mutex<Option<Arc<dyn Driver>>>,
    requires_strong: AtomicBool,
    clock: OnceLock<Timestamp>,
    token: Mutex<Option<ConsistencyToken>>,
    closed: AtomicBool,
    counters: Counters,
}

impl Db {
    /// Makes a client that connects by `connector` when it is first used.
    pub fn new(connector: impl Connector + 'static) -> Self {
        Self::with_logging(connector, false)
    }

    /// Makes a client. With `logs`, it logs every statement, and of its parameters only kinds and sizes.
    pub fn with_logging(connector: impl Connector + 'static, logs: bool) -> Self {
        Self(Arc::new(Inner {
            dialect: connector.dialect(),
            timeouts: connector.timeouts(),
            connector: Box::new(connector),
            logs,
            connecting: async_lock::Mutex::new(()),
            eventual: Mutex::new(None),
            strong: Mutex::new(None),
            requires_strong: AtomicBool::new(false),
            clock: OnceLock::new(),
            token: Mutex::new(None),
            closed: AtomicBool::new(false),
            counters: Counters::default(),
        }))
    }

    /// The dialect of its statements.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// Counts of its requests so far.
    pub fn stats(&self) -> Stats {
        self.0.counters.stats()
    }

    /// The time by which posts are public or not, the same for all queries of this client: what a page shows and its
    /// fingerprint agree. Eventual reads through a cache see the time at which its [`Connector::clock_step`] began.
    pub fn now(&self) -> Timestamp {
        let now = self.0.clock.get_or_init(Timestamp::now).as_millis();
        let step = i64::try_from(self.0.connector.clock_step().as_millis()).unwrap_or(0);
        if step == 0 || self.0.requires_strong.load(Relaxed) {
            Timestamp::from_millis(now)
        } else {
            Timestamp::from_millis(now - now.rem_euclid(step))
        }
    }

    /// Takes `now` for the current time, if no query has asked for it yet.
    pub fn set_now(&self, now: Timestamp) {
        let _ = self.0.clock.set(now);
    }

    /// From now on, reads see everything that was written before: for pages that show authors their own work.
    pub fn require_strong_reads(&self) {
        self.0.requires_strong.store(true, Relaxed);
    }

    /// The token that makes the visitor's next requests see the writes of this one; `None` when it has written nothing.
    pub fn consistency_token(&self) -> Option<ConsistencyToken> {
        lock(&self.0.token).clone()
    }

    /// Closes the connection. Every clone of the client gives [`DbError::Closed`] from now on.
    pub fn close(&self) {
        self.0.closed.store(true, Relaxed);
        drop(lock(&self.0.eventual).take());
        drop(lock(&self.0.strong).take());
    }

    /// Returns all rows of `query`.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn all<Q: Runnable>(&self, query: Q) -> Result<Vec<Q::Row>, DbError> {
        let statement = query.into_statement(self.dialect());
        let mut rows = self.read(&[statement]).await?;
        rows.pop().unwrap_or_default().decode()
    }

    /// Returns the first row of `query`, if there is one.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn first<Q: Runnable>(&self, query: Q) -> Result<Option<Q::Row>, DbError> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// Runs independent queries in one round trip.
    ///
    /// # Errors
    /// Any [`DbError`], of the first query that fails.
    pub async fn batch<Q: Batch>(&self, queries: Q) -> Result<Q::Rows, DbError> {
        let statements = queries.into_statements(self.dialect());
        let mut rows = self.read(&statements).await?.into_iter();
        Q::decode(&mut rows)
    }

    /// Runs statements that only read, in one round trip.
    ///
    /// # Errors
    /// Any [`DbError`], of the first statement that fails.
    pub async fn read(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        self.check(statements)?;
        let mut retries = 0;
        loop {
            let consistency = if self.0.requires_strong.load(Relaxed) {
                Consistency::Strong
            } else {
                Consistency::Eventual
            };
            let driver = self.driver(consistency).await?;
            let rows = self
                .execute(&driver, statements, driver.read(statements))
                .await;
            match rows {
                Err(DbError::Lost(why)) if retries < MAX_RETRIES => {
                    retries += 1;
                    ::log::warn!("retrying a read: {why}");
                    time::sleep(time::retry_delay(retries)).await;
                }
                rows => return rows,
            }
        }
    }

    /// Runs one statement that changes something.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn run(&self, statement: &Statement) -> Result<Rows, DbError> {
        let mut rows = self.write(std::slice::from_ref(statement)).await?;
        Ok(rows.pop().unwrap_or_default())
    }

    /// Runs all statements atomically: when one fails, none has happened.
    ///
    /// # Errors
    /// Any [`DbError`], of the first statement that fails. After [`DbError::Lost`] and [`DbError::Timeout`] it is not known
    /// whether the statements were done; only the caller can tell whether a retry is safe.
    pub async fn write(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        self.check(statements)?;
        let mut retries = 0;
        loop {
            let driver = self.driver(Consistency::Strong).await?;
            let rows = self
                .execute(&driver, statements, driver.write(statements))
                .await;
            self.record_write(&*driver);
            match rows {
                Err(DbError::Conflict(why)) if retries < MAX_REPETITIONS => {
                    retries += 1;
                    ::log::warn!("repeating a write: {why}");
                    time::sleep(time::retry_delay(retries)).await;
                }
                rows => return rows,
            }
        }
    }

    /// Refuses statements that some engine would misread, before anything is sent.
    pub(crate) fn check(&self, statements: &[Statement]) -> Result<(), DbError> {
        statements
            .iter()
            .try_for_each(|statement| statement.check(self.dialect()))
    }

    /// Waits for the response to `statements`, counts it and logs it.
    pub(crate) async fn execute(
        &self,
        driver: &Arc<dyn Driver>,
        statements: &[Statement],
        response: impl Future<Output = Result<Vec<Rows>, DbError>>,
    ) -> Result<Vec<Rows>, DbError> {
        let started = Instant::now();
        let rows = self.request(driver, response).await;
        let took = started.elapsed();
        let count = rows
            .as_ref()
            .map_or(0, |all| all.iter().map(Rows::len).sum());
        self.0.counters.responded(statements.len(), count, took);
        if self.0.logs {
            log::statements(statements, rows.as_deref(), took);
        }
        rows
    }

    /// Waits for a response up to the query timeout. A connection whose response is still pending then is discarded.
    pub(crate) async fn request<T>(
        &self,
        driver: &Arc<dyn Driver>,
        response: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        let timeout = self.0.timeouts.map(|timeouts| timeouts.query);
        let response = time::within(timeout, "a response", response).await;
        if matches!(response, Err(DbError::Timeout(_))) {
            driver.discard();
        }
        self.forget_if_broken(driver);
        response
    }

    /// Drops `driver` if it is broken.
    pub(crate) fn forget_if_broken(&self, driver: &Arc<dyn Driver>) {
        if !driver.is_broken() {
            return;
        }
        for slot in [&self.0.eventual, &self.0.strong] {
            let mut slot = lock(slot);
            if slot.as_ref().is_some_and(|held| Arc::ptr_eq(held, driver)) {
                slot.take();
            }
        }
    }

    /// Makes this request, and the visitor's next ones, read what `driver` wrote.
    pub(crate) fn record_write(&self, driver: &dyn Driver) {
        self.require_strong_reads();
        if let Some(token) = self.0.connector.token_after_write(driver) {
            *lock(&self.0.token) = Some(token);
        }
    }

    fn slot(&self, consistency: Consistency) -> &Mutex<Option<Arc<dyn Driver>>> {
        match consistency {
            Consistency::Strong if self.0.connector.is_split() => &self.0.strong,
            Consistency::Strong | Consistency::Eventual => &self.0.eventual,
        }
    }

    fn open_driver(&self, consistency: Consistency) -> Result<Option<Arc<dyn Driver>>, DbError> {
        if self.0.closed.load(Relaxed) {
            Err(DbError::Closed)
        } else {
            let driver = lock(self.slot(consistency)).clone();
            Ok(driver.filter(|driver| !driver.is_broken()))
        }
    }

    pub(crate) async fn driver(
        &self,
        consistency: Consistency,
    ) -> Result<Arc<dyn Driver>, DbError> {
        if let Some(driver) = self.open_driver(consistency)? {
            return Ok(driver);
        }
        let _one_at_a_time = self.0.connecting.lock().await;
        if let Some(driver) = self.open_driver(consistency)? {
            return Ok(driver);
        }
        let driver = self.connect(consistency).await?;
        if self.0.closed.load(Relaxed) {
            return Err(DbError::Closed);
        }
        *lock(self.slot(consistency)) = Some(Arc::clone(&driver));
        Ok(driver)
    }

    async fn connect(&self, consistency: Consistency) -> Result<Arc<dyn Driver>, DbError> {
        let timeout = self.0.timeouts.map(|timeouts| timeouts.connect);
        let mut retries = 0;
        loop {
            self.0.counters.connected();
            let driver = time::within(
                timeout,
                "a connection",
                self.0.connector.connect(consistency),
            )
            .await;
            match driver {
                Err(DbError::Lost(why)) if retries < MAX_RETRIES => {
                    retries += 1;
                    ::log::warn!("retrying a connection: {why}");
                    time::sleep(time::retry_delay(retries)).await;
                }
                driver => return driver,
            }
        }
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
