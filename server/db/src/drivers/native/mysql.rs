//! MySQL and MariaDB in native programs, by mysql_async.
//!
//! Owns the session's settings and the transactions. mysql_async does not pipeline, but its sessions accept several
//! statements in one text: the statements of a batch are one text and one round trip, with the values as literals in it.
//! Nothing is prepared. The server stops at the first statement that fails.

mod scripts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_lock::{Mutex, MutexGuardArc};
use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, IoError, OptsBuilder, SslOpts};
use tokio_rustls::rustls::Error as TlsError;

use super::mysql_values::{Answer, text};
use super::tls;
use crate::drivers::mysql_errors::{at_log_in, from_code, in_statement, unknown_plugin};
use crate::drivers::server_options::{Authorities, ServerOptions, Tls};
use crate::drivers::{opening, sentences};
use crate::{BoxFuture, DbError, Dialect, Driver, OpenTransaction, Rows, Statement};

/// The session's settings: values are never truncated or guessed, times are UTC, text is Unicode, and a backslash escapes.
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
    pub async fn open(server: &ServerOptions) -> Result<Self, DbError> {
        opening::open(server, Self::log_in(server)).await
    }

    pub(super) async fn log_in(server: &ServerOptions) -> Result<Self, DbError> {
        let tls = match &server.tls {
            Tls::Off | Tls::Inside => None,
            Tls::Verified { root } => Some(match root {
                Authorities::Public => SslOpts::default(),
                Authorities::System => {
                    only(tls::system()?.iter().map(|one| one.to_vec()).collect())
                }
                Authorities::File(path) => only(vec![tls::certificates(path)?]),
            }),
        };
        let options = OptsBuilder::default()
            .ip_or_hostname(&server.host)
            .tcp_port(server.port)
            .user(Some(&server.user))
            .pass(Some(server.password.expose()))
            .db_name(Some(&server.database))
            .prefer_socket(false)
            .ssl_opts(tls)
            // A row that has the new values already counts as written, as on other engines.
            .client_found_rows(true)
            .init(vec![SESSION]);
        let connection = Conn::new(options)
            .await
            .map_err(|error| not_logged_in(error, &server.tls))?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            broken: Arc::default(),
        })
    }

    /// Records that a response is pending.
    fn start(&self) -> Result<PendingResponse, DbError> {
        if self.broken.load(SeqCst) {
            return Err(DbError::Lost(
                "it was dropped after a cancelled query".to_owned(),
            ));
        }
        Ok(PendingResponse {
            broken: Arc::clone(&self.broken),
            is_answered: false,
        })
    }

    async fn control(&self, connection: &mut Conn, word: &str) -> Result<(), DbError> {
        self.start()?.receive(connection.query_drop(word)).await
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
            let asking = self.start()?;
            let done = asking
                .receive(send(connection, text, count, &mut answers))
                .await;
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

    /// Drops a session in which a backslash does not escape, as the Worker does. The literals would mean the same there, but
    /// the statements themselves might not.
    fn check_mode(&self, connection: &Conn) -> Result<(), DbError> {
        let is_plain = connection.last_ok_packet().is_some_and(|ok| {
            ok.status_flags()
                .contains(StatusFlags::SERVER_STATUS_NO_BACKSLASH_ESCAPES)
        });
        if is_plain {
            self.discard();
            return Err(DbError::Unsupported(
                "the session is in the SQL mode NO_BACKSLASH_ESCAPES, which changes the meaning of statements".to_owned(),
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
                // If the connection is lost, the server has rolled back.
                let _ = self.control(&mut connection, "ROLLBACK").await;
                Err(error)
            }
        }
    }
}

/// Sends `text`, and puts the responses of its `count` statements into `answers`, up to the first that fails.
async fn send(
    connection: &mut Conn,
    text: Vec<u8>,
    count: usize,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    let mut result = connection.query_iter(text).await?;
    for _ in 0..count {
        let columns = result.columns();
        let affected = result.affected_rows();
        // Advances to the head of the next response.
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
    Error::Other("the server sent more or fewer results than there were statements".into())
}

/// A pending response. If its future is dropped before the response has come, the connection is unusable.
struct PendingResponse {
    broken: Arc<AtomicBool>,
    is_answered: bool,
}

impl PendingResponse {
    async fn receive<T>(
        mut self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, DbError> {
        let answer = answer.await;
        // A refusal by the server is a response.
        self.is_answered = matches!(answer, Ok(_) | Err(Error::Server(_)));
        answer.map_err(failed)
    }
}

impl Drop for PendingResponse {
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
    /// `None` once it has ended.
    connection: Option<Mutex<MutexGuardArc<Conn>>>,
}

impl MySqlTransaction {
    async fn end(mut self: Box<Self>, word: &str) -> Result<(), DbError> {
        let Some(connection) = self.connection.take() else {
            return Err(DbError::Closed);
        };
        let mut connection = connection.into_inner();
        let asking = self.mysql.start()?;
        asking.receive(connection.query_drop(word)).await
    }
}

impl Drop for MySqlTransaction {
    /// Rolls back before the connection is used again. Without a runtime to do that, the connection is closed, and the server
    /// rolls back.
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let Ok(asking) = self.mysql.start() else {
            return;
        };
        let mut connection = connection.into_inner();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = asking.receive(connection.query_drop("ROLLBACK")).await {
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

/// TLS that trusts only these authorities.
fn only(certificates: Vec<Vec<u8>>) -> SslOpts {
    SslOpts::default()
        .with_root_certs(certificates.into_iter().map(Into::into).collect())
        .with_disable_built_in_roots(true)
}

/// Maps an error of the log-in. It is never a failure of the site.
fn not_logged_in(error: Error, tls: &Tls) -> DbError {
    match error {
        Error::Server(error) => at_log_in(error.code, &error.message, tls),
        Error::Driver(DriverError::UnknownAuthPlugin { name }) => unknown_plugin(&name),
        Error::Driver(DriverError::CleartextPluginDisabled) => {
            unknown_plugin("mysql_clear_password")
        }
        Error::Driver(DriverError::MysqlOldPasswordDisabled) => {
            unknown_plugin("mysql_old_password")
        }
        error => match failed(error) {
            DbError::Driver(detail) => sentences::refused("MySQL", detail),
            error => error,
        },
    }
}

fn failed(error: Error) -> DbError {
    match error {
        Error::Server(error) => from_code(error.code, &error.state, &error.message),
        Error::Io(IoError::Io(error)) if error.get_ref().is_some_and(|inner| inner.is::<TlsError>()) => {
            tls::untrusted(&error)
        }
        Error::Io(IoError::Io(error)) => DbError::Lost(error.to_string()),
        Error::Io(IoError::Tls(error)) => tls::untrusted(&error),
        Error::Driver(DriverError::NoClientSslFlagFromServer) => DbError::Unavailable(
            "The database server has no TLS: turn it on there, or add `sslmode=disable` to the URL if the network is private."
                .to_owned(),
        ),
        Error::Driver(DriverError::ConnectionClosed) => {
            DbError::Lost("the server closed it".to_owned())
        }
        Error::Driver(DriverError::UnexpectedPacket { .. }) => {
            DbError::Lost("the server sent a malformed response".to_owned())
        }
        Error::Driver(DriverError::PacketTooLarge) => {
            DbError::TooLarge("a row or a statement is larger than the database allows".to_owned())
        }
        error => DbError::Driver(error.to_string()),
    }
}
