//! The driver: one connection, its statements pipelined.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;

use async_lock::{RwLock, RwLockWriteGuardArc};
use futures::future::{AbortHandle, JoinAll, MaybeDone, abortable, join_all, maybe_done};
use futures::{TryStreamExt, pin_mut, poll};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};

use super::values::{Cell, type_of};
use super::{errors, handshake};
use crate::drivers::server_options::ServerOptions;
use crate::{BoxFuture, DbError, Dialect, Driver, OpenTransaction, Rows, Statement, Value};

const HIDING_SCHEMA: &str = "SELECT n.nspname::text FROM pg_catalog.pg_class AS c \
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relname::text = $1 AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND n.nspname::text IN ( \
    SELECT trim(both ' \"' FROM replace(name, '$user', current_user)) \
    FROM unnest(string_to_array(current_setting('search_path'), ',')) AS name) LIMIT 1";

/// A connection. Dropping it terminates the session and closes it.
pub struct Postgres {
    client: Client,
    /// Stops the task that drives the connection.
    driven: AbortHandle,
    is_discarded: AtomicBool,
    /// Locked for writing by a transaction, and for reading by everything else.
    turn: Arc<RwLock<()>>,
}

impl Postgres {
    /// Logs in over `stream`, which is encrypted already if it has to be.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the server refuses, [`DbError::Lost`] when it goes away.
    pub async fn over<S>(stream: S, server: &ServerOptions) -> Result<Arc<Self>, DbError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let greeted = handshake::log_in(stream, server).await?;
        let (client, connection) = Config::new()
            .user(&server.user)
            .ssl_mode(SslMode::Disable)
            .connect_raw(greeted, NoTls)
            .await
            .map_err(|error| errors::from(&error, ""))?;
        let (driving, driven) = abortable(async move {
            if let Err(error) = connection.await {
                log::debug!("a connection to PostgreSQL ended: {error}");
            }
        });
        spawn(async move {
            // It ended by itself or was stopped; nobody waits for the result.
            let _ = driving.await;
        });
        Ok(Arc::new(Self {
            client,
            driven,
            is_discarded: AtomicBool::new(false),
            turn: Arc::new(RwLock::new(())),
        }))
    }

    /// Sends one statement and returns its rows.
    async fn request(&self, sql: &str, statement: &Statement) -> Result<Rows, DbError> {
        let error = match self.request_once(sql, statement).await {
            Ok(rows) => return Ok(rows),
            Err(error) => error,
        };
        if let Some(table) = errors::missing_table(&error)
            && let Some(schema) = self.hiding_schema(table).await
        {
            return Err(errors::hidden_in(&schema));
        }
        let error = errors::from(&error, sql);
        if matches!(error, DbError::Lost(_)) {
            self.discard();
        }
        Err(error)
    }

    /// Finds the schema in the search path that has a table of this name, but lacks the right USAGE: PostgreSQL passes over
    /// it and says that there is no such table.
    async fn hiding_schema(&self, table: &str) -> Option<String> {
        let statement = Statement {
            sql: HIDING_SCHEMA.to_owned(),
            values: vec![Value::Text(table.to_owned())],
        };
        // In a transaction that has failed, nothing more can be asked.
        let rows = self.request_once(HIDING_SCHEMA, &statement).await.ok()?;
        match rows.cells.into_iter().next() {
            Some(Value::Text(schema)) => Some(schema),
            _ => None,
        }
    }

    async fn request_once(
        &self,
        sql: &str,
        statement: &Statement,
    ) -> Result<Rows, tokio_postgres::Error> {
        let parameters = statement.values.iter().map(|value| (value, type_of(value)));
        let found = self.client.query_typed_raw(sql, parameters).await?;
        pin_mut!(found);
        let mut rows = Rows::default();
        while let Some(row) = found.try_next().await? {
            rows.width = row.len();
            for at in 0..rows.width {
                let Cell(value) = row.try_get(at)?;
                rows.cells.push(value);
            }
        }
        if rows.width == 0 {
            rows.affected = found.rows_affected().unwrap_or(0);
        }
        Ok(rows)
    }

    /// Sends all statements at once, in order, and returns the rows of each.
    async fn pipeline<'a>(
        &'a self,
        statements: impl Iterator<Item = (&'a str, &'a Statement)>,
    ) -> Vec<Result<Rows, DbError>> {
        let mut requests: Vec<_> = statements
            .map(|(sql, statement)| Box::pin(maybe_done(self.request(sql, statement))))
            .collect();
        // A statement is sent when its future is first polled: here, in order, whatever the order of later polls.
        for one in &mut requests {
            let _: Poll<()> = poll!(one);
        }
        let all: JoinAll<_> = join_all(requests.iter_mut());
        all.await;
        requests
            .iter_mut()
            .map(|one| {
                let done: Option<_> = MaybeDone::take_output(one.as_mut());
                done.unwrap_or_else(|| Err(DbError::Driver("a statement was not run".to_owned())))
            })
            .collect()
    }

    async fn run_plain(&self, sql: &'static str) -> Result<(), DbError> {
        self.request(sql, &Statement::plain(sql)).await.map(drop)
    }

    async fn run_all(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let plain = statements.iter().map(|one| (one.sql.as_str(), one));
        self.pipeline(plain).await.into_iter().collect()
    }

    async fn run_as_one(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let (begin, commit) = (Statement::plain("BEGIN"), Statement::plain("COMMIT"));
        let all = std::iter::once(&begin)
            .chain(statements)
            .chain(std::iter::once(&commit));
        let mut answers = self
            .pipeline(all.map(|one| (one.sql.as_str(), one)))
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        answers.pop();
        answers.remove(0);
        Ok(answers)
    }
}

impl Drop for Postgres {
    /// A connection with a pending response would wait for it before it terminates.
    fn drop(&mut self) {
        if self.is_discarded.load(Relaxed) {
            self.driven.abort();
        }
    }
}

impl Driver for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let _turn = self.turn.read().await;
            match statements {
                [one] => Ok(vec![self.request(&one.sql, one).await?]),
                all => self.run_all(all).await,
            }
        })
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let _turn = self.turn.read().await;
            match statements {
                // One statement is atomic by itself.
                [one] => Ok(vec![self.request(&one.sql, one).await?]),
                all => self.run_as_one(all).await,
            }
        })
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        Some(Box::pin(async {
            let turn = self.turn.write_arc().await;
            self.run_plain("BEGIN").await?;
            Ok(Box::new(PostgresTransaction {
                postgres: self,
                _turn: turn,
                is_open: true,
            }) as Box<dyn OpenTransaction>)
        }))
    }

    fn discard(&self) {
        self.is_discarded.store(true, Relaxed);
    }

    fn is_broken(&self) -> bool {
        self.is_discarded.load(Relaxed) || self.client.is_closed()
    }
}

/// A transaction: the only user of its connection while it is open.
struct PostgresTransaction {
    postgres: Arc<Postgres>,
    _turn: RwLockWriteGuardArc<()>,
    is_open: bool,
}

impl PostgresTransaction {
    async fn end(mut self: Box<Self>, word: &'static str) -> Result<(), DbError> {
        self.postgres.run_plain(word).await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for PostgresTransaction {
    /// Nothing can be awaited here: the connection is closed, and the server rolls back.
    fn drop(&mut self) {
        if self.is_open {
            self.postgres.discard();
        }
    }
}

impl OpenTransaction for PostgresTransaction {
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.postgres.run_all(statements))
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(self.end("COMMIT"))
    }

    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(self.end("ROLLBACK"))
    }
}

/// Drives the connection until its client is dropped.
#[cfg(not(target_arch = "wasm32"))]
fn spawn(connection: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(connection);
}

#[cfg(target_arch = "wasm32")]
fn spawn(connection: impl Future<Output = ()> + 'static) {
    worker::wasm_bindgen_futures::spawn_local(connection);
}
