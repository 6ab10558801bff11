//! PostgreSQL: each file is one transaction, under a lock that ends with it.

use std::sync::Arc;

use domain::Timestamp;

use super::Migration;
use super::ledger::{check_unchanged, checksum, failed_at};
use super::split::statements;
use crate::driver::OpenTransaction;
use crate::drivers::native::ServerConnector;
use crate::drivers::server_options::ServerOptions;
use crate::{Connector, Consistency, DbError, Dialect, Driver, Statement, Value};

/// The lock's number; any that nobody else locks will do: "migrate" as bytes.
const LOCK: i64 = 0x6d_6967_7261_7465;

pub(super) async fn apply(
    server: &ServerOptions,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    let driver = ServerConnector(server.clone())
        .connect(Consistency::Strong)
        .await?;
    let mut done = Vec::new();
    for migration in migrations {
        if apply_one(&driver, migration).await? {
            done.push(migration.name);
        }
    }
    Ok(done)
}

/// Applies one file, unless it is applied already. Returns whether it had to be.
async fn apply_one(driver: &Arc<dyn Driver>, migration: &Migration) -> Result<bool, DbError> {
    let begin = Arc::clone(driver).begin();
    let Some(begin) = begin else {
        return Err(DbError::Unsupported("a transaction".to_owned()));
    };
    let open = begin.await?;
    let found = open
        .run(&[
            Statement::plain(format!("SELECT pg_advisory_xact_lock({LOCK})::text")),
            Statement::plain(
                "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, checksum text NOT NULL, \
                 applied_at timestamptz(3) NOT NULL)",
            ),
            Statement {
                sql: "SELECT checksum FROM schema_migrations WHERE name = $1".to_owned(),
                values: vec![Value::Text(migration.name.to_owned())],
            },
        ])
        .await?;
    if let Some(kept) = found.last().and_then(|rows| rows.cells.first()) {
        check_unchanged(migration, kept)?;
        open.commit().await?;
        return Ok(false);
    }
    match run(&*open, migration).await {
        Ok(()) => open.commit().await.map(|()| true),
        Err(error) => {
            open.roll_back().await?;
            Err(error)
        }
    }
}

async fn run(open: &dyn OpenTransaction, migration: &Migration) -> Result<(), DbError> {
    for (at, statement) in statements(Dialect::Postgres.script_syntax(), migration.sql)
        .iter()
        .enumerate()
    {
        open.run(&[Statement::plain(*statement)])
            .await
            .map_err(|error| {
                failed_at(
                    migration,
                    at + 1,
                    statement,
                    &error,
                    "nothing of it was applied",
                )
            })?;
    }
    let ledger = Statement {
        sql: "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES ($1, $2, $3)"
            .to_owned(),
        values: vec![
            Value::Text(migration.name.to_owned()),
            Value::Text(checksum(migration.sql)),
            Value::Time(Timestamp::now()),
        ],
    };
    open.run(&[ledger]).await.map(drop)
}
