//! The client: login, statements one by one or many at once, and the end.
//!
//! Owns the order of questions and answers. An exchange that fails, or whose future is dropped, leaves the client
//! broken, so that no answer is ever taken for that of another question.

use std::io;

use mysql_common::constants::{CapabilityFlags, Command};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::answer::Collector;
use crate::auth::{Auth, Step};
use crate::handshake::{self, Greeting};
use crate::packet::Wire;
use crate::{Answer, Error, Param, literal};

/// What a login may take, keys and challenges included.
const LOGIN_ALLOWANCE: usize = 64 << 10;

/// Travels in front of the first statement, in the same packet of the network.
///
/// Strict: what does not fit is an error and not cut off. In UTC, so that moments are what they say.
const SET_UP: &str = "SET NAMES utf8mb4, time_zone = '+00:00', \
    sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'";

/// Who logs in, and within which limits.
#[derive(Clone, Copy)]
pub struct Config<'a> {
    /// The user.
    pub user: &'a str,
    /// The password; may be empty.
    pub password: &'a str,
    /// The database that names without one belong to.
    pub database: Option<&'a str>,
    /// How much the answers to one call may be, in bytes on the wire, and each of them in memory. 64 MiB by default.
    pub max_result: usize,
}

impl<'a> Config<'a> {
    /// With the limits by default.
    #[must_use]
    pub fn new(user: &'a str, password: &'a str, database: Option<&'a str>) -> Self {
        Self {
            user,
            password,
            database,
            max_result: 64 << 20,
        }
    }
}

impl std::fmt::Debug for Config<'_> {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Config")
            .field("user", &self.user)
            .field("database", &self.database)
            .field("max_result", &self.max_result)
            .finish_non_exhaustive()
    }
}

/// What guards a stream that is used as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Nothing. A password that the server must see whole is encrypted for the key that the server names, which whoever
    /// sits between could replace by his own.
    Off,
    /// Somebody else: a pool's own socket, or TLS that was there before.
    Outside,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Logged in, and the session not set up yet.
    Fresh,
    Ready,
    Broken,
}

/// A connection. One question at a time: whoever shares it puts a lock around it.
pub struct Client<S> {
    wire: Wire<S>,
    phase: Phase,
    deprecates_eof: bool,
    max_result: usize,
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
    /// Whether the client can be asked no more.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.phase == Phase::Broken
    }

    /// The server's version in its own words, such as `8.4.3` or `5.5.5-10.11.14-MariaDB`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Logs in on `stream` as it is.
    ///
    /// # Errors
    /// [`Error::Server`] with 1045 for a wrong password; [`Error::Auth`] and [`Error::Refused`] for what the server asks
    /// and does not get; [`Error::Io`] and [`Error::Protocol`].
    pub async fn connect(stream: S, config: &Config<'_>, tls: Tls) -> Result<Self, Error> {
        let mut wire = Wire::new(stream);
        let greeting = greet(&mut wire).await?;
        let wanted = greeting.wanted(config, false)?;
        Self::log_in(wire, greeting, wanted, config, tls == Tls::Outside).await
    }

    /// Logs in on what `upgrade` makes of `plain` once the server has agreed to TLS. It is `upgrade` that checks the
    /// server's certificate.
    ///
    /// # Errors
    /// As [`Client::connect`]; [`Error::Refused`] when the server does not offer TLS. Then nothing has been sent.
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
        let mut wire = Wire::new(plain);
        let greeting = greet(&mut wire).await?;
        let wanted = greeting.wanted(config, true)?;
        handshake::write_head(wire.open(), wanted);
        let sequence = wire.next_sequence();
        let sequence = wire.close(sequence)?;
        wire.send().await?;
        let mut wire = Wire::new(upgrade(wire.into_stream()?).await?);
        wire.expect(sequence);
        Self::log_in(wire, greeting, wanted, config, true).await
    }

    async fn log_in(
        mut wire: Wire<S>,
        greeting: Greeting,
        wanted: CapabilityFlags,
        config: &Config<'_>,
        is_secure: bool,
    ) -> Result<Self, Error> {
        if config.password.contains('\0') {
            return Err(Error::Auth("a password cannot hold NUL".to_owned()));
        }
        wire.allow(LOGIN_ALLOWANCE);
        let mut auth = Auth::new(greeting.plugin, greeting.nonce, config.password, is_secure);
        handshake::write_login(wire.open(), wanted, config, auth.plugin(), &auth.proof())?;
        loop {
            // Our packets and the server's are numbered in one row.
            let sequence = wire.next_sequence();
            let sequence = wire.close(sequence)?;
            wire.expect(sequence);
            let mut step = auth.step(wire.packet().await?)?;
            while step == Step::Wait {
                step = auth.step(wire.packet().await?)?;
            }
            let Step::Send(proof) = step else {
                break;
            };
            wire.open().extend_from_slice(&proof);
        }
        wire.send().await?;
        Ok(Self {
            wire,
            phase: Phase::Fresh,
            deprecates_eof: wanted.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF),
            max_result: config.max_result,
            version: greeting.version,
        })
    }

    /// Runs one statement, with `params` in place of its `?`, in one round trip.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::TooLarge`] for what cannot be sent, [`Error::Server`] for what the server refuses,
    /// [`Error::Decode`] for a cell that is not what its column promises. After any other the client is broken.
    pub async fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Answer, Error> {
        let mut answers = self.pipeline(&[(sql, params)]).await?;
        answers.pop().unwrap_or(Err(Error::Closed))
    }

    /// Runs several statements in one round trip, in this order. One that fails does not keep the next from being run.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::TooLarge`] when one of them cannot be sent; then none has been. After any other the
    /// client is broken, and nobody knows which of the statements were run. The errors of single statements are within.
    pub async fn pipeline(
        &mut self,
        statements: &[(&str, &[Param<'_>])],
    ) -> Result<Vec<Result<Answer, Error>>, Error> {
        if self.is_broken() {
            return Err(Error::Closed);
        }
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let replies = match self.queue(statements) {
            Ok(replies) => replies,
            Err(error) => {
                self.wire.discard();
                return Err(error);
            }
        };
        let is_set_up = self.phase == Phase::Ready;
        // Until the last answer is read; whoever drops this future before leaves it so.
        self.phase = Phase::Broken;
        if self.wire.has_unread() {
            return Err(Error::protocol("the server spoke out of turn"));
        }
        self.wire.allow(self.max_result);
        if !is_set_up {
            self.wire.expect(1);
            self.answer().await??;
        }
        let mut answers = Vec::with_capacity(replies.len());
        for sequence in replies {
            self.wire.expect(sequence);
            answers.push(self.answer().await?);
        }
        // A server that refuses a statement for its size answers before it has all of it, and hangs up.
        if self.wire.send().await.is_ok() {
            self.phase = Phase::Ready;
        }
        Ok(answers)
    }

    /// Queues the statements, and gives the number that each reply begins with.
    fn queue(&mut self, statements: &[(&str, &[Param<'_>])]) -> Result<Vec<u8>, Error> {
        if self.phase == Phase::Fresh {
            self.queue_one(SET_UP, &[])?;
        }
        statements
            .iter()
            .map(|(sql, params)| self.queue_one(sql, params))
            .collect()
    }

    fn queue_one(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u8, Error> {
        let packet = self.wire.open();
        packet.push(Command::COM_QUERY as u8);
        literal::interpolate(packet, sql, params)?;
        self.wire.close(0)
    }

    /// The next answer. The outer error leaves the connection in doubt, the inner one is the statement's own.
    async fn answer(&mut self) -> Result<Result<Answer, Error>, Error> {
        let mut collector = Collector::new(self.deprecates_eof, self.max_result);
        while !collector.take(self.wire.packet().await?)? {}
        Ok(collector.finish())
    }

    /// Says goodbye and closes the stream. To drop the client closes it as well, but lets the server guess why.
    ///
    /// # Errors
    /// [`Error::Io`] when the stream had failed already.
    pub async fn quit(mut self) -> Result<(), Error> {
        if !self.is_broken() {
            self.wire.open().push(Command::COM_QUIT as u8);
            self.wire.close(0)?;
            self.wire.send().await?;
        }
        self.wire.shut_down().await
    }
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(wire: &mut Wire<S>) -> Result<Greeting, Error> {
    wire.allow(LOGIN_ALLOWANCE);
    Greeting::read(wire.packet().await?)
}
