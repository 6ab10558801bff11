//! SQLite and D1, by the ledger that wrangler keeps (`d1_migrations`), so that wrangler may apply the next file. Checksums
//! stand in a table beside it (`schema_migrations`); a file that wrangler applied gets its checksum when it is first seen.

use std::path::Path;

use super::checksum::{check_unchanged, checksum};
use super::progress::{File, UNWATCHED, Watch, Watched};
use super::rehearsal::{Cascade, Rehearsal, TABLES};
use super::script::{ScriptError, Statement as Part, Token};
use super::{Migration, checks, failure, order};
use crate::drivers::sqlite::Sqlite;
use crate::{DbError, Dialect, Driver, Rows, Statement, Value};

pub(super) const LEDGER: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, \
     applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL)",
];
const UNDONE: &str = "nothing of it was applied";
/// The settings that a session begins with, of those that a file may change.
const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA recursive_triggers = OFF; \
                        PRAGMA ignore_check_constraints = OFF; PRAGMA legacy_alter_table = OFF; \
                        PRAGMA writable_schema = OFF; PRAGMA case_sensitive_like = OFF;";

/// The program that will run the file when the site is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// SQLite itself, which can turn foreign keys off around a transaction.
    Native,
    /// D1, which cannot. A local D1 is a SQLite file, but what it takes must be right for the deployed one.
    D1,
}

impl Host {
    /// The host of a file: wrangler keeps the local D1 in a folder of this name.
    fn of(file: &Path) -> Self {
        let is_d1 = file.iter().any(|part| part == "miniflare-D1DatabaseObject");
        if is_d1 { Self::D1 } else { Self::Native }
    }

    fn check(self) -> checks::Check {
        match self {
            Self::Native => checks::sqlite,
            Self::D1 => checks::d1,
        }
    }
}

/// Applies the migrations that a SQLite database lacks, each all or nothing. Returns their names.
///
/// # Errors
/// The first migration that is refused or fails, with its name; those before it stay applied.
pub async fn apply(
    sqlite: &Sqlite,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    apply_on(Host::Native, sqlite, migrations, UNWATCHED).await
}

/// Applies those of `migrations` that a SQLite file lacks, by D1's rules if it is a local D1. Returns their names.
///
/// # Errors
/// The errors of [`apply`], and [`DbError::Unavailable`] for a file that cannot be opened.
pub async fn apply_to_file(
    file: &Path,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    apply_to_file_watched(file, migrations, UNWATCHED).await
}

/// As [`apply_to_file`], and tells each step.
///
/// # Errors
/// The errors of [`apply_to_file`].
pub async fn apply_to_file_watched(
    file: &Path,
    migrations: &[Migration],
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    apply_on(Host::of(file), &Sqlite::open(file)?, migrations, watch).await
}

async fn apply_on(
    host: Host,
    sqlite: &Sqlite,
    migrations: &[Migration],
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    let pending = pending(sqlite, migrations).await?;
    let mut done = Vec::new();
    for (migration, at) in pending.iter().zip(1..) {
        let text = migration.text(Dialect::Sqlite);
        let statements = checks::statements(Dialect::Sqlite, migration, &text, host.check())?;
        let cascade = cascade(sqlite, &statements).await?;
        if let (Host::D1, Some(cascade)) = (host, &cascade) {
            return Err(refused_cascade(migration, cascade));
        }
        let is_rebuild = cascade.is_some() || statements.iter().any(turns_keys_off);
        sqlite.script(if is_rebuild {
            "PRAGMA foreign_keys = OFF"
        } else {
            SETTINGS
        })?;
        let file = File {
            name: migration.name,
            at,
            of: pending.len(),
        };
        let watched = Watched { file, watch };
        let applied = transaction(sqlite, migration, &statements, is_rebuild, watched).await;
        if applied.is_err() {
            // Fails only when no transaction is open: nothing to undo then.
            let _ = sqlite.script("ROLLBACK");
        }
        sqlite.script(SETTINGS)?;
        if applied? {
            done.push(migration.name);
        }
    }
    Ok(done)
}

/// Runs a file as one transaction. Returns whether it had to be: another process may have been quicker.
async fn transaction(
    sqlite: &Sqlite,
    migration: &Migration,
    statements: &[Part<'_>],
    is_rebuild: bool,
    watched: Watched<'_>,
) -> Result<bool, DbError> {
    let failed = |error: DbError| failure::not_noted(migration, &error, UNDONE);
    sqlite.script("BEGIN IMMEDIATE")?;
    let applied = Statement {
        sql: "SELECT 1 FROM d1_migrations WHERE name = ?".to_owned(),
        values: vec![Value::Text(migration.name.to_owned())],
    };
    if first(sqlite, applied).await?.is_some() {
        sqlite.script("COMMIT")?;
        return Ok(false);
    }
    for statement in statements {
        watched.runs(statement, statements);
        let done = sqlite.script(statement.text);
        done.map_err(|error| failure::failed_at(migration, statement, &error, UNDONE))?;
    }
    if is_rebuild {
        check_keys(sqlite).await.map_err(failed)?;
    }
    for statement in notes(migration) {
        sqlite.read(&[statement]).await.map_err(failed)?;
    }
    sqlite.script("COMMIT").map_err(failed)?;
    Ok(true)
}

/// Refuses rows that refer to nothing, as foreign keys would have, had they been on.
async fn check_keys(sqlite: &Sqlite) -> Result<(), DbError> {
    let sql = "SELECT \"table\" || ' refers to a row of ' || parent || ' that does not exist' FROM pragma_foreign_key_check";
    match first(sqlite, Statement::plain(sql)).await? {
        Some(Value::Text(what)) => Err(DbError::ForeignKey(format!(
            "without the cascades that it would have fired, a row of {what} (delete such rows first, if they are to go)"
        ))),
        _ => Ok(()),
    }
}

/// True for the first of SQLite's steps for rebuilding a table (sqlite.org/lang_altertable.html#otheralter).
fn turns_keys_off(statement: &Part<'_>) -> bool {
    let is_off = |token: &Token<'_>| {
        let value = token.name().unwrap_or_default().to_ascii_lowercase();
        ["off", "0", "no", "false"].contains(&value.as_str())
    };
    statement.begins(&["PRAGMA"])
        && statement.has("foreign_keys")
        && statement.tokens.iter().any(is_off)
}

/// The migrations that the ledger does not have. Those that it has are compared with their checksums, or get them.
pub(super) async fn pending<'m>(
    driver: &dyn Driver,
    migrations: &'m [Migration],
) -> Result<Vec<&'m Migration>, DbError> {
    driver.write(&LEDGER.map(Statement::plain)).await?;
    let sql = "SELECT d.name, s.checksum FROM d1_migrations AS d LEFT JOIN schema_migrations AS s ON s.name = d.name";
    let rows = driver.read(&[Statement::plain(sql)]).await?;
    let applied: Vec<(Value, Value)> = rows
        .into_iter()
        .flat_map(|rows| {
            rows.cells
                .chunks_exact(2)
                .map(|row| (row[0].clone(), row[1].clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let names = applied.iter().filter_map(|(name, _)| match name {
        Value::Text(name) => Some(name.clone()),
        _ => None,
    });
    order::check(&names.collect::<Vec<_>>(), migrations)?;
    let mut pending = Vec::new();
    let mut seen = Vec::new();
    for migration in migrations {
        let name = Value::Text(migration.name.to_owned());
        match applied.iter().find(|(applied, _)| *applied == name) {
            None => pending.push(migration),
            Some((_, Value::Null)) => seen.push(note_checksum(migration)),
            Some((_, kept)) => check_unchanged(migration, kept)?,
        }
    }
    if !seen.is_empty() {
        driver.write(&seen).await?;
    }
    Ok(pending)
}

/// The first statement that would delete rows of other tables, in the schema that the database has now.
pub(super) async fn cascade(
    driver: &dyn Driver,
    statements: &[Part<'_>],
) -> Result<Option<Cascade>, DbError> {
    let tables: Vec<Rows> = driver.read(&[Statement::plain(TABLES)]).await?;
    let tables = tables.into_iter().next().unwrap_or_default();
    Rehearsal::new(&tables)?.cascade(statements).await
}

/// The error for a file that D1 would not refuse, but that would delete what nobody wants deleted.
pub(super) fn refused_cascade(migration: &Migration, cascade: &Cascade) -> DbError {
    let Cascade {
        number,
        line,
        what,
        children,
    } = cascade;
    let refusal = ScriptError {
        line: *line,
        why: format!(
            "{what} would delete or detach the rows of {}, which refer to it, because D1 never turns foreign keys off. Copy \
             the table and those that refer to it into new ones, drop the old ones, children first, and rename the new ones; \
             or empty the children first, if their rows are to go (CONTRIBUTING.md, Migrations)",
            children.join(", ")
        ),
    };
    failure::refused(migration, *number, &refusal)
}

/// The statements that note a file as applied.
pub(super) fn notes(migration: &Migration) -> [Statement; 2] {
    let applied = Statement {
        sql: "INSERT INTO d1_migrations (name) VALUES (?)".to_owned(),
        values: vec![Value::Text(migration.name.to_owned())],
    };
    [applied, note_checksum(migration)]
}

fn note_checksum(migration: &Migration) -> Statement {
    Statement {
        sql: "INSERT OR REPLACE INTO schema_migrations (name, checksum) VALUES (?, ?)".to_owned(),
        values: vec![
            Value::Text(migration.name.to_owned()),
            Value::Text(checksum(migration.sql)),
        ],
    }
}

async fn first(sqlite: &Sqlite, statement: Statement) -> Result<Option<Value>, DbError> {
    let rows = sqlite.read(&[statement]).await?;
    Ok(rows
        .into_iter()
        .next()
        .and_then(|rows| rows.cells.into_iter().next()))
}
