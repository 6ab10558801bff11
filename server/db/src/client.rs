//! The client: one a request, shared by everybody in it, connected when it is first used and closed with the request.
//!
//! Owns what is the same on every engine: which connection answers (a stale read, or a fresh one after a write), how long
//! to wait, what is tried again, what is counted. A read is tried again when its connection was lost; a write never is,
//! but for a connection that could not be opened at first, when nothing had been sent.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use web_time::Instant;

use crate::batch::Batch;
use crate::connector::{Connector, Consistency, ConsistencyToken, Timeouts};
use crate::stats::{Counters, Stats};
use crate::{DbError, Dialect, Driver, FromRow, Query, Rows, Statement, log, time};

/// How often a connection that was refused or lost is tried again.
const TRIES_AGAIN: u32 = 2;

/// A database client. Cheap to clone; every clone is the same client.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    connector: Box<dyn Connector>,
    dialect: Dialect,
    timeouts: Option<Timeouts>,
    logs: bool,
    connecting: async_lock::Mutex<()>,
    /// The connection for stale reads, or for everything where there is but one kind.
    eventual: Mutex<Option<Arc<dyn Driver>>>,
    strong: Mutex<Option<Arc<dyn Driver>>>,
    requires_strong: AtomicBool,
    token: Mutex<Option<ConsistencyToken>>,
    closed: AtomicBool,
    counters: Counters,
}

impl Db {
    /// A client that will connect by `connect`, when it is first asked something.
    pub fn new(connector: impl Connector + 'static) -> Self {
        Self::with_logging(connector, false)
    }

    /// The same; with `logs`, every statement goes to the log, its parameters by their kinds alone.
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
            token: Mutex::new(None),
            closed: AtomicBool::new(false),
            counters: Counters::default(),
        }))
    }

    /// The language to write statements in.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// What has been asked so far.
    pub fn stats(&self) -> Stats {
        self.0.counters.stats()
    }

    /// From now on, reads see everything that was written before: for pages that show an author his own work.
    pub fn require_strong_reads(&self) {
        self.0.requires_strong.store(true, Relaxed);
    }

    /// What the visitor must see from now on, when this request has written something.
    pub fn consistency_token(&self) -> Option<ConsistencyToken> {
        lock(&self.0.token).clone()
    }

    /// Closes the connection. Whoever still holds the client gets [`DbError::Closed`] from now on.
    pub fn close(&self) {
        self.0.closed.store(true, Relaxed);
        drop(lock(&self.0.eventual).take());
        drop(lock(&self.0.strong).take());
    }

    /// All rows of `query`.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn all<T: FromRow>(&self, query: Query<T>) -> Result<Vec<T>, DbError> {
        let statement = query.into_statement(self.dialect());
        let mut rows = self.read(&[statement]).await?;
        rows.pop().unwrap_or_default().decode()
    }

    /// The first row of `query`, if there is one.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn first<T: FromRow>(&self, query: Query<T>) -> Result<Option<T>, DbError> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// Independent queries, together in one round trip.
    ///
    /// # Errors
    /// Any [`DbError`], of the first that fails.
    pub async fn batch<Q: Batch>(&self, queries: Q) -> Result<Q::Rows, DbError> {
        let statements = queries.into_statements(self.dialect());
        let mut rows = self.read(&statements).await?.into_iter();
        Q::decode(&mut rows)
    }

    /// Runs statements that only read; one round trip for all.
    ///
    /// # Errors
    /// Any [`DbError`], of the first that fails.
    pub async fn read(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        self.check(statements)?;
        let mut tried = 0;
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
                Err(DbError::Lost(why)) if tried < TRIES_AGAIN => {
                    tried += 1;
                    ::log::warn!("a read is tried again: {why}");
                    time::sleep(time::before_try(tried)).await;
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

    /// Runs all statements as one: when any fails, none has happened.
    ///
    /// # Errors
    /// Any [`DbError`], of the first that fails. After [`DbError::Lost`] and [`DbError::Timeout`] it is not known whether
    /// the statements were done: only the caller can tell whether to ask again.
    pub async fn write(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        self.check(statements)?;
        let driver = self.driver(Consistency::Strong).await?;
        let rows = self
            .execute(&driver, statements, driver.write(statements))
            .await;
        self.wrote(&*driver);
        rows
    }

    /// Refuses what some engine would misread, before anything is sent.
    pub(crate) fn check(&self, statements: &[Statement]) -> Result<(), DbError> {
        statements
            .iter()
            .try_for_each(|statement| statement.check(self.dialect()))
    }

    /// Waits for an answer no longer than the limit, counts it and logs it.
    pub(crate) async fn execute(
        &self,
        driver: &Arc<dyn Driver>,
        statements: &[Statement],
        answer: impl Future<Output = Result<Vec<Rows>, DbError>>,
    ) -> Result<Vec<Rows>, DbError> {
        let started = Instant::now();
        let rows = self.request(driver, answer).await;
        let took = started.elapsed();
        let came = rows
            .as_ref()
            .map_or(0, |all| all.iter().map(Rows::len).sum());
        self.0.counters.asked(statements.len(), came, took);
        if self.0.logs {
            log::statements(statements, rows.as_deref(), took);
        }
        rows
    }

    /// The same without statements; a connection that owes an answer is given up.
    pub(crate) async fn request<T>(
        &self,
        driver: &Arc<dyn Driver>,
        answer: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        let limit = self.0.timeouts.map(|timeouts| timeouts.query);
        let answer = time::within(limit, "an answer", answer).await;
        if matches!(answer, Err(DbError::Timeout(_))) {
            driver.discard();
        }
        self.forget_if_broken(driver);
        answer
    }

    /// Closes `driver` when it can be of no more use.
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

    /// From now on this request, and for a while this visitor, reads what `driver` wrote.
    pub(crate) fn wrote(&self, driver: &dyn Driver) {
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
        let limit = self.0.timeouts.map(|timeouts| timeouts.connect);
        let mut tried = 0;
        loop {
            self.0.counters.connected();
            let driver =
                time::within(limit, "a connection", self.0.connector.connect(consistency)).await;
            match driver {
                Err(DbError::Lost(why)) if tried < TRIES_AGAIN => {
                    tried += 1;
                    ::log::warn!("a connection is tried again: {why}");
                    time::sleep(time::before_try(tried)).await;
                }
                driver => return driver,
            }
        }
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
