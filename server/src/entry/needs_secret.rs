//! What cannot be done without `SESSION_SECRET`.

use std::sync::Arc;

use db::{BoxFuture, Connect, DbError, Dialect, Driver, Limits, Mark, Need};

/// A database whose writes need a signed cookie, where the secret to sign it is missing: it can only be read.
pub(super) struct NeedsSecret<C> {
    inner: C,
    has_secret: bool,
}

impl<C> NeedsSecret<C> {
    pub(super) fn unless(has_secret: bool, inner: C) -> Self {
        Self { inner, has_secret }
    }
}

impl<C: Connect> Connect for NeedsSecret<C> {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn connect(&self, need: Need) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        if need == Need::Fresh && self.is_split() && !self.has_secret {
            return Box::pin(std::future::ready(Err(DbError::Unavailable(
                "The secret SESSION_SECRET is missing or shorter than 32 characters: `wrangler secret put SESSION_SECRET`, \
                 locally a line in .dev.vars. Without it nothing can be written."
                    .to_owned(),
            ))));
        }
        self.inner.connect(need)
    }

    fn is_split(&self) -> bool {
        self.inner.is_split()
    }

    fn mark(&self, driver: &dyn Driver) -> Option<Mark> {
        self.inner.mark(driver)
    }

    fn limits(&self) -> Option<Limits> {
        self.inner.limits()
    }
}
