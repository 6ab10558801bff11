//! MySQL's packets: three bytes of length, a number, a body; and the numbers and texts inside.

use crate::plan::FaultKind;

pub(crate) const CONNECT_WITH_DB: u32 = 1 << 3;
pub(crate) const FOUND_ROWS: u32 = 1 << 1;
pub(crate) const SSL: u32 = 1 << 11;
pub(crate) const MULTI_STATEMENTS: u32 = 1 << 16;
pub(crate) const PLUGIN_AUTH: u32 = 1 << 19;
pub(crate) const LENGTH_ENCODED_AUTH: u32 = 1 << 21;
pub(crate) const DEPRECATE_EOF: u32 = 1 << 24;
/// `LONG_PASSWORD`, `LONG_FLAG`, `PROTOCOL_41`, `TRANSACTIONS`, `SECURE_CONNECTION`: what everybody can.
pub(crate) const BASIC: u32 = 1 | 1 << 2 | 1 << 9 | 1 << 13 | 1 << 15;

/// The session is in a transaction.
pub(crate) const IN_TRANSACTION: u16 = 1;
const MORE_RESULTS: u16 = 1 << 3;
/// A packet of this length goes on in the next.
const FULL: usize = 0xff_ffff;

/// The length of the packet that starts here, its header included.
pub(crate) fn packet(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..4)?;
    Some(4 + u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize)
}

/// The length of what starts here, which may be several packets, once it is whole.
pub(crate) fn whole(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let length = packet(&bytes[at..]).filter(|length| at + length <= bytes.len())?;
        at += length;
        if length - 4 < FULL {
            return Some(at);
        }
    }
}

/// What whole packets say, without their headers.
pub(crate) fn body(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(bytes.len());
    while let Some(length) = packet(bytes).filter(|length| *length <= bytes.len()) {
        body.extend_from_slice(&bytes[4..length]);
        bytes = &bytes[length..];
    }
    body
}

/// A packet; its body is short.
pub(crate) fn make(sequence: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..3], &[sequence], body].concat()
}

/// An OK that says nothing but where the session is.
pub(crate) fn okay(sequence: u8, status: u16) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    make(sequence, &[0, 0, 0, low, high, 0, 0])
}

/// An ERR. Before the greeting there is no SQLSTATE.
pub(crate) fn error(sequence: u8, code: u16, state: &str, message: &str) -> Vec<u8> {
    let mut body = vec![0xff];
    body.extend_from_slice(&code.to_le_bytes());
    if sequence > 0 {
        body.extend_from_slice(format!("#{state}").as_bytes());
    }
    body.extend_from_slice(message.as_bytes());
    make(sequence, &body)
}

/// The error that ends a connection.
pub(crate) fn fatal(kind: FaultKind, sequence: u8) -> Vec<u8> {
    if kind == FaultKind::NoConnection {
        let message = "Failed to acquire a connection from the pool.";
        return error(sequence, 1105, "HY000", message);
    }
    error(sequence, 1053, "08S01", "Server shutdown in progress")
}

/// The number at the start, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
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

/// The bytes whose length stands at the start, and what follows them.
pub(crate) fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// The text up to the next NUL or the end, and what follows it.
pub(crate) fn text(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// Follows a reply to a query, packet by packet, to its end.
pub(crate) struct Replies {
    expected: Expected,
    has_eof: bool,
    /// The last packet goes on in the next.
    goes_on: bool,
    /// The status that the reply gave last.
    pub(crate) status: Option<u16>,
    pub(crate) has_error: bool,
}

enum Expected {
    Beginning,
    Columns(u64),
    EndOfColumns,
    Rows,
}

impl Replies {
    pub(crate) fn new(capabilities: u32) -> Self {
        Self {
            expected: Expected::Beginning,
            has_eof: capabilities & DEPRECATE_EOF == 0,
            goes_on: false,
            status: None,
            has_error: false,
        }
    }

    /// Whether this packet is the last.
    pub(crate) fn is_last(&mut self, packet: &[u8]) -> bool {
        let body = &packet[4..];
        let was_going_on = std::mem::replace(&mut self.goes_on, body.len() == FULL);
        if was_going_on {
            return false;
        }
        let first = body.first().copied().unwrap_or(0);
        match (&mut self.expected, first) {
            (Expected::Beginning | Expected::Rows, 0xff) => {
                self.has_error = true;
                true
            }
            // An OK, or a request for a file, which nobody offers.
            (Expected::Beginning, 0 | 0xfb) => self.ends(okay_status(body)),
            (Expected::Beginning, _) => {
                self.expected = Expected::Columns(number(body).map_or(1, |(count, _)| count));
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
            (Expected::Rows, 0xfe) if self.has_eof && body.len() < 9 => {
                let status = body.get(3..5).and_then(|status| status.try_into().ok());
                self.ends(status.map(u16::from_le_bytes))
            }
            (Expected::Rows, 0xfe) if !self.has_eof && body.len() < FULL => {
                self.ends(okay_status(body))
            }
            (Expected::Rows, _) => false,
        }
    }

    fn ends(&mut self, status: Option<u16>) -> bool {
        self.status = status;
        self.expected = Expected::Beginning;
        status.is_none_or(|status| status & MORE_RESULTS == 0)
    }
}

/// The status in an OK.
fn okay_status(body: &[u8]) -> Option<u16> {
    let (_, rest) = number(body.get(1..)?)?;
    let (_, rest) = number(rest)?;
    Some(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(capabilities: u32, bodies: &[&[u8]]) -> (usize, Replies) {
        let mut replies = Replies::new(capabilities);
        let end = bodies
            .iter()
            .position(|body| replies.is_last(&make(1, body)));
        (end.map_or(0, |at| at + 1), replies)
    }

    #[test]
    fn replies_end_where_they_end() {
        let (count, replies) = follow(0, &[&[0, 0xfc, 1, 2, 0, 3, 0, 0, 0]]);
        assert_eq!((count, replies.status), (1, Some(3)));
        let row: &[u8] = &[0xfe, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        let (count, replies) = follow(
            0,
            &[
                &[1],
                b"column",
                &[0xfe, 0, 0, 2, 0],
                row,
                &[0xfe, 0, 0, 2, 0],
            ],
        );
        assert_eq!((count, replies.status), (5, Some(2)));
        let (count, replies) = follow(
            DEPRECATE_EOF,
            &[&[2], b"a", b"b", &[0], &[0xfe, 0, 0, 1, 0, 0, 0]],
        );
        assert_eq!((count, replies.status), (5, Some(1)));
        let (count, replies) = follow(DEPRECATE_EOF, &[&[1], b"a", &[0xff, 1, 2]]);
        assert!(count == 3 && replies.has_error);
        // Two results, and a column whose definition looks like an error.
        let (count, _) = follow(
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
    fn long_questions_span_packets() {
        let long = [make(0, &vec![b'a'; FULL]), make(1, b"b")].concat();
        assert_eq!(whole(&long), Some(long.len()));
        assert_eq!(whole(&long[..FULL + 4]), None);
        assert_eq!(body(&long).len(), FULL + 1);
    }

    #[test]
    fn counted_bytes() {
        assert_eq!(
            counted(&[2, b'a', b'b', b'c']),
            Some((&b"ab"[..], &b"c"[..]))
        );
        assert_eq!(counted(&[0xfc, 1, 0, b'a']), Some((&b"a"[..], &b""[..])));
        assert_eq!(counted(&[9, b'a']), None);
        assert_eq!(
            counted(&[0xfe, 255, 255, 255, 255, 255, 255, 255, 255]),
            None
        );
    }
}
