//! Errors of the data layer, mapped from every engine's own.

/// A failure of the data layer.
///
/// The text is for operators and logs; the application error that it becomes decides what readers are told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or used; the sentence says why and how to fix it.
    #[error("{0}")]
    Unavailable(String),
    /// The connection was refused for now, or lost. A read may be retried; it is not known whether a write was done.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
    /// The database did not answer in time.
    #[error("the database did not answer in time: {0}")]
    Timeout(String),
    /// Another row has this value.
    #[error("{table}.{column} must be unique")]
    Unique {
        /// The table that holds the constraint.
        table: String,
        /// Its column; the first, if it has several.
        column: String,
    },
    /// A row refers to one that does not exist, or is referred to by one that remains.
    #[error("a foreign key is violated: {0}")]
    ForeignKey(String),
    /// A CHECK or NOT NULL constraint is violated.
    #[error("a value is not allowed: {0}")]
    Check(String),
    /// A value, a row or a statement exceeds a limit of the engine.
    #[error("too large: {0}")]
    TooLarge(String),
    /// A cell is not of its declared type.
    #[error("{table}.{column} holds {found}, not {expected}")]
    Decode {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The kind of value that the schema declares.
        expected: &'static str,
        /// The kind of value that came back instead.
        found: String,
    },
    /// The engine cannot do this.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The client was used after its request had ended.
    #[error("the request's database client was used after the request had ended")]
    Closed,
    /// Any other failure, with the engine's own message.
    #[error("the database failed: {0}")]
    Driver(String),
}
