//! The stand-in's own connection to PostgreSQL.

use std::sync::Arc;

use super::messages;
use super::scram::{MECHANISM, ScramClient};
use crate::shared::Shared;
use crate::upstream_connection::{Response, UpstreamConnection};

/// A connection that is logged in.
pub(crate) struct Backend {
    connection: UpstreamConnection,
    /// The ParameterStatus messages of the login.
    pub(crate) parameters: Vec<u8>,
    /// The session was used since its last reset.
    is_used: bool,
}

/// An encoded ErrorResponse for the client.
type ErrorResponse = Vec<u8>;

/// Hyperdrive's error for a database that cannot be reached.
fn unreachable(error: &std::io::Error) -> ErrorResponse {
    let kind = match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection_refused".to_owned(),
        _ => error.to_string(),
    };
    let message = format!("Server connection attempt failed: {kind}");
    messages::error_response("FATAL", "58000", &message)
}

impl Backend {
    /// Connects and logs in.
    pub(crate) async fn open(shared: &Arc<Shared>, database: &str) -> Result<Self, ErrorResponse> {
        let connection = UpstreamConnection::open(Arc::clone(shared))
            .await
            .map_err(|error| unreachable(&error))?;
        let mut backend = Self {
            connection,
            parameters: Vec::new(),
            is_used: false,
        };
        backend.log_in(shared, database).await?;
        Ok(backend)
    }

    async fn log_in(&mut self, shared: &Shared, database: &str) -> Result<(), ErrorResponse> {
        let upstream = &shared.upstream;
        let user = &upstream.user;
        let mut startup = messages::PROTOCOL_VERSION.to_be_bytes().to_vec();
        startup.extend_from_slice(
            format!(
                "user\0{user}\0database\0{database}\0client_encoding\0UTF8\0application_name\0Cloudflare Hyperdrive\0\0"
            )
            .as_bytes(),
        );
        let scram = ScramClient::new();
        let mut request = messages::encode_untagged(&startup);
        loop {
            let message = self
                .connection
                .exchange_packet(&request, messages::message_length)
                .await
                .map_err(|error| unreachable(&error))?;
            request = match message[0] {
                b'R' => {
                    authentication_response(&message[5..], &scram, shared).ok_or_else(|| {
                        messages::error_response(
                            "FATAL",
                            "58000",
                            "the database asks for an unsupported authentication",
                        )
                    })?
                }
                b'S' => {
                    self.parameters.extend_from_slice(&message);
                    Vec::new()
                }
                b'E' => return Err(message),
                b'Z' => return Ok(()),
                _ => Vec::new(),
            };
        }
    }

    /// Sends a request and reads its response, up to ReadyForQuery.
    pub(crate) async fn query(&mut self, request: &[u8]) -> std::io::Result<Response> {
        self.is_used = true;
        self.connection
            .exchange(request, messages::message_length, |message| {
                message[0] == b'Z'
            })
            .await
    }

    /// Resets the session state; false if that fails.
    pub(crate) async fn reset_session(&mut self) -> bool {
        if !self.is_used {
            return true;
        }
        let request = messages::encode(b'Q', b"DISCARD ALL\0");
        let is_reset = match self.query(&request).await {
            Ok(response) => response.is_complete && response.bytes[0] == b'C',
            Err(_) => false,
        };
        self.is_used = false;
        is_reset
    }

    pub(crate) async fn close(self) {
        self.connection.close(&messages::encode(b'X', b"")).await;
    }
}

/// Returns the response to an authentication request; `None` for an unsupported one.
fn authentication_response(body: &[u8], scram: &ScramClient, shared: &Shared) -> Option<Vec<u8>> {
    let (code, rest) = body.split_first_chunk::<4>()?;
    let password = &shared.upstream.password;
    let message = std::str::from_utf8(rest).unwrap_or("");
    match u32::from_be_bytes(*code) {
        // Success, or the server's own proof, which a test need not verify.
        messages::AUTHENTICATION_OK | messages::AUTHENTICATION_SASL_FINAL => Some(Vec::new()),
        messages::AUTHENTICATION_CLEARTEXT_PASSWORD => {
            Some(messages::encode(b'p', format!("{password}\0").as_bytes()))
        }
        messages::AUTHENTICATION_SASL if message.split('\0').any(|name| name == MECHANISM) => {
            let first = scram.first_message();
            let length = u32::try_from(first.len()).ok()?.to_be_bytes();
            let body = [MECHANISM.as_bytes(), &[0], &length, first.as_bytes()].concat();
            Some(messages::encode(b'p', &body))
        }
        messages::AUTHENTICATION_SASL_CONTINUE => {
            let last = scram.final_message(&shared.salted_passwords, password, message)?;
            Some(messages::encode(b'p', last.as_bytes()))
        }
        _ => None,
    }
}
