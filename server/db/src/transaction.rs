//! Transactions, where the engine has them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::driver::OpenTransaction;
use crate::queries::Runnable;
use crate::{BoxFuture, Consistency, Db, DbError, Driver, Rows, Statement};

/// An open transaction. Other users of the request's client wait until it has ended. Dropping it rolls it back.
pub struct Transaction {
    db: Db,
    driver: Arc<dyn Driver>,
    /// `None` when it has ended.
    open: Option<Box<dyn OpenTransaction>>,
    /// A statement failed; those that succeeded before it must not be committed alone.
    has_failed: AtomicBool,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        drop(self.open.take());
        self.db.forget_if_broken(&self.driver);
    }
}

impl Transaction {
    fn open(&self) -> Result<&dyn OpenTransaction, DbError> {
        self.open.as_deref().ok_or(DbError::Closed)
    }

    /// Runs statements in order, in one round trip where the engine can.
    ///
    /// # Errors
    /// Any [`DbError`]; after one, the transaction can only be rolled back.
    pub async fn run(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let response = async {
            self.db.check(statements)?;
            let rows = self.open()?.run(statements);
            self.db.execute(&self.driver, statements, rows).await
        };
        let rows = response.await;
        if rows.is_err() {
            self.has_failed.store(true, Relaxed);
        }
        rows
    }

    /// Returns all rows of `query`, as this transaction sees them.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub async fn all<Q: Runnable>(&self, query: Q) -> Result<Vec<Q::Row>, DbError> {
        let statement = query.into_statement(self.db.dialect());
        let mut rows = self.run(&[statement]).await?;
        rows.pop().unwrap_or_default().decode()
    }

    /// Commits everything that was run.
    ///
    /// # Errors
    /// [`DbError::Unsupported`] when a statement failed: everything is rolled back then, on every engine.
    /// Any [`DbError`]: nothing has happened then, but after [`DbError::Lost`] and [`DbError::Timeout`] that is not known.
    pub async fn commit(mut self) -> Result<(), DbError> {
        if self.has_failed.load(Relaxed) {
            self.roll_back().await?;
            return Err(DbError::Unsupported(
                "committing a transaction in which a statement failed".to_owned(),
            ));
        }
        let open = self.open.take().ok_or(DbError::Closed)?;
        let done = self.db.request(&self.driver, open.commit()).await;
        self.db.record_write(&*self.driver);
        done
    }

    /// Rolls back everything that was run.
    ///
    /// # Errors
    /// Any [`DbError`]; the transaction is rolled back even then.
    pub async fn roll_back(mut self) -> Result<(), DbError> {
        let open = self.open.take().ok_or(DbError::Closed)?;
        self.db.request(&self.driver, open.roll_back()).await
    }
}

impl Db {
    /// Begins a transaction; dropped without [`Transaction::commit`], it is rolled back.
    ///
    /// # Errors
    /// [`DbError::Unsupported`] on engines without transactions (D1: statements that belong together go into one
    /// [`Db::write`]), or any other.
    pub async fn begin(&self) -> Result<Transaction, DbError> {
        let driver = self.driver(Consistency::Strong).await?;
        let Some(begin) = Arc::clone(&driver).begin() else {
            return Err(DbError::Unsupported(
                "transactions on this engine; use one write for statements that belong together"
                    .to_owned(),
            ));
        };
        let open = self.request(&driver, begin).await?;
        Ok(Transaction {
            db: self.clone(),
            driver,
            open: Some(open),
            has_failed: AtomicBool::new(false),
        })
    }

    /// Runs `work` in a transaction: commits when it returns Ok, rolls back when it returns an error, panics or is dropped.
    ///
    /// # Errors
    /// The error of `work`, or any [`DbError`] of the transaction itself.
    pub async fn transaction<T, E, W>(&self, work: W) -> Result<T, E>
    where
        E: From<DbError>,
        W: for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, E>>,
    {
        let transaction = self.begin().await?;
        match work(&transaction).await {
            Ok(value) => {
                transaction.commit().await?;
                Ok(value)
            }
            Err(error) => {
                transaction.roll_back().await?;
                Err(error)
            }
        }
    }
}
