//! A deployed D1, through its HTTP API: a file and its notes in the ledger are one batch, which is one transaction.

use super::Migration;
use super::checks;
use super::progress::{File, Watch, Watched};
use super::script::Statement as Part;
use super::sqlite::{cascade, notes, pending, refused_cascade};
use crate::{DbError, Dialect, Driver, Statement};

pub(super) async fn apply(
    driver: &dyn Driver,
    migrations: &[Migration],
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    let mut done = Vec::new();
    let pending = pending(driver, migrations).await?;
    for (migration, at) in pending.iter().zip(1..) {
        let text = migration.text(Dialect::Sqlite);
        let statements = checks::statements(Dialect::Sqlite, migration, &text, checks::d1)?;
        if let Some(cascade) = cascade(driver, &statements).await? {
            return Err(refused_cascade(migration, &cascade));
        }
        let parts = statements.iter().map(|part| Statement::plain(part.text));
        let batch: Vec<Statement> = parts.chain(notes(migration)).collect();
        let file = File {
            name: migration.name,
            at,
            of: pending.len(),
        };
        Watched { file, watch }.sends(&statements);
        driver
            .write(&batch)
            .await
            .map_err(|error| failed(migration, &statements, &error))?;
        done.push(migration.name);
    }
    Ok(done)
}

/// D1 does not say which statement of a batch failed.
fn failed(migration: &Migration, statements: &[Part<'_>], error: &DbError) -> DbError {
    let left = match error {
        DbError::Lost(_) | DbError::Timeout(_) => {
            "it is not known whether it was applied: migrate again, which tells"
        }
        _ => "nothing of it was applied",
    };
    DbError::Driver(format!(
        "migration {}, one of its statements 1 to {}: {error}; {left}",
        migration.name,
        statements.len()
    ))
}
