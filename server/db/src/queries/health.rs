//! Health: whether the database answers, and has what pages read.

use super::fingerprints;
use crate::{Db, DbError};

/// Reads every table and column that pages need, but no row. One statement.
///
/// # Errors
/// Any [`DbError`]: the database does not answer, its migrations are not applied, or its user may not read them.
pub async fn check(db: &Db) -> Result<(), DbError> {
    fingerprints::nobodys_page(db).await.map(drop)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use crate::queries::snapshots::check;

    #[test]
    fn statements() {
        check("health", |queries, with| {
            queries.query("check", super::check(&with.db));
        });
    }
}
