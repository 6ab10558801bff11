//! Decoding of ERR packets.

use crate::Error;
use crate::reader::Reader;

/// Servers keep their messages below 512 bytes.
const MAX_MESSAGE_BYTES: usize = 1024;

/// Decodes an ERR packet; a malformed one becomes [`Error::Protocol`].
pub(crate) fn decode(packet: &[u8]) -> Error {
    let mut reader = Reader::new(packet);
    let Ok((0xff, code)) = reader.u8().and_then(|first| Ok((first, reader.u16()?))) else {
        return Error::protocol("an ERR packet without an error code");
    };
    let mut message = reader.rest();
    let mut state = *b"HY000";
    // Before the handshake is complete a server may leave the SQLSTATE out.
    if let [b'#', rest @ ..] = message
        && let Some((given, rest)) = rest.split_first_chunk::<5>()
    {
        state = *given;
        message = rest;
    }
    let message = &message[..message.len().min(MAX_MESSAGE_BYTES)];
    Error::Server {
        code,
        state,
        message: String::from_utf8_lossy(message).into_owned(),
    }
}
