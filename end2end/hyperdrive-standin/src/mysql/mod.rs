//! MySQL: logs clients in and answers their commands from the cache or from the database, or rejects them.

pub(crate) mod auth;
mod backend;
mod handshake;
mod packets;

use std::io::Result;
use std::sync::Arc;

use anyhow::anyhow;
use tokio::net::TcpStream;

use crate::client_connection::{ClientConnection, Protocol};
use crate::dialect::Dialect;
use crate::fault_plan::Trigger;
use crate::options::SessionState;
use crate::shared::Shared;
use crate::sql::{Effect, Rejection, effect, is_cacheable, rejection};
use backend::Backend;
use packets::ResponseTracker;

const PROTOCOL: Protocol = Protocol {
    packet_length: packets::packet_length,
    fatal_error: packets::fatal_error,
    sequence: |bytes| bytes.get(3).copied().unwrap_or(0),
};

/// A client that is logged in.
struct Client {
    connection: ClientConnection,
    database: String,
    capabilities: u32,
    backend: Option<Backend>,
    in_transaction: bool,
}

/// Connects to the database once, to learn the server's version.
pub(crate) async fn probe(shared: &Arc<Shared>) -> anyhow::Result<()> {
    let database = shared.upstream.database.clone();
    let backend = Backend::open(shared, &database, 0)
        .await
        .map_err(|error| anyhow!("{} ({}): {}", error.code, error.state, error.message))?;
    shared.server_info.get_or_init(|| backend.version.clone());
    backend.close().await;
    Ok(())
}

/// Serves one client until it disconnects or a fault ends the connection.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let upstream_database = shared.upstream.database.clone();
    let mut connection = ClientConnection::new(stream, PROTOCOL, shared)?;
    connection.trigger(Trigger::Connect, "").await?;
    let Some(login) = handshake::log_in(&mut connection).await? else {
        return connection.finish().await;
    };
    // From here on, each response begins with sequence number 1.
    connection.sequence = 1;
    let mut client = Client {
        connection,
        database: login.database.unwrap_or(upstream_database),
        capabilities: login.capabilities & handshake::FORWARDED_CAPABILITIES,
        backend: None,
        in_transaction: false,
    };
    client.run().await?;
    if let Some(backend) = client.backend.take() {
        backend.close().await;
    }
    client.connection.finish().await
}

/// The handling of a command.
enum Command {
    Quit,
    Ping,
    Query,
    Rejected(Rejection),
    /// Rejected without a response, because the client expects none.
    Ignored(&'static str),
}

fn command(code: u8) -> Command {
    let rejected = |kind, feature| Command::Rejected(Rejection::unsupported(kind, feature));
    match code {
        0x01 => Command::Quit,
        0x02 => rejected("init_db", "COM_INIT_DB"),
        0x03 => Command::Query,
        0x0e => Command::Ping,
        0x11 => rejected("change_user", "COM_CHANGE_USER"),
        // COM_STMT_PREPARE, COM_STMT_EXECUTE, COM_STMT_RESET, COM_STMT_FETCH.
        0x16 | 0x17 | 0x1a | 0x1c => rejected("prepared_statement", "a prepared statement"),
        // COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE.
        0x18 | 0x19 => Command::Ignored("prepared_statement"),
        // COM_SET_OPTION.
        0x1b => rejected("multi_statements", "more than one statement"),
        0x1f => rejected("reset_connection", "COM_RESET_CONNECTION"),
        _ => rejected("unknown_command", "this command"),
    }
}

impl Client {
    async fn run(&mut self) -> Result<()> {
        loop {
            let Some(length) = packets::command_length(self.connection.buffer()) else {
                self.connection.read_more().await?;
                continue;
            };
            let request = self.connection.take(length);
            if !self.handle(&request).await? {
                return Ok(());
            }
        }
    }

    /// Handles one command; returns false if it was the last.
    async fn handle(&mut self, request: &[u8]) -> Result<bool> {
        let shared = Arc::clone(&self.connection.shared);
        let payload = packets::join_payloads(request);
        let (code, text) = payload.split_first().unwrap_or((&0, &[]));
        match command(*code) {
            Command::Quit => Ok(false),
            Command::Ping => {
                let transaction = if self.in_transaction {
                    packets::IN_TRANSACTION
                } else {
                    0
                };
                let ok = packets::ok_packet(1, packets::AUTOCOMMIT | transaction);
                self.connection.send(&ok).await?;
                Ok(true)
            }
            Command::Rejected(rejection) => self.reject(&rejection).await,
            Command::Ignored(kind) => {
                shared.stats().add_rejection(kind);
                Ok(true)
            }
            Command::Query => {
                let Ok(sql) = std::str::from_utf8(text) else {
                    shared.count_received(Dialect::Mysql, &String::from_utf8_lossy(text));
                    let rejection = Rejection::unsupported("not_utf8", "text that is not UTF-8");
                    return self.reject(&rejection).await;
                };
                shared.count_received(Dialect::Mysql, sql);
                match rejection(Dialect::Mysql, sql, self.in_transaction) {
                    Some(rejection) => self.reject(&rejection).await,
                    None => self.answer(sql, request).await,
                }
            }
        }
    }

    async fn reject(&mut self, rejection: &Rejection) -> Result<bool> {
        self.connection.shared.stats().add_rejection(rejection.kind);
        let packet = packets::err_packet(1, 1235, "42000", &rejection.message);
        self.connection.send(&packet).await?;
        Ok(true)
    }

    /// Answers from the cache or from the database.
    async fn answer(&mut self, sql: &str, request: &[u8]) -> Result<bool> {
        let shared = Arc::clone(&self.connection.shared);
        let is_idle = !self.in_transaction;
        let is_commit = match effect(Dialect::Mysql, sql) {
            Effect::Commit => !is_idle,
            Effect::Write => is_idle,
            Effect::Read | Effect::Begin | Effect::Other => false,
        };
        if is_commit {
            self.connection.trigger(Trigger::BeforeCommit, sql).await?;
        }
        self.connection.trigger(Trigger::BeforeQuery, sql).await?;

        let is_cacheable = is_idle && is_cacheable(Dialect::Mysql, sql);
        let capabilities = self.capabilities.to_le_bytes();
        let key = [self.database.as_bytes(), &[0], &capabilities, request].concat();
        if is_cacheable && let Some(response) = shared.cached(&key) {
            self.connection.respond(&response, sql, false).await?;
            return Ok(true);
        }
        shared.count_forwarded(Dialect::Mysql, sql);
        let Some((response, tracker)) = self.query_backend(request).await? else {
            return Ok(false);
        };
        if let Some(status) = tracker.status {
            self.in_transaction = status & packets::IN_TRANSACTION != 0;
        }
        if is_cacheable
            && !tracker.has_error
            && let Some(mut cache) = shared.cache()
        {
            cache.put(key, &response);
        }
        let is_committed = is_commit && !self.in_transaction && !tracker.has_error;
        self.connection
            .respond(&response, sql, is_committed)
            .await?;
        Ok(true)
    }

    /// Sends a command to the database. If the connection fails, sends the error to the client and returns `None`.
    async fn query_backend(
        &mut self,
        request: &[u8],
    ) -> Result<Option<(Vec<u8>, ResponseTracker)>> {
        let shared = Arc::clone(&self.connection.shared);
        if !self.in_transaction
            && shared.session == SessionState::Reset
            && let Some(backend) = &mut self.backend
            && !self
                .connection
                .while_connected(backend.reset_session())
                .await?
        {
            self.backend = None;
        }
        if self.backend.is_none() {
            let opening = Backend::open(&shared, &self.database, self.capabilities);
            match self.connection.while_connected(opening).await? {
                Ok(backend) => self.backend = Some(backend),
                Err(error) => {
                    let packet = packets::err_packet(1, error.code, &error.state, &error.message);
                    shared.stats().add_error(error.message);
                    self.connection.send(&packet).await?;
                    return Ok(None);
                }
            }
        }
        let Some(backend) = &mut self.backend else {
            return Ok(None);
        };
        let (response, tracker) = self
            .connection
            .while_connected(backend.query(request))
            .await??;
        if response.is_complete {
            return Ok(Some((response.bytes, tracker)));
        }
        shared
            .stats()
            .add_error("the database closed the connection".to_owned());
        self.connection.send(&response.bytes).await?;
        Ok(None)
    }
}
