//! Without `SESSION_SECRET` nothing can be written, because a write needs a signed cookie.

use std::sync::Arc;
use std::time::Duration;

use db::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, OpenTransaction,
    Rows, Statement, Timeouts,
};

/// A connector whose connections can only read, unless there is a secret to sign cookies with.
pub(super) struct ReadOnlyWithoutSecret<C> {
    inner: C,
    has_secret: bool,
}

impl<C> ReadOnlyWithoutSecret<C> {
    pub(super) fn new(has_secret: bool, inner: C) -> Self {
        Self { inner, has_secret }
    }
}

impl<C: Connector> Connector for ReadOnlyWithoutSecret<C> {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let connecting = self.inner.connect(consistency);
        if consistency == Consistency::Eventual || !self.is_split() || self.has_secret {
            return connecting;
        }
        Box::pin(async { Ok(Arc::new(ReadOnly(connecting.await?)) as Arc<dyn Driver>) })
    }

    fn is_split(&self) -> bool {
        self.inner.is_split()
    }

    fn clock_step(&self) -> Duration {
        self.inner.clock_step()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.inner.token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        self.inner.timeouts()
    }
}

/// A connection that rejects writes.
struct ReadOnly(Arc<dyn Driver>);

fn rejected<T: Send + 'static>() -> BoxFuture<'static, Result<T, DbError>> {
    Box::pin(std::future::ready(Err(DbError::Unavailable(
        "The secret SESSION_SECRET is missing or shorter than 32 characters: `wrangler secret put SESSION_SECRET`, \
         locally a line in .dev.vars. Without it nothing can be written."
            .to_owned(),
    ))))
}

impl Driver for ReadOnly {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        self.0.read(statements)
    }

    fn write<'a>(&'a self, _: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        rejected()
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        Some(rejected())
    }

    fn discard(&self) {
        self.0.discard();
    }

    fn is_broken(&self) -> bool {
        self.0.is_broken()
    }
}
