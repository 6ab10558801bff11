//! MySQL and MariaDB: DDL cannot be rolled back there, so the ledger counts the statements of a file that are done, and a
//! file that failed continues after them when it is applied again.
//!
//! A file runs in a session of its own. What changes rows is noted there, in the same transaction: a process that is killed has
//! done both or neither. Another session holds the lock that keeps other processes out, and notes everything else: no setting
//! and no lock of a file reaches the ledger.
//!
//! A statement that MySQL commits by itself is noted twice: that it begins, with the definitions of what it names, and that it
//! is done. When a process is killed in between, the next one looks at the definitions: equal ones say that the statement was
//! not run, others that it was ([`SecondRun`]). Where definitions do not tell, a person is asked.

use domain::Timestamp;

use super::checksum::{check_unchanged, checksum, is_of};
use super::definitions::definitions;
use super::nontransactional::nontransactional;
use super::progress::{File, Watch, Watched};
use super::script::Statement as Part;
use super::second_run::{SecondRun, second_run};
use super::{Migration, checks, failure, order, resume};
use crate::drivers::native::MySql;
use crate::drivers::server_options::ServerOptions;
use crate::{DbError, Dialect, Driver, Rows, Statement, Value};

/// The seconds to wait while another process holds the lock.
const LOCK_TIMEOUT: i64 = 600;
/// The statement that makes the ledger.
pub(super) const CREATE_LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, \
     checksum CHAR(64) NOT NULL, statements_done BIGINT NOT NULL, applied_at DATETIME(3), begun CHAR(64), definitions CHAR(64))";
/// The columns of the mark of a statement that was begun: a ledger that was made before there was one has none.
const MARK: [&str; 2] = ["begun", "definitions"];
/// The lock's name. Locks belong to the server, so it includes the database.
const LOCK_NAME: &str = "SHA1(CONCAT('site migrations of ', DATABASE()))";
/// The name of the lock that the session of a file holds. When its process is killed, the server may still run a statement of it.
const FILE_LOCK_NAME: &str = "SHA1(CONCAT('site migration file of ', DATABASE()))";

pub(super) async fn apply(
    server: &ServerOptions,
    migrations: &[Migration],
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    let ledger = Ledger(MySql::open(server).await?);
    ledger.lock().await?;
    order::check(&ledger.names("").await?, migrations)?;
    let applied = ledger.names("WHERE applied_at IS NOT NULL").await?.len();
    let mut done = Vec::new();
    for migration in migrations {
        let Some(begun) = ledger.begun(migration).await? else {
            continue;
        };
        let text = migration.text(Dialect::MySql);
        let statements = checks::statements(Dialect::MySql, migration, &text, checks::mysql)?;
        let file = File {
            name: migration.name,
            at: done.len() + 1,
            of: migrations.len().saturating_sub(applied),
        };
        let watched = Watched { file, watch };
        ledger
            .continue_one(server, migration, &statements, begun, watched)
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
    /// The mark of a statement, if the process ended before it was noted as done.
    begun: Option<Unnoted>,
}

/// The mark of a statement that was begun.
struct Unnoted {
    /// The checksum of it and those before it.
    progress: Value,
    /// Its [`definitions`] before it was run.
    definitions: Value,
}

/// The session that notes what is done. Its lock ends with it, whatever happens.
struct Ledger(MySql);

impl Ledger {
    async fn lock(&self) -> Result<(), DbError> {
        hold(&self.0, LOCK_NAME).await?;
        hold(&self.0, FILE_LOCK_NAME).await?;
        // Nobody else's statement is under way now.
        let release = format!("SELECT RELEASE_LOCK({FILE_LOCK_NAME})");
        self.query(&release, Vec::new()).await?;
        self.0.script(CREATE_LEDGER).await?;
        let columns = "SELECT LOWER(column_name) FROM information_schema.columns \
                       WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'";
        let columns = self.texts(columns).await?;
        for column in MARK
            .iter()
            .filter(|&column| !columns.iter().any(|kept| kept == column))
        {
            let add = format!("ALTER TABLE schema_migrations ADD COLUMN {column} CHAR(64)");
            self.0.script(&add).await?;
        }
        Ok(())
    }

    /// The names of the files that are applied, or begun, of which this is true.
    async fn names(&self, condition: &str) -> Result<Vec<String>, DbError> {
        self.texts(&format!("SELECT name FROM schema_migrations {condition}"))
            .await
    }

    async fn texts(&self, sql: &str) -> Result<Vec<String>, DbError> {
        let cells = self.query(sql, Vec::new()).await?.cells.into_iter();
        let texts = cells.filter_map(|cell| match cell {
            Value::Text(text) => Some(text),
            _ => None,
        });
        Ok(texts.collect())
    }

    /// The state of a file, or `None` if it is applied.
    async fn begun(&self, migration: &Migration) -> Result<Option<Begun>, DbError> {
        let sql = "SELECT checksum, statements_done, applied_at, begun, definitions FROM schema_migrations WHERE name = ?";
        let kept = self
            .query(sql, vec![Value::Text(migration.name.to_owned())])
            .await?;
        match kept.cells.as_slice() {
            [] => Ok(Some(Begun {
                done: 0,
                progress: None,
                begun: None,
            })),
            [checksum, Value::Int(done), Value::Null, begun, definitions] => Ok(Some(Begun {
                done: usize::try_from(*done).unwrap_or(usize::MAX),
                progress: Some(checksum.clone()),
                begun: (*begun != Value::Null).then(|| Unnoted {
                    progress: begun.clone(),
                    definitions: definitions.clone(),
                }),
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
        watched: Watched<'_>,
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
        let mut was_done = match (&begun.begun, rest) {
            (Some(mark), [statement, ..]) => {
                self.was_done(migration, statement, mark, &statements[..=done])
                    .await?
            }
            _ => false,
        };
        let again = resume::again(before, rest).map_err(|why| {
            DbError::Unavailable(format!(
                "The migration {} failed after {done} statements and cannot be continued: {why}. Leave those {done} in the \
                 file, move the others into a new migration that prepares what they need, and migrate again.",
                migration.name
            ))
        })?;
        let session = MySql::open(server).await?;
        hold(&session, FILE_LOCK_NAME).await?;
        for setting in again {
            session.script(setting).await?;
        }
        if done == 0 {
            let sql = "INSERT IGNORE INTO schema_migrations (name, checksum, statements_done) VALUES (?, ?, 0)";
            let progress = Value::Text(checksum(""));
            self.query(sql, vec![name.clone(), progress]).await?;
        }
        let mut without_transactions = None;
        for statement in rest {
            let at = statement.number - 1;
            let failed = |error: DbError| {
                let left = format!(
                    "the {at} before it stay applied, and the next run begins with this one"
                );
                failure::failed_at(migration, statement, &error, &left)
            };
            let note = note(migration, &statements[..=at]);
            if std::mem::take(&mut was_done) {
                self.0.script(&note).await.map_err(failed)?;
                watched.was_done(statement);
                continue;
            }
            watched.runs(statement, statements);
            if resume::can_be_noted_with(&statements[..at], statement, statements.get(at + 1)) {
                if without_transactions.is_none() {
                    without_transactions = Some(nontransactional(&self.0).await?);
                }
                let tables = without_transactions.as_deref().unwrap_or_default();
                if !resume::names_any(statement, tables) {
                    let done = session.script_together([statement.text, &note]).await;
                    done.map_err(failed)?;
                    continue;
                }
            } else {
                without_transactions = None;
            }
            let kind = second_run(statement);
            if kind != SecondRun::Same {
                let before = match kind {
                    SecondRun::Shown if !resume::holds_locks(&statements[..at]) => {
                        Some(definitions(&self.0, statement).await?)
                    }
                    SecondRun::Shown | SecondRun::Same | SecondRun::Unknown => None,
                };
                let begin = begin(migration, &statements[..=at], before.as_deref());
                self.0.script(&begin).await.map_err(failed)?;
            }
            let ran = session.script(statement.text).await;
            if let Err(error) = ran {
                if !matches!(error, DbError::Lost(_) | DbError::Timeout(_)) {
                    // The server refused it, and it did nothing; if this fails, a person is asked.
                    let _ = self.0.script(&end(migration)).await;
                }
                return Err(failed(error));
            }
            self.0.script(&note).await.map_err(|error| {
                let left = "this statement was run, and could not be noted";
                failure::failed_at(migration, statement, &error, left)
            })?;
        }
        let sql = "UPDATE schema_migrations SET applied_at = ?, checksum = ?, begun = NULL, definitions = NULL WHERE name = ?";
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

    /// Tells whether the statement that was begun was run.
    ///
    /// # Errors
    /// Where nothing tells: the sentence that asks a person, with the statements for both answers.
    async fn was_done(
        &self,
        migration: &Migration,
        statement: &Part<'_>,
        mark: &Unnoted,
        with_it: &[Part<'_>],
    ) -> Result<bool, DbError> {
        let ask = |why: &str| {
            DbError::Unavailable(format!(
                "migration {}, statement {} (line {}): a process began it and ended before it could be noted, and {why}. Look in \
                 the database. If it was done, run `{}`; if it was not, run `{}`; then migrate again.",
                migration.name,
                statement.number,
                statement.line,
                note(migration, with_it),
                end(migration)
            ))
        };
        if !is_of(&mark.progress, &progress(with_it)) {
            return Err(ask("it was changed since: put it back as it was"));
        }
        match (second_run(statement), &mark.definitions) {
            (SecondRun::Same, _) => Ok(false),
            (SecondRun::Shown, Value::Text(before)) => {
                Ok(definitions(&self.0, statement).await? != *before)
            }
            _ => Err(ask("nothing tells whether it was done")),
        }
    }

    async fn query(&self, sql: &str, values: Vec<Value>) -> Result<Rows, DbError> {
        query(&self.0, sql, values).await
    }
}

async fn query(session: &MySql, sql: &str, values: Vec<Value>) -> Result<Rows, DbError> {
    let statement = Statement {
        sql: sql.to_owned(),
        values,
    };
    let mut rows = session.read(&[statement]).await?;
    Ok(rows.pop().unwrap_or_default())
}

/// Waits for a lock, which a session holds until it ends.
async fn hold(session: &MySql, name: &str) -> Result<(), DbError> {
    let sql = format!("SELECT GET_LOCK({name}, ?)");
    let locked = query(session, &sql, vec![Value::Int(LOCK_TIMEOUT)]).await?;
    match locked.cells.first() {
        Some(Value::Int(1)) => Ok(()),
        _ => Err(DbError::Unavailable(
            "Another process has been migrating this database for ten minutes, or the server still runs a statement of one that \
             has ended: wait for it, or end it."
                .to_owned(),
        )),
    }
}

/// The statement that notes these statements of a file as done.
fn note(migration: &Migration, done: &[Part<'_>]) -> String {
    let state = format!(
        "statements_done = {}, checksum = {}, begun = NULL, definitions = NULL",
        done.len(),
        literal(&checksum(&progress(done)))
    );
    update(migration, &state)
}

/// The statement that notes the last of these statements of a file as begun, with the definitions before it.
fn begin(migration: &Migration, with_it: &[Part<'_>], before: Option<&str>) -> String {
    let mark = literal(&checksum(&progress(with_it)));
    let before = before.map_or_else(|| "NULL".to_owned(), literal);
    update(
        migration,
        &format!("begun = {mark}, definitions = {before}"),
    )
}

/// The statement that takes that back.
fn end(migration: &Migration) -> String {
    update(migration, "begun = NULL, definitions = NULL")
}

/// A change of the ledger that means the same in every mode that a file can set.
fn update(migration: &Migration, state: &str) -> String {
    let name = literal(migration.name);
    format!("UPDATE schema_migrations SET {state} WHERE name = _utf8mb4 {name}")
}

fn literal(text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("X'{digits}'")
}

/// The text of the statements that are done, for their checksum while the file is not applied as a whole.
fn progress(done: &[Part<'_>]) -> String {
    let texts: Vec<&str> = done.iter().map(|statement| statement.text).collect();
    texts.join(";\n")
}
