//! A bounded pool: one connection to one request, given back when the request has ended.
//!
//! Owns how many there are, how long one waits for one, and which go back: never one that was discarded or lost, or whose
//! question was given up. What was idle for a while is asked whether it still lives before it is handed out.

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

/// Idle for longer, a connection is asked whether it still lives.
const TRUSTED: Duration = Duration::from_secs(3);
/// How long that answer may take.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How many connections a pool has at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize(pub NonZeroUsize);

impl Default for PoolSize {
    /// Ten: PostgreSQL takes a hundred as it comes, for everybody together.
    fn default() -> Self {
        Self(NonZeroUsize::MIN.saturating_add(9))
    }
}

/// A pool of the connections that another way to the database opens. Cheap to clone; every clone is the same pool.
#[derive(Clone)]
pub struct Pool {
    pool: managed::Pool<Opener>,
    limits: Timeouts,
}

impl Pool {
    /// A pool of at most `size` of the connections that `source` opens. It opens none before the first is asked for.
    pub fn new(source: impl Connector + 'static, size: PoolSize) -> Self {
        let limits = source.timeouts().unwrap_or_default();
        let pool = managed::Pool::builder(Opener(Box::new(source)))
            .max_size(size.0.get())
            .wait_timeout(Some(limits.connect))
            .create_timeout(Some(limits.connect))
            .recycle_timeout(Some(SIGN_OF_LIFE))
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
                "all {} connections are in use, and none came free within {seconds} s",
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

    /// Waiting for a free connection, making sure that it lives and opening another are limited here, one by one.
    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            connect: self.limits.connect * 2 + SIGN_OF_LIFE * 2,
            ..self.limits
        })
    }
}

/// Opens connections for the pool, and looks at those that come back.
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
        if metrics.last_used() < TRUSTED {
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

/// A connection while a request has it.
struct Lent {
    driver: Arc<dyn Driver>,
    /// None once it has been given back.
    object: Option<Object<Opener>>,
    /// Questions without an answer; more than none at the end means that somebody gave one up.
    outstanding: Arc<AtomicUsize>,
}

impl Lent {
    async fn ask<T>(&self, answer: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
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
        Box::pin(self.ask(self.driver.read(statements)))
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.ask(self.driver.write(statements)))
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        let begin = Arc::clone(&self.driver).begin()?;
        Some(Box::pin(async move {
            let open = self.ask(begin).await?;
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

/// A transaction that keeps its connection out of the pool. Its fields are dropped in this order: first it is rolled
/// back, then the connection may go back.
struct LentTransaction {
    open: Box<dyn OpenTransaction>,
    lent: Arc<Lent>,
}

impl OpenTransaction for LentTransaction {
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.lent.ask(self.open.run(statements)))
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move { self.lent.ask(self.open.commit()).await })
    }

    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async move { self.lent.ask(self.open.roll_back()).await })
    }
}
