//! MySQL and MariaDB in a Worker, by our own client over a socket. Native programs use `native::MySql`, which converts
//! values in the same way.
//!
//! Text protocol and one statement per command, because Hyperdrive carries nothing else. An atomic write is two round trips:
//! MySQL continues after a statement of a transaction has failed, so the end cannot be sent before the responses are known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use async_lock::{Mutex, MutexGuardArc};
use domain::Timestamp;
use mysql_wire::{Cell, Client, Error, Param, QueryResult};
use tokio::io::{AsyncRead, AsyncWrite};

use super::mysql_errors::{at_log_in, from_code, in_statement, unknown_plugin};
use super::server_options::Tls;
use crate::{BoxFuture, DbError, Dialect, Driver, OpenTransaction, Rows, Statement, Value};

/// A stream to a server.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static> Stream for S {}

/// A connection. Dropping it sends COM_QUIT and closes it.
pub struct MySql<S: Stream> {
    /// `None` when it is closing.
    client: Option<Arc<Mutex<Client<S>>>>,
    is_discarded: Arc<AtomicBool>,
}

impl<S: Stream> MySql<S> {
    /// Makes a driver over a client that is logged in.
    pub fn over(client: Client<S>) -> Arc<Self> {
        Arc::new(Self {
            client: Some(Arc::new(Mutex::new(client))),
            is_discarded: Arc::default(),
        })
    }

    async fn lock(&self) -> Result<MutexGuardArc<Client<S>>, DbError> {
        let client = self.client.as_ref().ok_or(DbError::Closed)?;
        Ok(client.lock_arc().await)
    }

    fn locked(&self, client: MutexGuardArc<Client<S>>) -> Locked<S> {
        Locked {
            client,
            is_discarded: Arc::clone(&self.is_discarded),
        }
    }
}

impl<S: Stream> Drop for MySql<S> {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().and_then(Arc::into_inner) {
            spawn(async move {
                // The connection is not used again, whether or not the server receives this.
                let _ = client.into_inner().quit().await;
            });
        }
    }
}

/// Begins a transaction whose statements are sent at once. When the server has to end it in its middle, after a deadlock, the
/// statements that follow are in another transaction, which is rolled back: with `autocommit` each would be done by itself.
const BEGIN: [&str; 2] = ["START TRANSACTION", "SET autocommit = 0"];

/// The client, locked by one query or by one transaction.
struct Locked<S: Stream> {
    client: MutexGuardArc<Client<S>>,
    is_discarded: Arc<AtomicBool>,
}

impl<S: Stream> Locked<S> {
    /// Runs all statements in one round trip. Returns the rows of each, or the first error.
    async fn run(&mut self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let parameters: Vec<Vec<Param<'_>>> = statements
            .iter()
            .map(|one| one.values.iter().map(parameter).collect())
            .collect();
        let commands: Vec<(&str, &[Param<'_>])> = statements
            .iter()
            .zip(&parameters)
            .map(|(one, parameters)| (one.sql.as_str(), parameters.as_slice()))
            .collect();
        let answers = self.client.pipeline(&commands).await;
        if self.client.is_broken() {
            self.is_discarded.store(true, Relaxed);
        }
        answers
            .map_err(failed)?
            .into_iter()
            .zip(statements)
            .map(|(answer, statement)| {
                answer
                    .map(rows)
                    .map_err(|error| in_statement(failed(error), &statement.sql))
            })
            .collect()
    }

    /// Ends a transaction that [`BEGIN`] began.
    async fn end(&mut self, how: &str) -> Result<(), DbError> {
        let end = [how, "SET autocommit = 1"].map(Statement::plain);
        self.run(&end).await.map(drop)
    }

    async fn run_as_one(&mut self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let mut all = BEGIN.map(Statement::plain).to_vec();
        all.extend_from_slice(statements);
        match self.run(&all).await {
            Ok(mut rows) => {
                self.end("COMMIT").await?;
                rows.drain(..BEGIN.len());
                Ok(rows)
            }
            Err(error) => {
                // If even this fails, the connection is lost, and the server rolls back.
                if self.end("ROLLBACK").await.is_err() {
                    self.is_discarded.store(true, Relaxed);
                }
                Err(error)
            }
        }
    }
}

impl<S: Stream> Driver for MySql<S> {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let client = self.lock().await?;
            self.locked(client).run(statements).await
        })
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let client = self.lock().await?;
            let mut locked = self.locked(client);
            match statements {
                // One statement is atomic by itself.
                [_] => locked.run(statements).await,
                all => locked.run_as_one(all).await,
            }
        })
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        Some(Box::pin(async move {
            let client = self.lock().await?;
            let mut locked = self.locked(client);
            locked.run(&BEGIN.map(Statement::plain)).await?;
            Ok(Box::new(MySqlTransaction {
                locked: Mutex::new(locked),
                is_open: AtomicBool::new(true),
            }) as Box<dyn OpenTransaction>)
        }))
    }

    fn discard(&self) {
        self.is_discarded.store(true, Relaxed);
    }

    fn is_broken(&self) -> bool {
        self.is_discarded.load(Relaxed)
    }
}

/// A transaction: it holds the connection while it is open.
struct MySqlTransaction<S: Stream> {
    locked: Mutex<Locked<S>>,
    is_open: AtomicBool,
}

impl<S: Stream> MySqlTransaction<S> {
    async fn end(self: Box<Self>, word: &str) -> Result<(), DbError> {
        self.locked.lock().await.end(word).await?;
        self.is_open.store(false, Relaxed);
        Ok(())
    }
}

impl<S: Stream> Drop for MySqlTransaction<S> {
    /// Nothing can be awaited here: the connection is closed, and the server rolls back.
    fn drop(&mut self) {
        if self.is_open.load(Relaxed) {
            self.locked.get_mut().is_discarded.store(true, Relaxed);
        }
    }
}

impl<S: Stream> OpenTransaction for MySqlTransaction<S> {
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move { self.locked.lock().await.run(statements).await })
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(self.end("COMMIT"))
    }

    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(self.end("ROLLBACK"))
    }
}

/// Converts a parameter: a UUID to text, a time to DATETIME in UTC, a boolean to a number.
pub(super) fn parameter(value: &Value) -> Param<'_> {
    match value {
        Value::Null => Param::Null,
        Value::Bool(b) => Param::Bool(*b),
        Value::Int(n) => Param::Int(*n),
        // MariaDB 10.11.19 stores -0.0 as 0.0, earlier versions and MySQL keep the sign. Adding zero drops it, so that a
        // value that was written reads back equally on all of them.
        Value::Float(n) => Param::Float(n + 0.0),
        Value::Text(text) => Param::Text(text),
        Value::Bytes(bytes) => Param::Bytes(bytes),
        Value::Uuid(id) => Param::Uuid(*id),
        Value::Time(time) => Param::Time(time.as_millis()),
    }
}

fn rows(answer: QueryResult) -> Rows {
    Rows {
        width: answer.columns.len(),
        affected: answer.affected,
        cells: answer.cells.into_iter().map(value).collect(),
    }
}

/// Converts a cell.
pub(super) fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(n) => Value::Int(n),
        Cell::Float(n) => Value::Float(n),
        // The result of AVG, for example.
        Cell::Decimal(digits) => digits.parse().map_or(Value::Text(digits), Value::Float),
        Cell::Text(text) => Value::Text(text),
        Cell::Bytes(bytes) => Value::Bytes(bytes),
        Cell::Time(millis) => Value::Time(Timestamp::from_millis(millis)),
    }
}

/// Maps an error of the log-in, where an error of our own client means a server that cannot be used.
pub fn not_logged_in(error: Error, tls: &Tls) -> DbError {
    match error {
        Error::Refused(why) if !why.contains("TLS") => DbError::Unavailable(format!(
            "The log-in to the MySQL server was given up: {why}."
        )),
        Error::Refused(why) => DbError::Unavailable(format!(
            "The MySQL server refused the log-in: {why}. If it has no TLS, turn TLS on there, or add `sslmode=disable` to \
             the URL if the network is private."
        )),
        Error::Plugin(name) => unknown_plugin(&name),
        Error::Server { code, message, .. } => at_log_in(code, &message, tls),
        Error::Auth(why) => DbError::Unavailable(format!("The database's log-in failed: {why}.")),
        other => failed(other),
    }
}

/// Maps an error of the client or of a statement.
pub(super) fn failed(error: Error) -> DbError {
    match error {
        Error::Io(error) => DbError::Lost(error.to_string()),
        Error::Closed => DbError::Lost("the connection is closed".to_owned()),
        Error::Server {
            code,
            state,
            message,
        } => from_code(code, &String::from_utf8_lossy(&state), &message),
        Error::Protocol(why) => DbError::Lost(format!(
            "the server does not speak the MySQL protocol: {why}"
        )),
        // They come from a log-in alone.
        Error::Auth(why) | Error::Plugin(why) => DbError::Driver(why),
        Error::Refused(why) => DbError::Unsupported(why),
        Error::Decode { column, reason } => {
            DbError::Driver(format!("the column {column} cannot be read: {reason}"))
        }
        Error::TooLarge => DbError::TooLarge("a statement or its response".to_owned()),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn spawn(closing: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(closing);
    }
}

#[cfg(target_arch = "wasm32")]
fn spawn(closing: impl Future<Output = ()> + 'static) {
    worker::wasm_bindgen_futures::spawn_local(closing);
}
