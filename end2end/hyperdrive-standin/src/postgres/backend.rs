//! The stand-in's own connection to PostgreSQL.

use std::sync::Arc;

use super::auth::{Client, MECHANISM};
use super::wire;
use crate::shared::Shared;
use crate::upstream::{Reply, Socket};

/// A connection that has been let in.
pub(crate) struct Backend {
    socket: Socket,
    /// The `ParameterStatus` packets of the beginning.
    pub(crate) parameters: Vec<u8>,
    /// Something was asked since the session was new.
    is_used: bool,
}

/// What a client is told when there is no connection: an `ErrorResponse`.
type Refused = Vec<u8>;

fn unreachable(error: &std::io::Error) -> Refused {
    let kind = match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection_refused".to_owned(),
        _ => error.to_string(),
    };
    let message = format!("Server connection attempt failed: {kind}");
    wire::error("FATAL", "58000", &message)
}

impl Backend {
    pub(crate) async fn open(shared: &Arc<Shared>, database: &str) -> Result<Self, Refused> {
        let socket = Socket::open(Arc::clone(shared))
            .await
            .map_err(|error| unreachable(&error))?;
        let mut backend = Self {
            socket,
            parameters: Vec::new(),
            is_used: false,
        };
        backend.enter(shared, database).await?;
        Ok(backend)
    }

    async fn enter(&mut self, shared: &Shared, database: &str) -> Result<(), Refused> {
        let upstream = &shared.upstream;
        let user = &upstream.user;
        let mut startup = 196_608_u32.to_be_bytes().to_vec();
        startup.extend_from_slice(
            format!(
                "user\0{user}\0database\0{database}\0client_encoding\0UTF8\0application_name\0Cloudflare Hyperdrive\0\0"
            )
            .as_bytes(),
        );
        let scram = Client::new();
        let mut words = wire::make_untagged(&startup);
        loop {
            let packet = self
                .socket
                .packet(&words, wire::packet)
                .await
                .map_err(|error| unreachable(&error))?;
            words = match packet[0] {
                b'R' => challenge(&packet[5..], &scram, shared).ok_or_else(|| {
                    wire::error("FATAL", "58000", "the database asks for an unknown proof")
                })?,
                b'S' => {
                    self.parameters.extend_from_slice(&packet);
                    Vec::new()
                }
                b'E' => return Err(packet),
                b'Z' => return Ok(()),
                _ => Vec::new(),
            };
        }
    }

    /// Asks; the reply ends with `ReadyForQuery`.
    pub(crate) async fn ask(&mut self, question: &[u8]) -> std::io::Result<Reply> {
        self.is_used = true;
        self.socket
            .exchange(question, wire::packet, |packet| packet[0] == b'Z')
            .await
    }

    /// Makes the session new again; false when that failed.
    pub(crate) async fn renew(&mut self) -> bool {
        if !self.is_used {
            return true;
        }
        let question = wire::make(b'Q', b"DISCARD ALL\0");
        let is_new = match self.ask(&question).await {
            Ok(reply) => reply.is_whole && reply.bytes[0] == b'C',
            Err(_) => false,
        };
        self.is_used = false;
        is_new
    }

    pub(crate) async fn leave(self) {
        self.socket.leave(&wire::make(b'X', b"")).await;
    }
}

/// What is said to an authentication request; none when it is one of another kind.
fn challenge(body: &[u8], scram: &Client, shared: &Shared) -> Option<Vec<u8>> {
    let (code, rest) = body.split_first_chunk::<4>()?;
    let password = &shared.upstream.password;
    let message = std::str::from_utf8(rest).unwrap_or("");
    match u32::from_be_bytes(*code) {
        // Let in, or the server's own proof, which a test need not check.
        0 | 12 => Some(Vec::new()),
        3 => Some(wire::make(b'p', format!("{password}\0").as_bytes())),
        10 if message.split('\0').any(|name| name == MECHANISM) => {
            let first = scram.first();
            let length = u32::try_from(first.len()).ok()?.to_be_bytes();
            let body = [MECHANISM.as_bytes(), &[0], &length, first.as_bytes()].concat();
            Some(wire::make(b'p', &body))
        }
        11 => {
            let last = scram.last(&shared.scram, password, message)?;
            Some(wire::make(b'p', last.as_bytes()))
        }
        _ => None,
    }
}
