//! Several queries in one round trip, each with rows of its own type.

use crate::{DbError, FromRow, Query, Rows, Statement};

/// Two to four queries that do not need each other's answers.
pub trait Batch {
    /// The rows of each.
    type Rows;

    /// What to run.
    fn statements(self) -> Vec<Statement>;

    /// Takes the rows of each in turn.
    ///
    /// # Errors
    /// [`DbError::Decode`], of the first row that is not what the schema declares.
    fn decode(rows: &mut std::vec::IntoIter<Rows>) -> Result<Self::Rows, DbError>;
}

macro_rules! together {
    ($($query:ident: $row:ident),+) => {
        impl<$($row: FromRow),+> Batch for ($(Query<$row>,)+) {
            type Rows = ($(Vec<$row>,)+);

            fn statements(self) -> Vec<Statement> {
                let ($($query,)+) = self;
                vec![$($query.statement),+]
            }

            fn decode(rows: &mut std::vec::IntoIter<Rows>) -> Result<Self::Rows, DbError> {
                Ok(($(rows.next().unwrap_or_default().decode::<$row>()?,)+))
            }
        }
    };
}

together!(a: A, b: B);
together!(a: A, b: B, c: C);
together!(a: A, b: B, c: C, d: D);
