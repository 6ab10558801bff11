//! A bounded pool: it lends each request one connection, until the request has ended.
//!
//! Owns their number, the time to wait for one, and which of them are reused: never one that was discarded or lost, or whose
//! query was cancelled. A connection that was idle for a while is checked before it is lent.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{
    self, Manager, Metrics, Object, PoolError, RecycleError, RecycleResult, TimeoutType,
};

use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, OpenTransaction,
    Rows, Statement, Timeouts,
};

/// The idle time after which a connection is checked before it is lent.
const MAX_UNCHECKED_IDLE: Duration = Duration::from_secs(3);
/// The longest that the check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// The most connections of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize(pub NonZeroUsize);

impl Default for PoolSize {
    /// Ten. PostgreSQL allows a hundred by default, for all clients together.
    fn default() -> Self {
        Self(NonZeroUsize::MIN.saturating_add(9))
    }
}

/// A pool of another connector's connections. Cheap to clone; every clone is the same pool.
#[derive(Clone)]
pub struct Pool {
    pool: managed::Pool<Opener>,
    limits: Timeouts,
}

impl Pool {
    /// Makes a pool of at most `size` connections of `connector`. It opens one when the first is needed.
    pub fn new(connector: impl Connector + 'static, size: PoolSize) -> Self {
        let limits = connector.timeouts().unwrap_or_default();
        let pool = managed::Pool::builder(Opener(Box::new(connector)))
            .max_size(size.0.get())
            .wait_timeout(Some(limits.connect))
            .create_timeout(Some(limits.connect))
            .recycle_timeout(Some(CHECK_TIMEOUT))
            .runtime(Runtime::Tokio1)
            .build();
        match pool {
            Ok(pool) => Self { pool, limits },
            Err(error) => unreachable!("a pool with a runtime has its timers: {error}"),
        }
    }

    async fn lend(&self) -> Result<Arc<dyn Driver>, DbError> {
        let seconds = self.limits.connect.as_secs_f32();
        let object = self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(TimeoutType::Wait) => DbError::Unavailable(format!(
                "all {} connections are in use, and none was returned within {seconds} s",
                self.pool.status().max_size
            )),
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
                DbError::Timeout(format!("a connection took longer than {seconds} s"))
            }
            PoolError::Closed => DbError::Closed,
            error @ (PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => {
                DbError::Driver(error.to_string())
            }
        })?;
        Ok(Arc::new(Lent {
            driver: Arc::clone(&object),
            object: Some(object),
            outstanding: Arc::default(),
        }))
    }
}

impl Connector for Pool {
    fn dialect(&self) -> Dialect {
        self.pool.manager().0.dialect()
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(self.lend())
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.pool.manager().0.token_after_write(driver)
    }

    /// The pool has its own timeouts: for a free connection, for its check, and for opening another.
    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            connect: self.limits.connect * 2 + CHECK_TIMEOUT * 2,
            ..self.limits
        })
    }
}

/// Opens connections for the pool, and checks those that are returned.
struct Opener(Box<dyn Connector>);

impl Manager for Opener {
    type Type = Arc<dyn Driver>;
    type Error = DbError;

    async fn create(&self) -> Result<Self::Type, DbError> {
        self.0.connect(Consistency::Strong).await
    }

    async fn recycle(&self, driver: &mut Self::Type, metrics: &Metrics) -> RecycleResult<DbError> {
        if driver.is_broken() {
            return Err(RecycleError::message("lost"));
        }
        if metrics.last_used() < MAX_UNCHECKED_IDLE {
            return Ok(());
        }
        let any = Statement {
            sql: "SELECT 1".to_owned(),
            values: Vec::new(),
        };
        driver.read(&[any]).await?;
        Ok(())
    }
}

/// A connection that is lent to a request.
struct Lent {
    driver: Arc<dyn Driver>,
    /// `None` once it has been returned.
    object: Option<Object<Opener>>,
    /// Pending responses; one that is pending at the end belongs to a cancelled query.
    outstanding: Arc<AtomicUsize>,
}

impl Lent {
    async fn track<T>(
        &self,
        answer: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        self.outstanding.fetch_add(1, SeqCst);
        let answer = answer.await;
        self.outstanding.fetch_sub(1, SeqCst);
        answer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let must_go = self.driver.is_broken() || self.outstanding.load(SeqCst) > 0;
        if let Some(object) = self.object.take()
            && must_go
        {
            drop(Object::take(object));
        }
    }
}

impl Driver for Lent {
    fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.track(self.driver.read(statements)))
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.track(self.driver.write(statements)))
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        let begin = Arc::clone(&self.driver).begin()?;
        Some(Box::pin(async move {
            let open = self.track(begin).await?;
            Ok(Box::new(LentTransaction { open, lent: self }) as Box<dyn OpenTransaction>)
        }))
    }

    fn bookmark(&self) -> Option<String> {
        self.driver.bookmark()
    }

    fn discard(&self) {
        self.driver.discard();
    }

    fn is_broken(&self) -> bool {
        self.driver.is_broken()
    }
}

/// A transaction that keeps its connection out of the pool. Its fields are dropped in this order: first it is rolled back,
/// then the connection may be returned.
struct LentTransaction {
    open: Box<dyn OpenTransaction>,
    lent: Arc<Lent>,
}

impl OpenTransaction for LentTransaction {
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.lent.track(self.open.run(statements)))
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move { self.lent.track(self.open.commit()).await })
    }

    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move { self.lent.track(self.open.roll_back()).await })
    }
}
