//! The stand-in's own connection to MySQL or MariaDB.

use std::sync::Arc;

use super::auth;
use super::packets::{self, ResponseTracker};
use crate::shared::Shared;
use crate::upstream_connection::{Response, UpstreamConnection};

/// A connection that is logged in.
pub(crate) struct Backend {
    connection: UpstreamConnection,
    /// The server's version string.
    pub(crate) version: Vec<u8>,
    capabilities: u32,
    /// The session was used since its last reset.
    is_used: bool,
}

/// An error of the database, or in its place if there is no connection.
pub(crate) struct ServerError {
    pub(crate) code: u16,
    pub(crate) state: String,
    pub(crate) message: String,
}

/// Hyperdrive's error for a database that cannot be reached.
fn unreachable(error: &std::io::Error) -> ServerError {
    let kind = match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection_refused".to_owned(),
        _ => error.to_string(),
    };
    unknown_error(format!("Server connection attempt failed: {kind}"))
}

fn unknown_error(message: String) -> ServerError {
    ServerError {
        code: 1105,
        state: "HY000".to_owned(),
        message,
    }
}

/// Decodes an ERR packet.
fn decode_error(payload: &[u8]) -> ServerError {
    let code = payload
        .get(1..3)
        .map_or(1105, |code| u16::from_le_bytes([code[0], code[1]]));
    let text = String::from_utf8_lossy(payload.get(3..).unwrap_or(&[])).into_owned();
    let (state, message) = text
        .strip_prefix('#')
        .and_then(|text| text.split_at_checked(5))
        .unwrap_or(("HY000", &text));
    ServerError {
        code,
        state: state.to_owned(),
        message: message.to_owned(),
    }
}

impl Backend {
    /// Connects and logs in. `capabilities` are those of the client that apply to the database.
    pub(crate) async fn open(
        shared: &Arc<Shared>,
        database: &str,
        capabilities: u32,
    ) -> Result<Self, ServerError> {
        let connection = UpstreamConnection::open(Arc::clone(shared))
            .await
            .map_err(|error| unreachable(&error))?;
        let mut backend = Self {
            connection,
            version: Vec::new(),
            capabilities: packets::BASIC
                | packets::CONNECT_WITH_DB
                | packets::PLUGIN_AUTH
                | capabilities,
            is_used: false,
        };
        backend.log_in(shared, database).await?;
        Ok(backend)
    }

    async fn log_in(&mut self, shared: &Shared, database: &str) -> Result<(), ServerError> {
        let password = &shared.upstream.password;
        let greeting = self.exchange_packet(&[]).await?;
        let (version, mut nonce, mut plugin) = decode_greeting(&greeting[4..])?;
        self.version = version;
        let mut sequence = greeting[3].wrapping_add(1);
        // The server may propose another plugin than the account's; then it asks for a switch.
        let auth_response = auth::scramble(&plugin, password, &nonce).unwrap_or_default();
        let mut response = self.capabilities.to_le_bytes().to_vec();
        response.extend_from_slice(&(64_u32 << 20).to_le_bytes());
        response.push(packets::COLLATION);
        response.extend_from_slice(&[0; 23]);
        response.extend_from_slice(shared.upstream.user.as_bytes());
        response.push(0);
        response.push(u8::try_from(auth_response.len()).unwrap_or(0));
        response.extend_from_slice(&auth_response);
        response.extend_from_slice(format!("{database}\0{plugin}\0").as_bytes());
        let mut request = packets::encode(sequence, &response);
        loop {
            let packet = self.exchange_packet(&request).await?;
            sequence = packet[3].wrapping_add(1);
            let payload = &packet[4..];
            let next = match payload.first() {
                Some(0) => return Ok(()),
                Some(0xff) => return Err(decode_error(payload)),
                Some(0xfe) => {
                    let (name, rest) = packets::nul_terminated(&payload[1..]);
                    plugin = String::from_utf8_lossy(name).into_owned();
                    nonce = rest.strip_suffix(&[0]).unwrap_or(rest).to_vec();
                    auth::scramble(&plugin, password, &nonce)
                }
                Some(1) if payload == auth::FAST_AUTH_SUCCESS => {
                    request = Vec::new();
                    continue;
                }
                Some(1) if payload == auth::PERFORM_FULL_AUTH => {
                    Some(auth::REQUEST_PUBLIC_KEY.to_vec())
                }
                Some(1) => auth::encrypt_password(password, &nonce, &payload[1..]),
                _ => None,
            };
            let next = next.ok_or_else(|| {
                unknown_error("the database asks for an unsupported authentication".to_owned())
            })?;
            request = packets::encode(sequence, &next);
        }
    }

    async fn exchange_packet(&mut self, request: &[u8]) -> Result<Vec<u8>, ServerError> {
        self.connection
            .exchange_packet(request, packets::packet_length)
            .await
            .map_err(|error| unreachable(&error))
    }

    /// Sends a command and reads its response.
    pub(crate) async fn query(
        &mut self,
        command: &[u8],
    ) -> std::io::Result<(Response, ResponseTracker)> {
        self.is_used = true;
        let mut tracker = ResponseTracker::new(self.capabilities);
        let response = self
            .connection
            .exchange(command, packets::packet_length, |packet| {
                tracker.is_last(packet)
            })
            .await?;
        Ok((response, tracker))
    }

    /// Resets the session state; false if that fails.
    pub(crate) async fn reset_session(&mut self) -> bool {
        if !self.is_used {
            return true;
        }
        // A reset also restores the server's default character set.
        for command in [&b"\x1f"[..], b"\x03SET NAMES utf8mb4"] {
            match self.query(&packets::encode(0, command)).await {
                Ok((response, tracker)) if response.is_complete && !tracker.has_error => {}
                _ => return false,
            }
        }
        self.is_used = false;
        true
    }

    pub(crate) async fn close(self) {
        self.connection.close(&packets::encode(0, &[1])).await;
    }
}

/// Decodes the server's version, nonce and plugin.
fn decode_greeting(payload: &[u8]) -> Result<(Vec<u8>, Vec<u8>, String), ServerError> {
    let malformed = || unknown_error("the database sent a malformed greeting".to_owned());
    match payload.split_first() {
        Some((10, rest)) => {
            let (version, rest) = packets::nul_terminated(rest);
            let first = rest.get(4..12).ok_or_else(malformed)?;
            let second = rest.get(31..43).ok_or_else(malformed)?;
            let plugin = packets::nul_terminated(rest.get(44..).unwrap_or(&[])).0;
            let plugin = String::from_utf8_lossy(plugin).into_owned();
            Ok((version.to_vec(), [first, second].concat(), plugin))
        }
        Some((0xff, _)) => Err(decode_error(payload)),
        _ => Err(malformed()),
    }
}
