//! PostgreSQL: each file is one transaction, in a session of its own, under a lock that ends with it. The ledger is named
//! with its schema, so that no setting of a file leads past it.

use std::time::Duration;

use domain::Timestamp;

use super::checksum::{check_unchanged, checksum};
use super::progress::{File, Watch, Watched};
use super::script::Statement as Part;
use super::{Migration, checks, failure, order};
use crate::drivers::native::postgres::open;
use crate::drivers::postgres::Postgres;
use crate::drivers::server_options::ServerOptions;
use crate::{DbError, Dialect, Driver, Statement, Value};

/// The lock's number; any that nobody else locks will do: "migrate" as bytes.
pub(super) const LOCK: i64 = 0x6d_6967_7261_7465;
/// The ledger's columns.
pub(super) const LEDGER_COLUMNS: &str =
    "(name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz(3) NOT NULL)";
/// The schema in which new tables are made.
const SCHEMA: &str = "SELECT pg_catalog.quote_ident(pg_catalog.current_schema()::text)";
/// The time between two attempts to get the lock.
const LOCK_INTERVAL: Duration = Duration::from_millis(100);
const UNDONE: &str = "nothing of it was applied";

pub(super) async fn apply(
    server: &ServerOptions,
    migrations: &[Migration],
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    let mut done = Vec::new();
    let mut session = open(server).await?;
    for migration in migrations {
        if apply_one(&session, migration, migrations, done.len(), watch).await? {
            done.push(migration.name);
            // Settings and temporary tables of a file end with its session.
            session = open(server).await?;
        }
    }
    Ok(done)
}

/// Applies one file after `done` others, unless it is applied already. Returns whether it had to be. A session that is dropped is
/// rolled back.
async fn apply_one(
    session: &Postgres,
    migration: &Migration,
    all: &[Migration],
    done: usize,
    watch: Watch<'_>,
) -> Result<bool, DbError> {
    session
        .script("SET standard_conforming_strings = on; BEGIN")
        .await?;
    let ledger = lock_ledger(session).await?;
    let applied = check_order(session, &ledger, all).await?;
    let sql = format!("SELECT checksum FROM {ledger} WHERE name = $1");
    let kept = query(session, &sql, vec![Value::Text(migration.name.to_owned())]).await?;
    if let Some(kept) = kept {
        check_unchanged(migration, &kept)?;
        session.script("COMMIT").await?;
        return Ok(false);
    }
    let text = migration.text(Dialect::Postgres);
    let statements = checks::statements(Dialect::Postgres, migration, &text, checks::postgres)?;
    let file = File {
        name: migration.name,
        at: done + 1,
        of: done + all.len().saturating_sub(applied),
    };
    let watched = Watched { file, watch };
    if let [alone] = statements.as_slice()
        && alone.is_alone
    {
        watched.runs(alone, &statements);
        return run_alone(session, migration, alone, &ledger)
            .await
            .map(|()| true);
    }
    let done = run(session, migration, &statements, &ledger, watched).await;
    if done.is_err() {
        // Without a connection the server rolls back by itself; the error that counts is the first.
        let _ = session.script("ROLLBACK").await;
    }
    done.map(|()| true)
}

/// Refuses an order that no other database has had. Returns the number of files that are applied.
async fn check_order(
    session: &Postgres,
    ledger: &str,
    all: &[Migration],
) -> Result<usize, DbError> {
    let statement = Statement::plain(format!("SELECT name FROM {ledger}"));
    let rows = session.read(&[statement]).await?;
    let cells = rows.into_iter().flat_map(|rows| rows.cells);
    let names = cells.filter_map(|cell| match cell {
        Value::Text(name) => Some(name),
        _ => None,
    });
    let names: Vec<_> = names.collect();
    order::check(&names, all).map(|()| names.len())
}

/// Locks other processes out until the transaction ends. Returns the ledger's name.
async fn lock_ledger(session: &Postgres) -> Result<String, DbError> {
    // Not by waiting for it: a transaction that waits keeps a snapshot, for whose end CREATE INDEX CONCURRENTLY waits.
    let lock = format!("SELECT pg_catalog.pg_try_advisory_xact_lock({LOCK})::text");
    while query(session, &lock, Vec::new()).await? != Some(Value::Text("true".to_owned())) {
        session.script("ROLLBACK").await?;
        tokio::time::sleep(LOCK_INTERVAL).await;
        session.script("BEGIN").await?;
    }
    let Some(Value::Text(schema)) = query(session, SCHEMA, Vec::new()).await? else {
        return Err(DbError::Unavailable(
            "No schema of this user's `search_path` exists: create one, or name another."
                .to_owned(),
        ));
    };
    let ledger = format!("{schema}.schema_migrations");
    session
        .script(&format!(
            "CREATE TABLE IF NOT EXISTS {ledger} {LEDGER_COLUMNS}"
        ))
        .await?;
    Ok(ledger)
}

async fn run(
    session: &Postgres,
    migration: &Migration,
    statements: &[Part<'_>],
    ledger: &str,
    watched: Watched<'_>,
) -> Result<(), DbError> {
    let transaction = "SELECT pg_catalog.txid_current()::text";
    let begun = query(session, transaction, Vec::new()).await?;
    for statement in statements {
        watched.runs(statement, statements);
        let done = session.script(statement.text).await;
        done.map_err(|error| failure::failed_at(migration, statement, &error, UNDONE))?;
    }
    let failed = |error: DbError| failure::not_noted(migration, &error, UNDONE);
    // The file may have become another role.
    session
        .script("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL")
        .await
        .map_err(failed)?;
    if query(session, transaction, Vec::new())
        .await
        .map_err(failed)?
        != begun
    {
        let error = DbError::Unsupported("the file ended its own transaction".to_owned());
        let left =
            "what it did before that stays, and it does not count as applied: undo it by hand";
        return Err(failure::not_noted(migration, &error, left));
    }
    let schema = query(session, SCHEMA, Vec::new()).await.map_err(failed)?;
    if schema
        != Some(Value::Text(
            ledger.trim_end_matches(".schema_migrations").to_owned(),
        ))
    {
        let error = DbError::Unsupported(
            "the file makes or drops a schema that stands before others in the `search_path`, so that the site and the next \
             migration would find other tables"
                .to_owned(),
        );
        return Err(failed(error));
    }
    note(session, migration, ledger).await.map_err(failed)?;
    session.script("COMMIT").await.map_err(failed)
}

async fn note(session: &Postgres, migration: &Migration, ledger: &str) -> Result<(), DbError> {
    let sql = format!("INSERT INTO {ledger} (name, checksum, applied_at) VALUES ($1, $2, $3)");
    let values = vec![
        Value::Text(migration.name.to_owned()),
        Value::Text(checksum(migration.sql)),
        Value::Time(Timestamp::now()),
    ];
    query(session, &sql, values).await.map(drop)
}

/// Runs the only statement of a file outside a transaction. The lock becomes the session's, and ends with it. A run that was
/// interrupted is repeated from its beginning.
async fn run_alone(
    session: &Postgres,
    migration: &Migration,
    alone: &Part<'_>,
    ledger: &str,
) -> Result<(), DbError> {
    let lock = format!("SELECT pg_catalog.pg_advisory_lock({LOCK}); COMMIT");
    session.script(&lock).await?;
    let failed = |error: DbError| {
        let left = "what is left of it is removed by the next run, which begins with it";
        failure::failed_at(migration, alone, &error, left)
    };
    if let Some(index) = made_index(alone) {
        // It is left by an interrupted run, and IF NOT EXISTS would take it for a whole one.
        let sql = "SELECT indexrelid::text FROM pg_catalog.pg_index \
                   WHERE indexrelid = pg_catalog.to_regclass($1) AND NOT indisvalid";
        let broken = query(session, sql, vec![Value::Text(index.to_owned())]).await?;
        if broken.is_some() {
            let sql = format!("DROP INDEX CONCURRENTLY IF EXISTS {index}");
            session.script(&sql).await.map_err(failed)?;
        }
    }
    session.script(alone.text).await.map_err(failed)?;
    let noted = note(session, migration, ledger).await;
    noted.map_err(|error| failure::not_noted(migration, &error, "it is run again by the next run"))
}

/// The name of the index that a statement makes, as it is written there.
fn made_index<'a>(statement: &Part<'a>) -> Option<&'a str> {
    let is_made = statement.begins(&["CREATE", "INDEX"]) || statement.begins(&["CREATE", "UNIQUE"]);
    let at = statement
        .tokens
        .iter()
        .position(|token| token.is("exists"))?;
    let name = statement.tokens.get(at + 1).filter(|_| is_made)?;
    Some(name.text)
}

/// The first cell of a statement's rows.
async fn query(
    session: &Postgres,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<Value>, DbError> {
    let statement = Statement {
        sql: sql.to_owned(),
        values,
    };
    let rows = session.read(&[statement]).await?;
    Ok(rows
        .into_iter()
        .next()
        .and_then(|rows| rows.cells.into_iter().next()))
}
