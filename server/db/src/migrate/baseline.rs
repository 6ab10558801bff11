//! Noting migrations as applied without running them: for a database that was made without a ledger.

use domain::Timestamp;

use super::checksum::checksum;
use super::{Migration, check, mysql, postgres, sqlite};
use crate::{DbError, Dialect, Driver, Statement, Value};

/// Notes `migrations`, none of which the ledger has yet, as applied. The ledger is made if there is none.
///
/// # Errors
/// What the database answers; nothing is noted then.
pub async fn note(driver: &dyn Driver, migrations: &[Migration]) -> Result<(), DbError> {
    let mut all: Vec<Statement> = Vec::new();
    match driver.dialect() {
        Dialect::Sqlite => {
            all.extend(sqlite::LEDGER.map(Statement::plain));
            all.extend(migrations.iter().flat_map(sqlite::notes));
        }
        Dialect::Postgres => {
            all.push(Statement::plain(format!(
                "SELECT pg_catalog.pg_advisory_xact_lock({})::text",
                postgres::LOCK
            )));
            all.push(Statement::plain(format!(
                "CREATE TABLE IF NOT EXISTS schema_migrations {}",
                postgres::LEDGER_COLUMNS
            )));
            for migration in migrations {
                all.push(Statement {
                    sql: "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES ($1, $2, $3)"
                        .to_owned(),
                    values: noted(migration),
                });
            }
        }
        Dialect::MySql => {
            // Alone: it would end the transaction of what follows.
            driver
                .write(&[Statement::plain(mysql::CREATE_LEDGER)])
                .await?;
            for migration in migrations {
                let count = check(Dialect::MySql, migration.name, migration.sql)?;
                let mut values = noted(migration);
                values.push(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
                all.push(Statement {
                    sql: "INSERT INTO schema_migrations (name, checksum, applied_at, statements_done) VALUES (?, ?, ?, ?)"
                        .to_owned(),
                    values,
                });
            }
        }
    }
    driver.write(&all).await.map(drop)
}

fn noted(migration: &Migration) -> Vec<Value> {
    vec![
        Value::Text(migration.name.to_owned()),
        Value::Text(checksum(migration.sql)),
        Value::Time(Timestamp::now()),
    ]
}
