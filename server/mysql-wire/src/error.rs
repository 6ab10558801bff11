//! Errors of the client. No message contains the password or the value of a parameter.

use std::io;

/// An error of the client. After [`Error::Io`], [`Error::Protocol`], [`Error::Auth`], [`Error::Plugin`] and a result that is too large the
/// client is broken ([`crate::Client::is_broken`]). After the others it can still be used, unless it reports otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream failed or ended.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The client broke earlier, or a call was cancelled before its response was read.
    #[error("the connection is closed")]
    Closed,
    /// The server rejected a statement or the login.
    #[error("server error {code}: {message}")]
    Server {
        /// MySQL's error code, such as 1062 for a duplicate key.
        code: u16,
        /// The SQLSTATE; `HY000` if the server sent none.
        state: [u8; 5],
        /// The server's message, cut off after 1,024 bytes. It may quote values of the statement.
        message: String,
    },
    /// The server violated the protocol.
    #[error("the server violated the MySQL protocol: {0}")]
    Protocol(String),
    /// The login cannot be completed.
    #[error("cannot log in: {0}")]
    Auth(String),
    /// The server asks for an authentication plugin of this name, which is not supported.
    #[error(
        "the server asks for the authentication plugin {0}; mysql_native_password and caching_sha2_password are supported"
    )]
    Plugin(String),
    /// The client declines the operation. Nothing of it was sent.
    #[error("refused: {0}")]
    Refused(String),
    /// A value does not match its column's type, or does not fit. The result was read to its end.
    #[error("cannot decode column {column}: {reason}")]
    Decode {
        /// The column's name.
        column: String,
        /// The reason, without the value.
        reason: &'static str,
    },
    /// A statement, a packet or a result exceeds its limit.
    #[error("a statement, a packet or a result is too large")]
    TooLarge,
}

impl Error {
    pub(crate) fn protocol(reason: impl Into<String>) -> Self {
        Self::Protocol(reason.into())
    }
}
