//! The log-in, before tokio-postgres sees the stream, to which it looks as if no password was required.
//!
//! tokio-postgres cannot keep the key of a log-in, and computing it costs a Worker 3 ms of CPU each time.

use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::errors;
use super::greeted::Greeted;
use super::scram::Scram;
use crate::DbError;
use crate::drivers::sentences;
use crate::drivers::server_options::{ServerOptions, Tls};

/// The most bytes of a message that a server sends before the log-in is done.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The most such messages; PostgreSQL sends about twenty.
const MAX_MESSAGES: usize = 1000;

/// Requests TLS from the server; the caller then starts it on the stream.
///
/// # Errors
/// [`DbError::Unavailable`] when the server has no TLS, [`DbError::Lost`] when it went away.
pub async fn request_tls<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<(), DbError> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await.map_err(errors::lost)?;
    stream.flush().await.map_err(errors::lost)?;
    match stream.read_u8().await.map_err(errors::lost)? {
        b'S' => Ok(()),
        // Poolers and servers before a connection has its process refuse it without an answer to the request.
        b'E' => Err(DbError::Lost(
            "the server refused the connection before it was encrypted".to_owned(),
        )),
        other if other != b'N' => Err(errors::not_postgres()),
        _ => Err(DbError::Unavailable(
            "The PostgreSQL server has no TLS. Turn it on there, or add `sslmode=disable` to the URL if nobody can listen \
             on the way."
                .to_owned(),
        )),
    }
}

/// Logs in. Returns the stream as if the server had required no password.
pub(super) async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    server: &ServerOptions,
) -> Result<Greeted<S>, DbError> {
    let mut out = BytesMut::new();
    let own = [
        ("client_encoding", "UTF8"),
        ("user", &server.user),
        ("database", &server.database),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let session = server.session.iter().map(|(name, value)| match *name {
        "schema" => ("search_path", quoted(value)),
        name => (name, value.clone()),
    });
    let parameters: Vec<(&str, String)> = own.into_iter().chain(session).collect();
    let parameters = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    frontend::startup_message(parameters, &mut out).map_err(errors::lost)?;
    send(&mut stream, &mut out).await?;

    let mut scram = None;
    let mut incoming = BytesMut::with_capacity(4096);
    let mut greeting = BytesMut::new();
    for _ in 0..MAX_MESSAGES {
        let mut frame = frame(&mut stream, &mut incoming).await?;
        if !greeting.is_empty() && frame[0] != b'E' {
            greeting.extend_from_slice(&frame);
            if frame[0] == b'Z' {
                greeting.extend_from_slice(&incoming);
                return Ok(Greeted::new(stream, greeting));
            }
            continue;
        }
        let raw = frame.clone();
        let message = Message::parse(&mut frame)
            .ok()
            .flatten()
            .ok_or_else(errors::not_postgres)?;
        match message {
            Message::AuthenticationOk => greeting.extend_from_slice(&raw),
            Message::AuthenticationCleartextPassword if is_private(server) => {
                frontend::password_message(server.password.expose().as_bytes(), &mut out)
                    .map_err(errors::lost)?;
                send(&mut stream, &mut out).await?;
            }
            Message::AuthenticationCleartextPassword => {
                return Err(DbError::Unavailable(
                    "The PostgreSQL server asks for the password in the clear over a connection that is not encrypted; it is \
                     not sent."
                        .to_owned(),
                ));
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(
                    server.user.as_bytes(),
                    server.password.expose().as_bytes(),
                    body.salt(),
                );
                frontend::password_message(hash.as_bytes(), &mut out).map_err(errors::lost)?;
                send(&mut stream, &mut out).await?;
            }
            Message::AuthenticationSasl(_) => {
                let begun = Scram::new(server.password.expose());
                frontend::sasl_initial_response(
                    "SCRAM-SHA-256",
                    begun.first().as_bytes(),
                    &mut out,
                )
                .map_err(errors::lost)?;
                scram = Some(begun);
                send(&mut stream, &mut out).await?;
            }
            Message::AuthenticationSaslContinue(body) => {
                let scram = scram.as_mut().ok_or_else(errors::not_postgres)?;
                let proof = scram.prove(body.data()).await?;
                frontend::sasl_response(proof.as_bytes(), &mut out).map_err(errors::lost)?;
                send(&mut stream, &mut out).await?;
            }
            Message::AuthenticationSaslFinal(body) => scram
                .as_ref()
                .ok_or_else(errors::not_postgres)?
                .verify(body.data())?,
            Message::ErrorResponse(body) => return Err(errors::from_response(&body, &server.tls)),
            Message::NoticeResponse(_) => {}
            Message::AuthenticationGss
            | Message::AuthenticationSspi
            | Message::AuthenticationKerberosV5 => {
                return Err(sentences::unknown_log_in(
                    server.dialect.product(),
                    "GSSAPI or Kerberos",
                    "a password",
                ));
            }
            _ => return Err(errors::not_postgres()),
        }
    }
    Err(errors::not_postgres())
}

/// Quotes a name, so that it is one schema in the search path, with its capitals.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// True if the connection cannot be read on the network.
fn is_private(server: &ServerOptions) -> bool {
    server.tls != Tls::Off
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, out: &mut BytesMut) -> Result<(), DbError> {
    stream.write_all(out).await.map_err(errors::lost)?;
    out.clear();
    stream.flush().await.map_err(errors::lost)
}

/// Reads one message with its head.
async fn frame<S: AsyncRead + Unpin>(
    stream: &mut S,
    incoming: &mut BytesMut,
) -> Result<BytesMut, DbError> {
    loop {
        if let [_, head @ ..] = &incoming[..]
            && let Some(length) = head.first_chunk::<4>()
        {
            let length = u32::from_be_bytes(*length) as usize;
            if !(4..=MAX_MESSAGE_BYTES).contains(&length) {
                return Err(errors::not_postgres());
            }
            if incoming.len() > length {
                return Ok(incoming.split_to(length + 1));
            }
        }
        if stream.read_buf(incoming).await.map_err(errors::lost)? == 0 {
            return Err(DbError::Lost(
                "the server closed the connection during the log-in".to_owned(),
            ));
        }
    }
}
