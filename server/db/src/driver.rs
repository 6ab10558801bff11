//! What every engine can honestly do. What only some can is asked for as a capability.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Cells, DbError, Dialect, FromRow, Statement, Value};

/// A future that a driver gives; it may cross threads natively, and is polled on the one thread that a Worker has.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One open database, owned by one request. Dropping it closes it, or gives it back to its pool.
pub trait Driver: Send + Sync {
    /// The language to write statements in.
    fn dialect(&self) -> Dialect;

    /// Runs statements that only read and do not need each other's answers; one round trip for all.
    fn read<'a>(&'a self, statements: &'a [Statement])
    -> BoxFuture<'a, Result<Vec<Rows>, DbError>>;

    /// Runs all statements in order, as one: when any fails, none has happened. One round trip where the engine can.
    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>>;

    /// Capability: statements that are decided one after the other and end together. None on engines without (D1).
    fn begin(self: Arc<Self>) -> Option<BoxFuture<'static, Result<Box<dyn Open>, DbError>>> {
        None
    }

    /// Capability: the place up to which this session has seen the database (D1).
    fn bookmark(&self) -> Option<String> {
        None
    }

    /// Says that an answer is outstanding or lost: the connection must not be used for another question.
    fn discard(&self) {}

    /// Whether it was discarded or lost.
    fn is_broken(&self) -> bool {
        false
    }
}

/// An open transaction. Dropped without an end, it is rolled back.
pub trait Open: Send + Sync {
    /// Runs statements in order; after a failure the transaction can only be rolled back.
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>>;

    /// Makes what was run happen.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;

    /// Undoes what was run.
    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>>;
}

/// The rows that one statement gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// How many cells make a row.
    pub width: usize,
    /// All cells, row after row.
    pub cells: Vec<Value>,
    /// How many rows a write changed.
    pub affected: u64,
}

impl Rows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Decodes every row.
    ///
    /// # Errors
    /// [`DbError::Decode`] for the first cell that is not what the schema declares.
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
