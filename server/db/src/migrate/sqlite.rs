//! SQLite files, by the ledger that wrangler keeps.

use super::Migration;
use crate::drivers::sqlite::Sqlite;
use crate::{DbError, Driver, Statement, Value};

/// Applies the migrations that the ledger does not have, each all or nothing. Returns their names.
///
/// # Errors
/// The first migration that fails, with its name; those before it stay applied.
pub async fn apply(
    sqlite: &Sqlite,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    sqlite.script(
        "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, \
         applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);",
    )?;
    let statement = Statement::plain("SELECT name FROM d1_migrations");
    let applied: Vec<Value> = sqlite
        .read(&[statement])
        .await?
        .into_iter()
        .flat_map(|rows| rows.cells)
        .collect();
    let mut done = Vec::new();
    for migration in migrations {
        if applied.contains(&Value::Text(migration.name.to_owned())) {
            continue;
        }
        let script = format!(
            "BEGIN; {}\nINSERT INTO d1_migrations (name) VALUES ('{}'); COMMIT;",
            migration.sql, migration.name
        );
        if let Err(error) = sqlite.script(&script) {
            // Fails only when the failed script had not begun: nothing to undo then.
            let _ = sqlite.script("ROLLBACK");
            return Err(DbError::Driver(format!(
                "migration {}: {error}; nothing of it was applied",
                migration.name
            )));
        }
        done.push(migration.name);
    }
    Ok(done)
}
