//! What can go wrong between a query and its rows, the same for every engine.

/// A failure of the data layer.
///
/// The text is for operators and logs; what a reader is told is decided where it is turned into an application error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or used; the sentence says why and what to do.
    #[error("{0}")]
    Unavailable(String),
    /// The connection was refused for now, or lost: a read may be tried again; of a write it is not known whether it was done.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
    /// The database did not answer in time.
    #[error("the database did not answer in time: {0}")]
    Timeout(String),
    /// A row with this value exists already.
    #[error("{table}.{column} must be unique")]
    Unique {
        /// The table that holds the constraint.
        table: String,
        /// Its column; with several, the first.
        column: String,
    },
    /// A row refers to one that does not exist, or is referred to.
    #[error("a foreign key does not hold: {0}")]
    ForeignKey(String),
    /// A CHECK or NOT NULL constraint does not hold.
    #[error("a value is not allowed: {0}")]
    Check(String),
    /// A value, a row or a statement exceeds what the engine takes.
    #[error("too large: {0}")]
    TooLarge(String),
    /// A column does not hold what the schema declares.
    #[error("{table}.{column} holds {found}, not {expected}")]
    Decode {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What the schema declares.
        expected: &'static str,
        /// What came back instead.
        found: String,
    },
    /// The engine cannot do this at all.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The client was used after its request had ended.
    #[error("the request's database client was used after the request had ended")]
    Closed,
    /// Anything else, in the engine's own words.
    #[error("the database failed: {0}")]
    Driver(String),
}
