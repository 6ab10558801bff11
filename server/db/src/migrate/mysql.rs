//! MySQL and MariaDB: DDL cannot be rolled back there, so the ledger counts the statements of a file that are done, and a
//! file that failed continues after them when it is applied again.
//!
//! A file runs in a session of its own. What changes rows is noted there, in the same transaction: a process that is killed has
//! done both or neither. Another session holds the lock that keeps other processes out, and notes everything else: no setting
//! and no lock of a file reaches the ledger.

use domain::Timestamp;

use super::checksum::{check_unchanged, checksum, is_of};
use super::script::Statement as Part;
use super::{Migration, checks, failure, order, resume};
use crate::drivers::native::MySql;
use crate::drivers::server_options::ServerOptions;
use crate::{DbError, Dialect, Driver, Rows, Statement, Value};

/// The seconds to wait while another process holds the lock.
const LOCK_TIMEOUT: i64 = 600;
/// The statement that makes the ledger.
pub(super) const CREATE_LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, \
     checksum CHAR(64) NOT NULL, statements_done BIGINT NOT NULL, applied_at DATETIME(3))";
/// The lock's name. Locks belong to the server, so it includes the database.
const LOCK_NAME: &str = "SHA1(CONCAT('site migrations of ', DATABASE()))";

pub(super) async fn apply(
    server: &ServerOptions,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    let ledger = Ledger(MySql::open(server).await?);
    ledger.lock().await?;
    order::check(&ledger.names().await?, migrations)?;
    let mut done = Vec::new();
    for migration in migrations {
        let Some(begun) = ledger.begun(migration).await? else {
            continue;
        };
        let text = migration.text(Dialect::MySql);
        let statements = checks::statements(Dialect::MySql, migration, &text, checks::mysql)?;
        ledger
            .continue_one(server, migration, &statements, begun)
            .await?;
        done.push(migration.name);
    }
    ledger
        .query(&format!("SELECT RELEASE_LOCK({LOCK_NAME})"), Vec::new())
        .await?;
    Ok(done)
}

/// The state of a file that is not applied as a whole.
struct Begun {
    /// The statements that are done.
    done: usize,
    /// Their checksum; `None` before the first run.
    progress: Option<Value>,
}

/// The session that notes what is done. Its lock ends with it, whatever happens.
struct Ledger(MySql);

impl Ledger {
    async fn lock(&self) -> Result<(), DbError> {
        let locked = self
            .query(
                &format!("SELECT GET_LOCK({LOCK_NAME}, ?)"),
                vec![Value::Int(LOCK_TIMEOUT)],
            )
            .await?;
        if locked.cells.first() != Some(&Value::Int(1)) {
            return Err(DbError::Unavailable(
                "Another process has been migrating this database for ten minutes: wait for it, or end it.".to_owned(),
            ));
        }
        self.0.script(CREATE_LEDGER).await
    }

    /// The names of all files that are applied, or begun.
    async fn names(&self) -> Result<Vec<String>, DbError> {
        let rows = self.query("SELECT name FROM schema_migrations", Vec::new());
        let cells = rows.await?.cells.into_iter();
        let names = cells.filter_map(|cell| match cell {
            Value::Text(name) => Some(name),
            _ => None,
        });
        Ok(names.collect())
    }

    /// The state of a file, or `None` if it is applied.
    async fn begun(&self, migration: &Migration) -> Result<Option<Begun>, DbError> {
        let sql =
            "SELECT checksum, statements_done, applied_at FROM schema_migrations WHERE name = ?";
        let kept = self
            .query(sql, vec![Value::Text(migration.name.to_owned())])
            .await?;
        match kept.cells.as_slice() {
            [] => Ok(Some(Begun {
                done: 0,
                progress: None,
            })),
            [progress, Value::Int(done), Value::Null] => Ok(Some(Begun {
                done: usize::try_from(*done).unwrap_or(usize::MAX),
                progress: Some(progress.clone()),
            })),
            [kept, ..] => check_unchanged(migration, kept).map(|()| None),
        }
    }

    /// Applies what is not done of a file.
    async fn continue_one(
        &self,
        server: &ServerOptions,
        migration: &Migration,
        statements: &[Part<'_>],
        begun: Begun,
    ) -> Result<(), DbError> {
        let name = Value::Text(migration.name.to_owned());
        let done = begun.done;
        let unchanged = statements.get(..done).filter(|before| {
            begun
                .progress
                .is_none_or(|kept| is_of(&kept, &progress(before)))
        });
        let Some(before) = unchanged else {
            return Err(DbError::Unavailable(format!(
                "The migration {} failed after {done} statements, and those were changed since: put them back as they were; \
                 what follows them may change.",
                migration.name
            )));
        };
        let rest = &statements[done..];
        let again = resume::again(before, rest).map_err(|why| {
            DbError::Unavailable(format!(
                "The migration {} failed after {done} statements and cannot be continued: {why}. Leave those {done} in the \
                 file, move the others into a new migration that prepares what they need, and migrate again.",
                migration.name
            ))
        })?;
        let session = MySql::open(server).await?;
        for setting in again {
            session.script(setting).await?;
        }
        if done == 0 {
            let sql = "INSERT IGNORE INTO schema_migrations (name, checksum, statements_done) VALUES (?, ?, 0)";
            let progress = Value::Text(checksum(""));
            self.query(sql, vec![name.clone(), progress]).await?;
        }
        for statement in rest {
            let at = statement.number - 1;
            let failed = |error: DbError| {
                let left = format!(
                    "the {at} before it stay applied, and the next run begins with this one"
                );
                failure::failed_at(migration, statement, &error, &left)
            };
            let note = note(migration, &statements[..=at]);
            if resume::can_be_noted_with(&statements[..at], statement, statements.get(at + 1)) {
                let done = session.script_together([statement.text, &note]).await;
                done.map_err(failed)?;
                continue;
            }
            session.script(statement.text).await.map_err(failed)?;
            self.0.script(&note).await.map_err(|error| {
                let left =
                    "this statement was run, and could not be noted: the next run begins with it";
                failure::failed_at(migration, statement, &error, left)
            })?;
        }
        let sql = "UPDATE schema_migrations SET applied_at = ?, checksum = ? WHERE name = ?";
        let values = vec![
            Value::Time(Timestamp::now()),
            Value::Text(checksum(migration.sql)),
            name,
        ];
        let noted = self.query(sql, values).await;
        noted.map(drop).map_err(|error| {
            failure::not_noted(
                migration,
                &error,
                "all of it is applied, and the next run only notes it",
            )
        })
    }

    async fn query(&self, sql: &str, values: Vec<Value>) -> Result<Rows, DbError> {
        let statement = Statement {
            sql: sql.to_owned(),
            values,
        };
        let mut rows = self.0.read(&[statement]).await?;
        Ok(rows.pop().unwrap_or_default())
    }
}

/// The statement that notes these statements of a file as done. It means the same in every mode that a file can set.
fn note(migration: &Migration, done: &[Part<'_>]) -> String {
    let name: String = migration
        .name
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "UPDATE schema_migrations SET statements_done = {}, checksum = X'{}' WHERE name = _utf8mb4 X'{name}'",
        done.len(),
        checksum(&progress(done))
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    )
}

/// The text of the statements that are done, for their checksum while the file is not applied as a whole.
fn progress(done: &[Part<'_>]) -> String {
    let texts: Vec<&str> = done.iter().map(|statement| statement.text).collect();
    texts.join(";\n")
}
