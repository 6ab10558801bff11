//! The login of a client: startup message and SCRAM.

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

use super::messages::{
    self, AUTHENTICATION_OK, AUTHENTICATION_SASL, AUTHENTICATION_SASL_CONTINUE,
    AUTHENTICATION_SASL_FINAL, authentication,
};
use super::scram::{MECHANISM, ScramServer};
use crate::client_connection::ClientConnection;
use crate::fault_plan::Trigger;

const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;

/// Logs the client in and returns the database that it chose; `None` if it was rejected.
pub(super) async fn log_in(connection: &mut ClientConnection) -> Result<Option<String>> {
    let Some(parameters) = read_startup(connection).await? else {
        return Ok(None);
    };
    let shared = Arc::clone(&connection.shared);
    let upstream = &shared.upstream;
    let find = |name: &str| {
        parameters
            .chunks(2)
            .find(|pair| pair[0] == name)?
            .get(1)
            .cloned()
    };
    let mechanisms = format!("{MECHANISM}\0\0");
    connection
        .send(&authentication(AUTHENTICATION_SASL, mechanisms.as_bytes()))
        .await?;
    let initial = connection.read_packet().await?;
    let scram = sasl_initial_response(&initial).and_then(|client_first| {
        ScramServer::begin(&shared.salted_passwords, &upstream.password, client_first)
    });
    let mut server_final = None;
    if let Some((scram, server_first)) = scram {
        connection
            .send(&authentication(
                AUTHENTICATION_SASL_CONTINUE,
                server_first.as_bytes(),
            ))
            .await?;
        let response = connection.read_packet().await?;
        server_final = std::str::from_utf8(response.get(5..).unwrap_or(&[]))
            .ok()
            .and_then(|client_final| scram.finish(client_final));
    }
    connection.trigger(Trigger::Auth, "").await?;
    let user = find("user").unwrap_or_default();
    let Some(server_final) = server_final.filter(|_| user == upstream.user) else {
        shared.stats().add_rejection("wrong_password");
        let message = format!("password authentication failed for user \"{user}\"");
        connection
            .send(&messages::error_response("FATAL", "28P01", &message))
            .await?;
        return Ok(None);
    };
    let mut welcome = authentication(AUTHENTICATION_SASL_FINAL, server_final.as_bytes());
    welcome.extend(authentication(AUTHENTICATION_OK, &[]));
    welcome.extend_from_slice(shared.server_info.get().map_or(&[], Vec::as_slice));
    welcome.extend(messages::encode(b'K', &rand::random::<[u8; 8]>()));
    welcome.extend(messages::ready_for_query(b'I'));
    connection.send(&welcome).await?;
    let database = find("database").unwrap_or_else(|| upstream.database.clone());
    Ok(Some(database))
}

/// Reads the startup message: names and values of its parameters in turn; `None` if the client sends a request to cancel.
async fn read_startup(connection: &mut ClientConnection) -> Result<Option<Vec<String>>> {
    loop {
        let message = loop {
            match messages::untagged_length(connection.buffer()) {
                Some(length) if length <= connection.buffer().len() => {
                    break connection.take(length);
                }
                _ => connection.read_more().await?,
            }
        };
        let (code, mut rest) = message[4..]
            .split_first_chunk::<4>()
            .ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
        match u32::from_be_bytes(*code) {
            // No encryption, because a Worker's socket is secure already.
            SSL_REQUEST | GSSENC_REQUEST => connection.send(b"N").await?,
            messages::PROTOCOL_VERSION => {
                let mut parameters = Vec::new();
                while let Some((text, more)) = messages::nul_terminated(rest) {
                    parameters.push(text);
                    rest = more;
                }
                return Ok(Some(parameters));
            }
            // A request to cancel, which Hyperdrive does not support either.
            _ => return Ok(None),
        }
    }
}

/// Extracts the client-first-message from a SASLInitialResponse.
fn sasl_initial_response(message: &[u8]) -> Option<&str> {
    let body = message.get(5..)?;
    let rest = body
        .strip_prefix(MECHANISM.as_bytes())?
        .strip_prefix(&[0])?;
    std::str::from_utf8(rest.get(4..)?).ok()
}
