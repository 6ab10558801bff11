//! SQLite in native programs: a file or memory, with D1's limits, so that statements which pass here pass on D1.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_lock::{RwLock, RwLockWriteGuardArc};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value as Cell};
use rusqlite::{Connection, ToSql, TransactionBehavior};

use super::sqlite_errors::from_message;
use crate::{
    BoxFuture, Connector, Consistency, DbError, Dialect, Driver, OpenTransaction, Rows, Statement,
    Timeouts, Value,
};

/// An open SQLite database.
pub struct Sqlite {
    connection: Mutex<Connection>,
    /// Locked for writing by a transaction, and for reading by everything else.
    turn: Arc<RwLock<()>>,
}

impl Sqlite {
    /// Opens a file, and creates it if it is missing.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let connection = Connection::open(path).map_err(|error| {
            DbError::Unavailable(format!("{} cannot be opened: {error}", path.display()))
        })?;
        Self::prepare(connection)
    }

    /// Creates an empty database in memory.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when there is not enough memory.
    pub fn in_memory() -> Result<Self, DbError> {
        let connection = Connection::open_in_memory()
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Self::prepare(connection)
    }

    /// Sets D1's limits and settings (developers.cloudflare.com/d1/platform/limits).
    fn prepare(connection: Connection) -> Result<Self, DbError> {
        for (limit, most) in [
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
            (Limit::SQLITE_LIMIT_COLUMN, 100),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
            (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
            (Limit::SQLITE_LIMIT_LENGTH, 2_000_000),
        ] {
            connection.set_limit(limit, most).map_err(engine)?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .execute_batch("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;")
            .map_err(engine)?;
        Ok(Self {
            connection: Mutex::new(connection),
            turn: Arc::new(RwLock::new(())),
        })
    }

    /// Runs several statements as one text, for migrations and set-up.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub fn script(&self, sql: &str) -> Result<(), DbError> {
        self.lock().execute_batch(sql).map_err(engine)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let connection = self.lock();
        statements.iter().map(|one| run(&connection, one)).collect()
    }

    fn write_all(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let mut connection = self.lock();
        // Locks for writing at once: a transaction that reads first could be refused when it writes.
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(engine)?;
        let rows = statements
            .iter()
            .map(|one| run(&transaction, one))
            .collect::<Result<Vec<_>, _>>()?;
        transaction.commit().map_err(engine)?;
        Ok(rows)
    }
}

impl Driver for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async {
            let _turn = self.turn.read().await;
            self.run(statements)
        })
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async {
            let _turn = self.turn.read().await;
            self.write_all(statements)
        })
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        Some(Box::pin(async {
            let turn = self.turn.write_arc().await;
            self.script("BEGIN IMMEDIATE")?;
            Ok(Box::new(SqliteTransaction {
                sqlite: self,
                _turn: turn,
                is_open: true,
            }) as Box<dyn OpenTransaction>)
        }))
    }
}

/// A transaction: the only user of its connection while it is open.
struct SqliteTransaction {
    sqlite: Arc<Sqlite>,
    _turn: RwLockWriteGuardArc<()>,
    is_open: bool,
}

impl SqliteTransaction {
    fn end(mut self, word: &str) -> Result<(), DbError> {
        self.sqlite.script(word)?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for SqliteTransaction {
    fn drop(&mut self) {
        if self.is_open
            && let Err(error) = self.sqlite.script("ROLLBACK")
        {
            log::error!("a transaction could not be rolled back: {error}");
        }
    }
}

impl OpenTransaction for SqliteTransaction {
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async { self.sqlite.run(statements) })
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async { self.end("COMMIT") })
    }

    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(async { self.end("ROLLBACK") })
    }
}

fn run(connection: &Connection, statement: &Statement) -> Result<Rows, DbError> {
    let mut prepared = connection.prepare_cached(&statement.sql).map_err(engine)?;
    let width = prepared.column_count();
    let mut found = prepared
        .query(rusqlite::params_from_iter(&statement.values))
        .map_err(engine)?;
    let mut cells = Vec::new();
    while let Some(row) = found.next().map_err(engine)? {
        for at in 0..width {
            cells.push(value(row.get(at).map_err(engine)?));
        }
    }
    drop(found);
    let affected = if width == 0 { connection.changes() } else { 0 };
    Ok(Rows {
        width,
        cells,
        affected,
    })
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(n) => Value::Int(n),
        Cell::Real(n) => Value::Float(n),
        Cell::Text(text) => Value::Text(text),
        Cell::Blob(bytes) => Value::Bytes(bytes),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Cell::Null),
            Self::Bool(b) => (*b).into(),
            Self::Int(n) => (*n).into(),
            Self::Float(n) => (*n).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
            Self::Uuid(id) => id.to_string().into(),
            Self::Time(time) => time.as_millis().into(),
        })
    }
}

fn engine(error: rusqlite::Error) -> DbError {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => from_message(&message),
        rusqlite::Error::SqlInputError { msg, .. } => from_message(&msg),
        other => from_message(&other.to_string()),
    }
}

/// Connects to a SQLite database.
#[derive(Clone)]
pub enum SqliteConnector {
    /// A file, opened by each client.
    File(PathBuf),
    /// An open database, which several clients share (tests, bulk loads).
    Open(Arc<Sqlite>),
}

impl Connector for SqliteConnector {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let driver = match self {
            Self::File(path) => Sqlite::open(path).map(Arc::new),
            Self::Open(sqlite) => Ok(Arc::clone(sqlite)),
        };
        Box::pin(std::future::ready(
            driver.map(|driver| driver as Arc<dyn Driver>),
        ))
    }
    fn timeouts(&self) -> Option<Timeouts> {
        None
    }
}
