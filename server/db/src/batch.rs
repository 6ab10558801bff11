//! Several queries in one round trip, each with rows of its own type.

use crate::queries::Runnable;
use crate::{DbError, Dialect, Rows, Statement};

/// Two to four independent queries.
pub trait Batch {
    /// The rows of each.
    type Rows;

    /// Renders each.
    fn into_statements(self, dialect: Dialect) -> Vec<Statement>;

    /// Decodes the rows of each in turn.
    ///
    /// # Errors
    /// [`DbError::Decode`] for the first cell that is not of its declared type.
    fn decode(rows: &mut std::vec::IntoIter<Rows>) -> Result<Self::Rows, DbError>;
}

macro_rules! batch {
    ($($query:ident: $row:ident),+) => {
        impl<$($row: Runnable),+> Batch for ($($row,)+) {
            type Rows = ($(Vec<$row::Row>,)+);

            fn into_statements(self, dialect: Dialect) -> Vec<Statement> {
                let ($($query,)+) = self;
                vec![$($query.into_statement(dialect)),+]
            }

            fn decode(rows: &mut std::vec::IntoIter<Rows>) -> Result<Self::Rows, DbError> {
                Ok(($(rows.next().unwrap_or_default().decode::<$row::Row>()?,)+))
            }
        }
    };
}

batch!(a: A, b: B);
batch!(a: A, b: B, c: C);
batch!(a: A, b: B, c: C, d: D);
