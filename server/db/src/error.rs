//! Errors of the data layer, mapped from every engine's own.

/// A failure of the data layer.
///
/// The text is for operators and logs; the application error that it becomes decides what readers are told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached or used; the sentence says why and how to fix it.
    #[error("{0}")]
    Unavailable(String),
    /// The server refused the connection or a statement, for a reason that another attempt does not mend.
    #[error("{reason} The server says: {detail}")]
    Refused {
        /// The sentence that says what to mend.
        reason: String,
        /// The server's own code and message, for the log: it may name addresses and users.
        detail: String,
    },
    /// The connection was refused for now, or lost. A read may be retried; it is not known whether a write was done.
    #[error("the connection to the database was refused or lost: {0}")]
    Lost(String),
    /// The database did not answer in time.
    #[error("the database did not answer in time: {0}")]
    Timeout(String),
    /// The engine rolled a write or a transaction back, because another was in its way: nothing was done, and it may be done
    /// again.
    #[error("{0}")]
    Conflict(String),
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

impl DbError {
    /// True if the database cannot be used now: nothing is wrong with the request, and a page that was good before still is.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable(_)
            | Self::Refused { .. }
            | Self::Lost(_)
            | Self::Timeout(_)
            | Self::Conflict(_) => true,
            Self::Unique { .. }
            | Self::ForeignKey(_)
            | Self::Check(_)
            | Self::TooLarge(_)
            | Self::Decode { .. }
            | Self::Unsupported(_)
            | Self::Closed
            | Self::Driver(_) => false,
        }
    }
}
