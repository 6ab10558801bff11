//! Planning: the files that would be applied, and nothing changed.

use super::checksum::check_unchanged;
use super::{Migration, order};
use crate::{DbError, Dialect, Driver, Statement, Value};

/// A file that a database lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The file.
    pub migration: Migration,
    /// The statements of it that an earlier run has done already, on an engine that cannot take them back.
    pub done: usize,
}

/// Finds the files that a database lacks, as applying them would; nothing is changed, not even a ledger made.
///
/// # Errors
/// The sentence by which the files would be refused, and what the database answers.
pub async fn plan(driver: &dyn Driver, migrations: &[Migration]) -> Result<Vec<Pending>, DbError> {
    let ledger = ledger(driver).await?;
    let names: Vec<String> = ledger.iter().map(|row| row.name.clone()).collect();
    order::check(&names, migrations)?;
    let mut pending = Vec::new();
    for &migration in migrations {
        let row = ledger.iter().find(|row| row.name == migration.name);
        match row {
            None => pending.push(Pending { migration, done: 0 }),
            Some(Noted {
                begun: Some(done), ..
            }) => pending.push(Pending {
                migration,
                done: *done,
            }),
            Some(Noted {
                checksum: Value::Null,
                ..
            }) => {}
            Some(Noted { checksum, .. }) => check_unchanged(&migration, checksum)?,
        }
    }
    for Pending { migration, .. } in &pending {
        super::check(
            driver.dialect(),
            migration.name,
            &migration.text(driver.dialect()),
        )?;
    }
    Ok(pending)
}

/// A row of the ledger.
struct Noted {
    name: String,
    /// NULL where wrangler applied a file.
    checksum: Value,
    /// The statements that are done of a file that is not applied as a whole.
    begun: Option<usize>,
}

async fn ledger(driver: &dyn Driver) -> Result<Vec<Noted>, DbError> {
    let dialect = driver.dialect();
    let tables = match dialect {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('d1_migrations', 'schema_migrations')"
        }
        Dialect::Postgres => {
            "SELECT 'schema_migrations'::text WHERE pg_catalog.to_regclass('schema_migrations') IS NOT NULL"
        }
        Dialect::MySql => {
            "SELECT table_name FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'"
        }
    };
    let tables = rows(driver, tables).await?;
    let has = |name: &str| tables.contains(&Value::Text(name.to_owned()));
    let sql = match dialect {
        Dialect::Sqlite if !has("d1_migrations") => return Ok(Vec::new()),
        Dialect::Sqlite if !has("schema_migrations") => {
            "SELECT name, NULL, NULL FROM d1_migrations"
        }
        Dialect::Sqlite => {
            "SELECT d.name, s.checksum, NULL FROM d1_migrations AS d LEFT JOIN schema_migrations AS s ON s.name = d.name"
        }
        Dialect::Postgres | Dialect::MySql if tables.is_empty() => return Ok(Vec::new()),
        Dialect::Postgres => "SELECT name, checksum, NULL::bigint FROM schema_migrations",
        Dialect::MySql => {
            "SELECT name, checksum, CASE WHEN applied_at IS NULL THEN statements_done END FROM schema_migrations"
        }
    };
    let cells = rows(driver, sql).await?;
    let noted = cells.chunks_exact(3).filter_map(|row| match row {
        [Value::Text(name), checksum, begun] => Some(Noted {
            name: name.clone(),
            checksum: checksum.clone(),
            begun: match begun {
                Value::Int(done) => Some(usize::try_from(*done).unwrap_or(usize::MAX)),
                _ => None,
            },
        }),
        _ => None,
    });
    Ok(noted.collect())
}

async fn rows(driver: &dyn Driver, sql: &str) -> Result<Vec<Value>, DbError> {
    let rows = driver.read(&[Statement::plain(sql)]).await?;
    Ok(rows.into_iter().flat_map(|rows| rows.cells).collect())
}
