//! MySQL and MariaDB, natively, by mysql_async.
//!
//! Owns the session's settings and the transactions. mysql_async does not pipeline, but its sessions take several
//! statements in one text: what is asked together is one text and one round trip, with the values as literals in it.
//! Nothing is prepared. The server goes no further than the first statement that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_lock::{Mutex, MutexGuardArc};
use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, IoError, OptsBuilder, SslOpts};
use tokio_rustls::rustls::Error as TlsError;

use super::mysql_values::{Answer, text};
use super::tls;
use crate::drivers::mysql_errors::{from_code, in_statement};
use crate::drivers::server_options::{ServerOptions, Tls};
use crate::{BoxFuture, DbError, Dialect, Driver, OpenTransaction, Rows, Statement};

/// What a session is held to: nothing is cut short or guessed, times are UTC, text is Unicode, and a backslash escapes.
const SESSION: &str = "SET sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', \
                       time_zone = '+00:00', NAMES utf8mb4";

/// An open connection.
pub struct MySql {
    connection: Arc<Mutex<Conn>>,
    broken: Arc<AtomicBool>,
}

impl MySql {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it is refused, [`DbError::Lost`] when the server cannot be reached for now.
    pub async fn open(target: &ServerOptions) -> Result<Self, DbError> {
        let tls = match &target.tls {
            Tls::Off | Tls::Inside => None,
            Tls::Verified { root: None } => Some(SslOpts::default()),
            Tls::Verified { root: Some(path) } => Some(
                SslOpts::default()
                    .with_root_certs(vec![tls::certificates(path)?.into()])
                    .with_disable_built_in_roots(true),
            ),
        };
        let options = OptsBuilder::default()
            .ip_or_hostname(&target.host)
            .tcp_port(target.port)
            .user(Some(&target.user))
            .pass(Some(&target.password))
            .db_name(Some(&target.database))
            .prefer_socket(false)
            .ssl_opts(tls)
            // A row that has the new values already is a row that was written, as on other engines.
            .client_found_rows(true)
            .init(vec![SESSION]);
        let connection = Conn::new(options).await.map_err(failed)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            broken: Arc::default(),
        })
    }

    /// Runs a statement as it is, without preparing it: for migrations, whose statements cannot all be prepared.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub(crate) async fn script(&self, sql: &str) -> Result<(), DbError> {
        let mut connection = self.connection.lock().await;
        self.asking()?.of(connection.query_drop(sql)).await
    }

    /// Takes note that an answer is outstanding.
    fn asking(&self) -> Result<Asking, DbError> {
        if self.broken.load(SeqCst) {
            return Err(DbError::Lost("it was given up".to_owned()));
        }
        Ok(Asking {
            broken: Arc::clone(&self.broken),
            is_answered: false,
        })
    }

    async fn control(&self, connection: &mut Conn, word: &str) -> Result<(), DbError> {
        self.asking()?.of(connection.query_drop(word)).await
    }

    async fn run(
        &self,
        connection: &mut Conn,
        statements: &[Statement],
    ) -> Result<Vec<Rows>, DbError> {
        let mut all = Vec::with_capacity(statements.len());
        let mut rest = statements;
        while !rest.is_empty() {
            let (text, count) = text(rest)?;
            let (asked, later) = rest.split_at(count);
            let mut answers = Vec::with_capacity(count);
            let asking = self.asking()?;
            let done = asking.of(ask(connection, text, count, &mut answers)).await;
            self.check_mode(connection)?;
            if let Err(error) = done {
                return Err(match asked.get(answers.len()) {
                    Some(failed) => in_statement(error, &failed.sql),
                    None => error,
                });
            }
            for answer in answers {
                all.push(answer.decode()?);
            }
            rest = later;
        }
        Ok(all)
    }

    /// Gives up a session in which a backslash is a letter, as the Worker does. The literals are the same there, but the
    /// statements themselves may not be.
    fn check_mode(&self, connection: &Conn) -> Result<(), DbError> {
        let is_plain = connection.last_ok_packet().is_some_and(|ok| {
            ok.status_flags()
                .contains(StatusFlags::SERVER_STATUS_NO_BACKSLASH_ESCAPES)
        });
        if is_plain {
            self.discard();
            return Err(DbError::Unsupported(
                "the session is in the mode NO_BACKSLASH_ESCAPES, in which statements mean something else".to_owned(),
            ));
        }
        Ok(())
    }

    async fn write_all(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let mut connection = self.connection.lock().await;
        if let [_] = statements {
            return self.run(&mut connection, statements).await;
        }
        self.control(&mut connection, "START TRANSACTION").await?;
        match self.run(&mut connection, statements).await {
            Ok(rows) => {
                self.control(&mut connection, "COMMIT").await?;
                Ok(rows)
            }
            Err(error) => {
                // A connection that is gone has taken its transaction along.
                let _ = self.control(&mut connection, "ROLLBACK").await;
                Err(error)
            }
        }
    }
}

/// Sends `text`, and puts what comes of its `count` statements into `answers`, up to the first that fails.
async fn ask(
    connection: &mut Conn,
    text: Vec<u8>,
    count: usize,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    let mut result = connection.query_iter(text).await?;
    for _ in 0..count {
        let columns = result.columns();
        let affected = result.affected_rows();
        // Goes on to the head of the next answer.
        let rows = result.collect().await?;
        let columns = columns.ok_or_else(miscounted)?;
        answers.push(Answer {
            columns,
            rows,
            affected,
        });
    }
    if result.columns().is_some() {
        return Err(miscounted());
    }
    result.drop_result().await
}

fn miscounted() -> Error {
    Error::Other("the server gave more or fewer answers than it was asked for".into())
}

/// A question under way. When its future is dropped before the answer has come, the connection is good for nothing.
struct Asking {
    broken: Arc<AtomicBool>,
    is_answered: bool,
}

impl Asking {
    async fn of<T>(mut self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, DbError> {
        let answer = answer.await;
        // What the server refused, it has answered.
        self.is_answered = matches!(answer, Ok(_) | Err(Error::Server(_)));
        answer.map_err(failed)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.is_answered {
            self.broken.store(true, SeqCst);
        }
    }
}

impl Driver for MySql {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async {
            let mut connection = self.connection.lock().await;
            self.run(&mut connection, statements).await
        })
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.write_all(statements))
    }

    fn begin(
        self: Arc<Self>,
    ) -> Option<BoxFuture<'static, Result<Box<dyn OpenTransaction>, DbError>>> {
        Some(Box::pin(async {
            let mut connection = self.connection.lock_arc().await;
            self.control(&mut connection, "START TRANSACTION").await?;
            Ok(Box::new(MySqlTransaction {
                mysql: self,
                connection: Some(Mutex::new(connection)),
            }) as Box<dyn OpenTransaction>)
        }))
    }

    fn discard(&self) {
        self.broken.store(true, SeqCst);
    }

    fn is_broken(&self) -> bool {
        self.broken.load(SeqCst)
    }
}

/// A transaction: the only user of its connection while it is open.
struct MySqlTransaction {
    mysql: Arc<MySql>,
    /// None once it has ended.
    connection: Option<Mutex<MutexGuardArc<Conn>>>,
}

impl MySqlTransaction {
    async fn end(mut self: Box<Self>, word: &str) -> Result<(), DbError> {
        let Some(connection) = self.connection.take() else {
            return Err(DbError::Closed);
        };
        let mut connection = connection.into_inner();
        let asking = self.mysql.asking()?;
        asking.of(connection.query_drop(word)).await
    }
}

impl Drop for MySqlTransaction {
    /// Undoes it before anybody else gets the connection; where nobody is left to do that, the connection goes, and the
    /// server undoes it.
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let Ok(asking) = self.mysql.asking() else {
            return;
        };
        let mut connection = connection.into_inner();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = asking.of(connection.query_drop("ROLLBACK")).await {
                    log::error!("a transaction could not be rolled back: {error}");
                }
            });
        }
    }
}

impl OpenTransaction for MySqlTransaction {
    fn run<'a>(&'a self, statements: &'a [Statement]) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async {
            let Some(connection) = &self.connection else {
                return Err(DbError::Closed);
            };
            let mut connection = connection.lock().await;
            self.mysql.run(&mut connection, statements).await
        })
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(self.end("COMMIT"))
    }

    fn roll_back(self: Box<Self>) -> BoxFuture<'static, Result<(), DbError>> {
        Box::pin(self.end("ROLLBACK"))
    }
}

fn failed(error: Error) -> DbError {
    match error {
        Error::Server(error) => from_code(error.code, &error.state, &error.message),
        Error::Io(IoError::Io(error)) if error.get_ref().is_some_and(|inner| inner.is::<TlsError>()) => {
            tls::unproved(&error)
        }
        Error::Io(IoError::Io(error)) => DbError::Lost(error.to_string()),
        Error::Io(IoError::Tls(error)) => tls::unproved(&error),
        Error::Driver(DriverError::NoClientSslFlagFromServer) => DbError::Unavailable(
            "The database's server offers no TLS: turn it on there, or say `sslmode=disable` in its URL."
                .to_owned(),
        ),
        Error::Driver(DriverError::ConnectionClosed) => {
            DbError::Lost("the server closed it".to_owned())
        }
        Error::Driver(DriverError::UnexpectedPacket { .. }) => {
            DbError::Lost("the server sent what is no answer".to_owned())
        }
        Error::Driver(DriverError::PacketTooLarge) => {
            DbError::TooLarge("a row or a statement is larger than the database takes".to_owned())
        }
        error => DbError::Driver(error.to_string()),
    }
}
