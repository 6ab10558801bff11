//! PostgreSQL: logs clients in and answers their requests from the cache or from the database, or rejects them.

mod backend;
mod login;
mod messages;
mod request;
pub(crate) mod scram;

use std::io::Result;
use std::sync::Arc;

use anyhow::anyhow;
use tokio::net::TcpStream;

use crate::client_connection::{ClientConnection, Protocol};
use crate::dialect::Dialect;
use crate::fault_plan::Trigger;
use crate::options::SessionState;
use crate::shared::Shared;
use crate::sql::{Effect, Rejection};
use backend::Backend;
use request::{Request, Violation};

const PROTOCOL: Protocol = Protocol {
    packet_length: messages::message_length,
    fatal_error: messages::fatal_error,
    sequence: |_| 0,
};

/// A client that is logged in.
struct Client {
    connection: ClientConnection,
    database: String,
    backend: Option<Backend>,
    /// The status of ReadyForQuery: `I` for idle, `T` in a transaction, `E` in a failed one.
    status: u8,
    /// True if the client uses the simple protocol; `None` before its first request.
    is_simple: Option<bool>,
}

/// Connects to the database once, to learn the server's parameters.
pub(crate) async fn probe(shared: &Arc<Shared>) -> anyhow::Result<()> {
    let database = shared.upstream.database.clone();
    let backend = Backend::open(shared, &database)
        .await
        .map_err(|error| anyhow!("{}", String::from_utf8_lossy(&error).replace('\0', " ")))?;
    shared
        .server_info
        .get_or_init(|| backend.parameters.clone());
    backend.close().await;
    Ok(())
}

/// Serves one client until it disconnects or a fault ends the connection.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut connection = ClientConnection::new(stream, PROTOCOL, shared)?;
    connection.trigger(Trigger::Connect, "").await?;
    let Some(database) = login::log_in(&mut connection).await? else {
        return connection.finish().await;
    };
    let mut client = Client {
        connection,
        database,
        backend: None,
        status: b'I',
        is_simple: None,
    };
    client.run().await?;
    if let Some(backend) = client.backend.take() {
        backend.close().await;
    }
    client.connection.finish().await
}

impl Client {
    async fn run(&mut self) -> Result<()> {
        loop {
            let Some(request) = Request::parse(self.connection.buffer()) else {
                self.connection.read_more().await?;
                continue;
            };
            let bytes = self.connection.take(request.length);
            if request.is_terminate || !self.handle(&request, bytes).await? {
                return Ok(());
            }
        }
    }

    /// Handles one request; returns false if it was the last.
    async fn handle(&mut self, request: &Request, bytes: Vec<u8>) -> Result<bool> {
        let shared = Arc::clone(&self.connection.shared);
        for sql in &request.statements {
            shared.count_received(Dialect::Postgres, sql);
        }
        let was_simple = *self.is_simple.get_or_insert(request.is_simple);
        match &request.violation {
            Some(Violation::Unanswered(kind)) => {
                shared.stats().add_rejection(kind);
                return self.connection.stall().await.map(|()| false);
            }
            Some(Violation::Rejected(rejection)) => return self.reject(rejection, "0A000").await,
            None => {}
        }
        if was_simple != request.is_simple {
            let rejection = Rejection {
                kind: "mixed",
                message: "the simple and the extended protocol on one connection".to_owned(),
            };
            return self.reject(&rejection, "58000").await;
        }
        if let Some(rejection) = request.rejection(self.status != b'I') {
            return self.reject(&rejection, "0A000").await;
        }
        self.answer(request, bytes).await
    }

    /// Sends an error in place of a response. In a transaction, this fails the transaction.
    async fn reject(&mut self, rejection: &Rejection, code: &str) -> Result<bool> {
        self.connection.shared.stats().add_rejection(rejection.kind);
        if self.status == b'T' {
            // An invalid statement fails the transaction in the database as well.
            let invalid = messages::encode(b'Q', b"rejected\0");
            if self.query_backend(&invalid).await?.is_none() {
                return Ok(false);
            }
            self.status = b'E';
        }
        let mut response = messages::error_response("ERROR", code, &rejection.message);
        response.extend(messages::ready_for_query(self.status));
        self.connection.send(&response).await?;
        Ok(true)
    }

    /// Answers from the cache or from the database.
    async fn answer(&mut self, request: &Request, bytes: Vec<u8>) -> Result<bool> {
        let shared = Arc::clone(&self.connection.shared);
        let statement = request.statements.join("; ");
        let is_idle = self.status == b'I';
        let is_commit = request.has(Effect::Commit) && !is_idle
            || is_idle && request.has(Effect::Write) && !request.has(Effect::Begin)
            || request.has(Effect::Begin) && request.has(Effect::Commit);
        if is_commit {
            self.connection
                .trigger(Trigger::BeforeCommit, &statement)
                .await?;
        }
        self.connection
            .trigger(Trigger::BeforeQuery, &statement)
            .await?;

        let is_cacheable = is_idle && request.is_cacheable();
        let key = [self.database.as_bytes(), &[0], &bytes].concat();
        if is_cacheable && let Some(response) = shared.cached(&key) {
            self.connection
                .respond(&response, &statement, false)
                .await?;
            return Ok(true);
        }
        for sql in &request.statements {
            shared.count_forwarded(Dialect::Postgres, sql);
        }
        let Some(response) = self.query_backend(&bytes).await? else {
            return Ok(false);
        };
        self.status = response.last().copied().unwrap_or(b'I');
        if is_cacheable
            && !has_error(&response)
            && let Some(mut cache) = shared.cache()
        {
            cache.put(key, &response);
        }
        let is_committed = is_commit && self.status == b'I' && !has_error(&response);
        self.connection
            .respond(&response, &statement, is_committed)
            .await?;
        Ok(true)
    }

    /// Sends a request to the database. If the connection fails, sends the error to the client and returns `None`.
    async fn query_backend(&mut self, request: &[u8]) -> Result<Option<Vec<u8>>> {
        let shared = Arc::clone(&self.connection.shared);
        if self.status == b'I'
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
            let opening = Backend::open(&shared, &self.database);
            match self.connection.while_connected(opening).await? {
                Ok(backend) => self.backend = Some(backend),
                Err(error) => {
                    let text = String::from_utf8_lossy(&error).replace('\0', " ");
                    shared.stats().add_error(text);
                    self.connection.send(&error).await?;
                    return Ok(None);
                }
            }
        }
        let Some(backend) = &mut self.backend else {
            return Ok(None);
        };
        let response = self
            .connection
            .while_connected(backend.query(request))
            .await??;
        if response.is_complete {
            return Ok(Some(response.bytes));
        }
        shared
            .stats()
            .add_error("the database closed the connection".to_owned());
        self.connection.send(&response.bytes).await?;
        Ok(None)
    }
}

/// Checks whether a response contains an ErrorResponse.
fn has_error(mut response: &[u8]) -> bool {
    while let Some(length) =
        messages::message_length(response).filter(|length| *length <= response.len())
    {
        if response[0] == b'E' {
            return true;
        }
        response = &response[length..];
    }
    false
}
