//! The login of a client: greeting, handshake response, check of the password.

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

use super::auth::{self, CACHING_SHA2, NATIVE};
use super::packets;
use crate::client_connection::ClientConnection;
use crate::fault_plan::Trigger;
use crate::options::AuthPlugin;
use crate::sql::Rejection;

/// The capabilities that are offered to clients.
const OFFERED_CAPABILITIES: u32 = packets::BASIC
    | packets::CONNECT_WITH_DB
    | packets::FOUND_ROWS
    | packets::PLUGIN_AUTH
    | packets::LENGTH_ENCODED_AUTH
    | packets::DEPRECATE_EOF;
/// Those of a client's capabilities that are also requested from the database.
pub(super) const FORWARDED_CAPABILITIES: u32 = packets::FOUND_ROWS | packets::DEPRECATE_EOF;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct HandshakeResponse {
    pub(super) capabilities: u32,
    user: Vec<u8>,
    auth_response: Vec<u8>,
    pub(super) database: Option<String>,
    plugin: Vec<u8>,
}

impl HandshakeResponse {
    fn decode(payload: &[u8]) -> Option<Self> {
        let capabilities = u32::from_le_bytes(payload.get(..4)?.try_into().ok()?);
        let (user, rest) = packets::nul_terminated(payload.get(32..)?);
        let (auth_response, rest) = if capabilities & packets::LENGTH_ENCODED_AUTH != 0 {
            packets::length_encoded_bytes(rest)?
        } else {
            let (length, rest) = rest.split_first()?;
            rest.split_at_checked(usize::from(*length))?
        };
        let (database, rest) = if capabilities & packets::CONNECT_WITH_DB != 0 {
            packets::nul_terminated(rest)
        } else {
            (&[][..], rest)
        };
        let database = String::from_utf8_lossy(database).into_owned();
        Some(Self {
            capabilities,
            user: user.to_vec(),
            auth_response: auth_response.to_vec(),
            database: Some(database).filter(|name| !name.is_empty()),
            plugin: packets::nul_terminated(rest).0.to_vec(),
        })
    }
}

async fn send(connection: &mut ClientConnection, payload: &[u8]) -> Result<()> {
    let packet = packets::encode(connection.sequence, payload);
    connection.sequence = connection.sequence.wrapping_add(1);
    connection.send(&packet).await
}

async fn receive(connection: &mut ClientConnection) -> Result<Vec<u8>> {
    let packet = connection.read_packet().await?;
    connection.sequence = packet[3].wrapping_add(1);
    Ok(packet[4..].to_vec())
}

/// Logs the client in; `None` if it was rejected.
pub(super) async fn log_in(connection: &mut ClientConnection) -> Result<Option<HandshakeResponse>> {
    let shared = Arc::clone(&connection.shared);
    let plugin = match shared.auth {
        AuthPlugin::CachingSha2 => CACHING_SHA2,
        AuthPlugin::Native => NATIVE,
    };
    let nonce = auth::nonce();
    let version = shared
        .server_info
        .get()
        .map_or(&b"8.0.0"[..], Vec::as_slice);
    send(connection, &greeting(version, &nonce, plugin)).await?;
    let payload = receive(connection).await?;
    let Some(mut response) = HandshakeResponse::decode(&payload) else {
        return Err(Error::new(
            ErrorKind::InvalidData,
            "a malformed handshake response",
        ));
    };
    for (capability, kind, feature) in [
        (packets::SSL, "tls", "TLS, which was not offered,"),
        (
            packets::MULTI_STATEMENTS,
            "multi_statements",
            "more than one statement",
        ),
    ] {
        if response.capabilities & capability != 0 {
            shared.stats().add_rejection(kind);
            let message = Rejection::unsupported(kind, feature).message;
            let packet = packets::err_packet(connection.sequence, 1235, "42000", &message);
            connection.send(&packet).await?;
            return Ok(None);
        }
    }
    response.capabilities &= OFFERED_CAPABILITIES;
    if response.plugin != plugin.as_bytes() {
        let auth_switch = [&[0xfe], plugin.as_bytes(), &[0], &nonce, &[0]].concat();
        send(connection, &auth_switch).await?;
        response.auth_response = receive(connection).await?;
    }
    let is_valid = verify_password(connection, plugin, &nonce, &response.auth_response).await?
        && response.user == shared.upstream.user.as_bytes();
    connection.trigger(Trigger::Auth, "").await?;
    if is_valid {
        let packet = packets::ok_packet(connection.sequence, packets::AUTOCOMMIT);
        connection.send(&packet).await?;
        return Ok(Some(response));
    }
    shared.stats().add_rejection("wrong_password");
    let user = String::from_utf8_lossy(&response.user).into_owned();
    let message = format!("Access denied for user '{user}'@'localhost' (using password: YES)");
    let packet = packets::err_packet(connection.sequence, 1045, "28000", &message);
    connection.send(&packet).await?;
    Ok(None)
}

/// Checks whether the client knows the password.
async fn verify_password(
    connection: &mut ClientConnection,
    plugin: &str,
    nonce: &[u8],
    auth_response: &[u8],
) -> Result<bool> {
    let shared = Arc::clone(&connection.shared);
    let password = shared.upstream.password.as_str();
    let is_valid =
        auth::scramble(plugin, password, nonce).is_some_and(|expected| expected == auth_response);
    if plugin == NATIVE || password.is_empty() {
        return Ok(is_valid);
    }
    if is_valid && shared.caching_sha2.is_fast_path_open() {
        send(connection, auth::FAST_AUTH_SUCCESS).await?;
        return Ok(true);
    }
    // As a server does whose cache has no entry for the account.
    send(connection, auth::PERFORM_FULL_AUTH).await?;
    let mut received = receive(connection).await?;
    if received == auth::REQUEST_PUBLIC_KEY {
        let Some(key) = shared.caching_sha2.public_key() else {
            return Ok(false);
        };
        send(connection, &key).await?;
        let encrypted = receive(connection).await?;
        received = shared
            .caching_sha2
            .decrypt_password(&encrypted, nonce)
            .unwrap_or_default();
    }
    let is_valid = received.strip_suffix(&[0]) == Some(password.as_bytes());
    if is_valid {
        shared.caching_sha2.open_fast_path();
    }
    Ok(is_valid)
}

fn greeting(version: &[u8], nonce: &[u8; 20], plugin: &str) -> Vec<u8> {
    let [a, b, c, d] = OFFERED_CAPABILITIES.to_le_bytes();
    [
        &[10],
        version,
        &[0],
        // The connection id.
        &[1, 0, 0, 0],
        &nonce[..8],
        &[0, a, b, packets::COLLATION, 2, 0, c, d, 21],
        &[0; 10],
        &nonce[8..],
        &[0],
        plugin.as_bytes(),
        &[0],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_responses_are_decoded_in_both_forms() {
        let head = |capabilities: u32| [&capabilities.to_le_bytes()[..], &[0; 28]].concat();
        let long = packets::BASIC
            | packets::CONNECT_WITH_DB
            | packets::PLUGIN_AUTH
            | packets::LENGTH_ENCODED_AUTH;
        let payload = [head(long), b"me\0\x03abcsite\0plug\0".to_vec()].concat();
        let response = HandshakeResponse::decode(&payload);
        assert!(response.is_some_and(|response| {
            response.user == b"me"
                && response.auth_response == b"abc"
                && response.database.as_deref() == Some("site")
                && response.plugin == b"plug"
        }));
        let payload = [head(packets::BASIC), b"me\0\x03abc".to_vec()].concat();
        let response = HandshakeResponse::decode(&payload);
        assert!(response.is_some_and(
            |response| response.auth_response == b"abc" && response.database.is_none()
        ));
        assert_eq!(HandshakeResponse::decode(&head(packets::BASIC)), None);
        assert_eq!(HandshakeResponse::decode(&[]), None);
    }
}
