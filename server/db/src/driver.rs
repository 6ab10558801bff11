//! Drivers: operations that every engine supports, and capabilities that only some have.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Cells, DbError, Dialect, FromRow, Statement, Value};

/// A driver's future. Natively it may cross threads; a Worker polls it on its one thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One open connection, owned by one request. Dropping it closes it or returns it to its pool.
pub trait Driver: Send + Sync {
    /// The dialect of its statements.
    fn dialect(&self) -> Dialect;

    /// Runs independent statements that only read, in one round trip.
    fn read<'a>(&'a self, statements: &'a [Statement])
    -> BoxFuture<'a, Result<Vec<Rows>, DbError>>;

    /// Runs all statements in order and atomically: when one fails, none has happened. One round trip where the engine can.
    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>>;

    /// Capability: begins a transaction. `None` on engines without transactions (D1).
    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        None
    }

    /// Capability: the bookmark of the state that this session has seen (D1).
    fn bookmark(&self) -> Option<String> {
        None
    }

    /// Marks the connection as unusable: a response is still pending or was lost.
    fn discard(&self) {}

    /// True if the connection was discarded or lost.
    fn is_broken(&self) -> bool {
        false
    }
}

/// An open transaction of a driver. Dropping it rolls it back.
pub trait OpenTransaction: Send + Sync {
    /// Runs statements in order; after a failure the transaction can only be rolled back.
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>>;

    /// Commits what was run.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;

    /// Rolls back what was run.
    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;
}

/// The rows of one statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The number of cells in a row.
    pub width: usize,
    /// All cells, row after row.
    pub cells: Vec<Value>,
    /// The number of rows that a write changed.
    pub affected: u64,
}

impl Rows {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    /// True if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Decodes every row.
    ///
    /// # Errors
    /// [`DbError::Decode`] for the first cell that is not of its declared type.
    pub fn decode<T: FromRow>(mut self) -> Result<Vec<T>, DbError> {
        if self.width == 0 {
            return Ok(Vec::new());
        }
        self.cells
            .chunks_exact_mut(self.width)
            .map(|row| T::from_row(&mut Cells::new(row)))
            .collect()
    }
}
