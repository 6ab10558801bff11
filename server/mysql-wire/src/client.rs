//! The client: login, queries, pipelines and quitting.
//!
//! Matches responses to statements. A call that fails or is cancelled midway leaves the client broken, so that no response
//! is ever taken for that of another statement.

use std::io;

use mysql_common::constants::{CapabilityFlags, Command};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::auth::{Authenticator, Step};
use crate::handshake::{self, Greeting};
use crate::packet_stream::PacketStream;
use crate::query_result::ResultReader;
use crate::{Config, Error, Param, QueryResult, Tls, literal};

/// Limit for the server's packets during login, including its public key.
const MAX_LOGIN_BYTES: usize = 64 << 10;

/// Session setup, sent together with the first statement.
///
/// Strict mode: a value that does not fit is an error and is not cut off. UTC: no conversion of dates and times.
const SESSION_SETUP: &str = "SET NAMES utf8mb4, time_zone = '+00:00', \
    sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Logged in; the session is not set up yet.
    LoggedIn,
    Ready,
    Broken,
}

/// A connection that runs one call at a time. To share it, put a lock around it.
pub struct Client<S> {
    stream: PacketStream<S>,
    phase: Phase,
    deprecates_eof: bool,
    max_result_bytes: usize,
    version: String,
}

impl<S> std::fmt::Debug for Client<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Client")
            .field("version", &self.version)
            .field("is_broken", &self.is_broken())
            .finish_non_exhaustive()
    }
}

impl<S> Client<S> {
    /// Returns true if the client can no longer be used.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.phase == Phase::Broken
    }

    /// The version string of the server, such as `8.4.3` or `5.5.5-10.11.14-MariaDB`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Logs in on `stream`.
    ///
    /// # Errors
    /// [`Error::Server`] with 1045 for a wrong password; [`Error::Auth`], [`Error::Plugin`] and [`Error::Refused`] for a kind of login that is
    /// not supported; [`Error::Io`] and [`Error::Protocol`].
    pub async fn connect(stream: S, config: &Config<'_>, tls: Tls) -> Result<Self, Error> {
        let mut stream = PacketStream::new(stream);
        let greeting = read_greeting(&mut stream).await?;
        let capabilities = greeting.negotiate(config, false)?;
        Self::log_in(stream, greeting, capabilities, config, tls == Tls::External).await
    }

    /// Requests TLS on `plain`, then logs in on the stream that `upgrade` returns. `upgrade` must verify the server's
    /// certificate.
    ///
    /// # Errors
    /// As [`Client::connect`], and [`Error::Refused`] if the server does not offer TLS. Nothing was sent in that case.
    pub async fn connect_tls<P, U, F>(
        plain: P,
        config: &Config<'_>,
        upgrade: U,
    ) -> Result<Self, Error>
    where
        P: AsyncRead + AsyncWrite + Unpin,
        U: FnOnce(P) -> F,
        F: Future<Output = io::Result<S>>,
    {
        let mut stream = PacketStream::new(plain);
        let greeting = read_greeting(&mut stream).await?;
        let capabilities = greeting.negotiate(config, true)?;
        handshake::write_ssl_request(stream.begin_packet(), capabilities);
        let sequence = stream.next_sequence();
        let sequence = stream.end_packet(sequence)?;
        stream.flush().await?;
        let mut stream = PacketStream::new(upgrade(stream.into_inner()?).await?);
        stream.expect_sequence(sequence);
        Self::log_in(stream, greeting, capabilities, config, true).await
    }

    async fn log_in(
        mut stream: PacketStream<S>,
        greeting: Greeting,
        capabilities: CapabilityFlags,
        config: &Config<'_>,
        is_secure: bool,
    ) -> Result<Self, Error> {
        if config.password.contains('\0') {
            return Err(Error::Auth("a password cannot contain NUL".to_owned()));
        }
        stream.set_read_limit(MAX_LOGIN_BYTES);
        let mut auth =
            Authenticator::new(greeting.plugin, greeting.nonce, config.password, is_secure);
        handshake::write_response(
            stream.begin_packet(),
            capabilities,
            config,
            auth.plugin(),
            &auth.response(),
        )?;
        loop {
            // During login the packets of both sides share one sequence.
            let sequence = stream.next_sequence();
            let sequence = stream.end_packet(sequence)?;
            stream.expect_sequence(sequence);
            let mut step = auth.step(stream.read_packet().await?)?;
            while step == Step::Wait {
                step = auth.step(stream.read_packet().await?)?;
            }
            let response = match step {
                Step::Send(response) => response,
                Step::Encrypt(key) => auth.encrypt(&key).await?,
                Step::Wait | Step::Done => break,
            };
            stream.begin_packet().extend_from_slice(&response);
        }
        stream.flush().await?;
        Ok(Self {
            stream,
            phase: Phase::LoggedIn,
            deprecates_eof: capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF),
            max_result_bytes: config.max_result_bytes,
            version: greeting.version,
        })
    }

    /// Runs one statement, with `params` in place of its `?`, in one round trip.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::TooLarge`] for a statement that cannot be sent, [`Error::Server`] for one that the
    /// server rejects, [`Error::Decode`] for a value that does not match its column's type. After any other error the client
    /// is broken.
    pub async fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<QueryResult, Error> {
        let mut results = self.pipeline(&[(sql, params)]).await?;
        results.pop().unwrap_or(Err(Error::Closed))
    }

    /// Runs several statements in order, in one round trip. A failed statement does not stop the following ones.
    ///
    /// # Errors
    /// The outer result is [`Error::Refused`] or [`Error::TooLarge`] if one of the statements cannot be sent; none was sent
    /// in that case. After any other outer error the client is broken, and it is unknown which statements were run. The
    /// inner results hold the errors of single statements.
    pub async fn pipeline(
        &mut self,
        statements: &[(&str, &[Param<'_>])],
    ) -> Result<Vec<Result<QueryResult, Error>>, Error> {
        if self.is_broken() {
            return Err(Error::Closed);
        }
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let sequences = match self.queue(statements) {
            Ok(sequences) => sequences,
            Err(error) => {
                self.stream.discard_output();
                return Err(error);
            }
        };
        let is_set_up = self.phase == Phase::Ready;
        // Until the last response is read, so that a cancelled call leaves the client broken.
        self.phase = Phase::Broken;
        if self.stream.has_unread() {
            return Err(Error::protocol("unrequested data"));
        }
        self.stream.set_read_limit(self.max_result_bytes);
        if !is_set_up {
            self.stream.expect_sequence(1);
            self.read_result().await??;
        }
        let mut results = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            self.stream.expect_sequence(sequence);
            results.push(self.read_result().await?);
        }
        // A server that rejects a statement for its size responds before it has received all of it, and disconnects.
        if self.stream.flush().await.is_ok() {
            self.phase = Phase::Ready;
        }
        Ok(results)
    }

    /// Queues the statements and returns the first sequence number of each response.
    fn queue(&mut self, statements: &[(&str, &[Param<'_>])]) -> Result<Vec<u8>, Error> {
        if self.phase == Phase::LoggedIn {
            self.queue_one(SESSION_SETUP, &[])?;
        }
        statements
            .iter()
            .map(|(sql, params)| self.queue_one(sql, params))
            .collect()
    }

    fn queue_one(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u8, Error> {
        let packet = self.stream.begin_packet();
        packet.push(Command::COM_QUERY as u8);
        literal::interpolate(packet, sql, params)?;
        self.stream.end_packet(0)
    }

    /// Reads the next response. The outer error leaves the connection in an unknown state, the inner one is the
    /// statement's own.
    async fn read_result(&mut self) -> Result<Result<QueryResult, Error>, Error> {
        let mut reader = ResultReader::new(self.deprecates_eof, self.max_result_bytes);
        while !reader.read(self.stream.read_packet().await?)? {}
        Ok(reader.finish())
    }

    /// Sends COM_QUIT and closes the stream. Dropping the client closes the stream without COM_QUIT.
    ///
    /// # Errors
    /// [`Error::Io`] if the stream fails.
    pub async fn quit(mut self) -> Result<(), Error> {
        if !self.is_broken() {
            self.stream.begin_packet().push(Command::COM_QUIT as u8);
            self.stream.end_packet(0)?;
            self.stream.flush().await?;
        }
        self.stream.shutdown().await
    }
}

async fn read_greeting<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut PacketStream<S>,
) -> Result<Greeting, Error> {
    stream.set_read_limit(MAX_LOGIN_BYTES);
    Greeting::read(stream.read_packet().await?)
}
