//! What can go wrong. No message holds the password or the value of a parameter.

use std::io;

use crate::reader::Reader;

/// A failure of the client. After [`Error::Io`], [`Error::Protocol`], [`Error::Auth`] and a result that is too large the
/// client is broken ([`crate::Client::is_broken`]); after the others it can be asked again, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream failed or ended.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The client broke earlier, or a question was given up before its answer was read.
    #[error("the connection is closed")]
    Closed,
    /// The server refused a statement or the login.
    #[error("the server says {code}: {message}")]
    Server {
        /// MySQL's number, such as 1062 for a duplicate key.
        code: u16,
        /// The SQLSTATE; `HY000` if the server gave none.
        state: [u8; 5],
        /// The server's own words, at most 1,024 bytes of them. They may quote values of the statement.
        message: String,
    },
    /// The server said what the protocol does not allow.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// The login cannot go on.
    #[error("cannot log in: {0}")]
    Auth(String),
    /// The client declines to do this, and has sent nothing of it.
    #[error("refused: {0}")]
    Refused(String),
    /// A cell is not what its column's type promises, or does not fit. The answer has been read to its end.
    #[error("cannot decode column {column}: {reason}")]
    Decode {
        /// The column's name.
        column: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A statement, a packet or a result exceeds its limit.
    #[error("a statement, a packet or a result is too large")]
    TooLarge,
}

/// What a message may be long; servers stay below 512 bytes.
const LONGEST_MESSAGE: usize = 1024;

impl Error {
    pub(crate) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol(what.into())
    }

    /// The error that an ERR packet carries.
    pub(crate) fn of_packet(packet: &[u8]) -> Self {
        let mut reader = Reader::new(packet);
        let Ok((0xff, code)) = reader.u8().and_then(|first| Ok((first, reader.u16()?))) else {
            return Self::protocol("an error without a number");
        };
        let mut rest = reader.rest();
        let mut state = *b"HY000";
        // Before the handshake is done a server may leave the state out.
        if let [b'#', given @ ..] = rest
            && let Some((given, message)) = given.split_first_chunk::<5>()
        {
            state = *given;
            rest = message;
        }
        let message =
            String::from_utf8_lossy(&rest[..rest.len().min(LONGEST_MESSAGE)]).into_owned();
        Self::Server {
            code,
            state,
            message,
        }
    }
}
