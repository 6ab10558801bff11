//! MySQL's packets: three bytes of length, a sequence number, a payload; and the integers and strings inside.

use crate::fault_plan::FaultKind;

pub(crate) const CONNECT_WITH_DB: u32 = 1 << 3;
pub(crate) const FOUND_ROWS: u32 = 1 << 1;
pub(crate) const SSL: u32 = 1 << 11;
pub(crate) const MULTI_STATEMENTS: u32 = 1 << 16;
pub(crate) const PLUGIN_AUTH: u32 = 1 << 19;
pub(crate) const LENGTH_ENCODED_AUTH: u32 = 1 << 21;
pub(crate) const DEPRECATE_EOF: u32 = 1 << 24;
/// `LONG_PASSWORD`, `LONG_FLAG`, `PROTOCOL_41`, `TRANSACTIONS`, `SECURE_CONNECTION`: supported by every server.
pub(crate) const BASIC: u32 = 1 | 1 << 2 | 1 << 9 | 1 << 13 | 1 << 15;

/// `utf8mb4_general_ci`.
pub(crate) const COLLATION: u8 = 45;

/// Status flag: the session is in a transaction.
pub(crate) const IN_TRANSACTION: u16 = 1;
/// Status flag: autocommit is on.
pub(crate) const AUTOCOMMIT: u16 = 1 << 1;
const MORE_RESULTS: u16 = 1 << 3;
/// A packet with a payload of this size continues in the next.
const MAX_PAYLOAD_BYTES: usize = 0xff_ffff;

/// Returns the length of the packet at the start, including its header.
pub(crate) fn packet_length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..4)?;
    Some(4 + u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize)
}

/// Returns the length of the command at the start, which may span several packets, if it is complete.
pub(crate) fn command_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let length = packet_length(&bytes[at..]).filter(|length| at + length <= bytes.len())?;
        at += length;
        if length - 4 < MAX_PAYLOAD_BYTES {
            return Some(at);
        }
    }
}

/// Joins the payloads of complete packets.
pub(crate) fn join_payloads(mut bytes: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(bytes.len());
    while let Some(length) = packet_length(bytes).filter(|length| *length <= bytes.len()) {
        payload.extend_from_slice(&bytes[4..length]);
        bytes = &bytes[length..];
    }
    payload
}

/// Encodes a payload that fits in one packet.
pub(crate) fn encode(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or(u32::MAX)
        .to_le_bytes();
    [&length[..3], &[sequence], payload].concat()
}

/// Encodes an OK packet with these status flags.
pub(crate) fn ok_packet(sequence: u8, status: u16) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    encode(sequence, &[0, 0, 0, low, high, 0, 0])
}

/// Encodes an ERR packet. In place of a greeting it has no SQLSTATE.
pub(crate) fn err_packet(sequence: u8, code: u16, state: &str, message: &str) -> Vec<u8> {
    let mut payload = vec![0xff];
    payload.extend_from_slice(&code.to_le_bytes());
    if sequence > 0 {
        payload.extend_from_slice(format!("#{state}").as_bytes());
    }
    payload.extend_from_slice(message.as_bytes());
    encode(sequence, &payload)
}

/// Encodes the error that ends a connection.
pub(crate) fn fatal_error(kind: FaultKind, sequence: u8) -> Vec<u8> {
    if kind == FaultKind::NoConnection {
        let message = "Failed to acquire a connection from the pool.";
        return err_packet(sequence, 1105, "HY000", message);
    }
    err_packet(sequence, 1053, "08S01", "Server shutdown in progress")
}

/// Splits off a length-encoded integer.
fn length_encoded_int(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let length = match first {
        0..=0xfa => return Some((u64::from(*first), rest)),
        0xfc => 2,
        0xfd => 3,
        0xfe => 8,
        _ => return None,
    };
    let mut wide = [0; 8];
    wide[..length].copy_from_slice(rest.get(..length)?);
    Some((u64::from_le_bytes(wide), &rest[length..]))
}

/// Splits off a length-encoded string.
pub(crate) fn length_encoded_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = length_encoded_int(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// Splits off a string that ends with NUL or with the bytes.
pub(crate) fn nul_terminated(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// Follows the response to a query, packet by packet, to its end.
pub(crate) struct ResponseTracker {
    expected: Expected,
    has_eof: bool,
    /// The next packet continues the last one.
    is_continued: bool,
    /// The last status flags of the response.
    pub(crate) status: Option<u16>,
    pub(crate) has_error: bool,
}

enum Expected {
    Start,
    Columns(u64),
    EndOfColumns,
    Rows,
}

impl ResponseTracker {
    pub(crate) fn new(capabilities: u32) -> Self {
        Self {
            expected: Expected::Start,
            has_eof: capabilities & DEPRECATE_EOF == 0,
            is_continued: false,
            status: None,
            has_error: false,
        }
    }

    /// Reads a packet and returns true if it is the last of the response.
    pub(crate) fn is_last(&mut self, packet: &[u8]) -> bool {
        let payload = &packet[4..];
        let is_continuation =
            std::mem::replace(&mut self.is_continued, payload.len() == MAX_PAYLOAD_BYTES);
        if is_continuation {
            return false;
        }
        let first = payload.first().copied().unwrap_or(0);
        match (&mut self.expected, first) {
            (Expected::Start | Expected::Rows, 0xff) => {
                self.has_error = true;
                true
            }
            // An OK packet, or a request for a local file, which clients cannot offer.
            (Expected::Start, 0 | 0xfb) => self.end_result(ok_status(payload)),
            (Expected::Start, _) => {
                self.expected =
                    Expected::Columns(length_encoded_int(payload).map_or(1, |(count, _)| count));
                false
            }
            (Expected::Columns(left), _) => {
                *left -= 1;
                if *left == 0 {
                    self.expected = if self.has_eof {
                        Expected::EndOfColumns
                    } else {
                        Expected::Rows
                    };
                }
                false
            }
            (Expected::EndOfColumns, _) => {
                self.expected = Expected::Rows;
                false
            }
            (Expected::Rows, 0xfe) if self.has_eof && payload.len() < 9 => {
                let status = payload.get(3..5).and_then(|status| status.try_into().ok());
                self.end_result(status.map(u16::from_le_bytes))
            }
            (Expected::Rows, 0xfe) if !self.has_eof && payload.len() < MAX_PAYLOAD_BYTES => {
                self.end_result(ok_status(payload))
            }
            (Expected::Rows, _) => false,
        }
    }

    fn end_result(&mut self, status: Option<u16>) -> bool {
        self.status = status;
        self.expected = Expected::Start;
        status.is_none_or(|status| status & MORE_RESULTS == 0)
    }
}

/// Reads the status flags of an OK packet.
fn ok_status(payload: &[u8]) -> Option<u16> {
    let (_, rest) = length_encoded_int(payload.get(1..)?)?;
    let (_, rest) = length_encoded_int(rest)?;
    Some(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the number of packets up to the end of the response.
    fn track(capabilities: u32, payloads: &[&[u8]]) -> (usize, ResponseTracker) {
        let mut tracker = ResponseTracker::new(capabilities);
        let end = payloads
            .iter()
            .position(|payload| tracker.is_last(&encode(1, payload)));
        (end.map_or(0, |at| at + 1), tracker)
    }

    #[test]
    fn the_end_of_a_response_is_found() {
        let (count, tracker) = track(0, &[&[0, 0xfc, 1, 2, 0, 3, 0, 0, 0]]);
        assert_eq!((count, tracker.status), (1, Some(3)));
        let row: &[u8] = &[0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        let (count, tracker) = track(
            0,
            &[
                &[1],
                b"column",
                &[0xfe, 0, 0, 2, 0],
                row,
                &[0xfe, 0, 0, 2, 0],
            ],
        );
        assert_eq!((count, tracker.status), (5, Some(2)));
        let (count, tracker) = track(
            DEPRECATE_EOF,
            &[&[2], b"a", b"b", &[0], &[0xfe, 0, 0, 1, 0, 0, 0]],
        );
        assert_eq!((count, tracker.status), (5, Some(1)));
        let (count, tracker) = track(DEPRECATE_EOF, &[&[1], b"a", &[0xff, 1, 2]]);
        assert!(count == 3 && tracker.has_error);
        // Two results, and a column whose definition looks like an ERR packet.
        let (count, _) = track(
            DEPRECATE_EOF,
            &[
                &[0, 0, 0, 8, 0, 0, 0],
                &[1],
                &[0xff],
                &[0xfe, 0, 0, 2, 0, 0, 0],
            ],
        );
        assert_eq!(count, 4);
    }

    #[test]
    fn a_long_command_spans_packets() {
        let long = [encode(0, &vec![b'a'; MAX_PAYLOAD_BYTES]), encode(1, b"b")].concat();
        assert_eq!(command_length(&long), Some(long.len()));
        assert_eq!(command_length(&long[..MAX_PAYLOAD_BYTES + 4]), None);
        assert_eq!(join_payloads(&long).len(), MAX_PAYLOAD_BYTES + 1);
    }

    #[test]
    fn length_encoded_strings_are_split_off() {
        assert_eq!(
            length_encoded_bytes(&[2, b'a', b'b', b'c']),
            Some((&b"ab"[..], &b"c"[..]))
        );
        assert_eq!(
            length_encoded_bytes(&[0xfc, 1, 0, b'a']),
            Some((&b"a"[..], &b""[..]))
        );
        assert_eq!(length_encoded_bytes(&[9, b'a']), None);
        assert_eq!(
            length_encoded_bytes(&[0xfe, 255, 255, 255, 255, 255, 255, 255, 255]),
            None
        );
    }
}
