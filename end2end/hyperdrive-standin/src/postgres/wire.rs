//! PostgreSQL's packets: a tag, a length that counts itself, a body.

use crate::plan::FaultKind;

/// The length of the packet that starts here, its tag included.
pub(crate) fn packet(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(1..5)?.try_into().ok()?;
    // A length below its own four bytes is nonsense; it must not lead backwards or nowhere.
    Some(1 + (u32::from_be_bytes(length) as usize).max(4))
}

/// The length of a packet without a tag, such as the first that a client sends.
pub(crate) fn untagged(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    Some((u32::from_be_bytes(length) as usize).max(8))
}

/// A packet.
pub(crate) fn make(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend_from_slice(&length(body));
    bytes.extend_from_slice(body);
    bytes
}

/// A packet without a tag.
pub(crate) fn make_untagged(body: &[u8]) -> Vec<u8> {
    [&length(body), body].concat()
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4)
        .unwrap_or(u32::MAX)
        .to_be_bytes()
}

/// `ErrorResponse`.
pub(crate) fn error(severity: &str, code: &str, message: &str) -> Vec<u8> {
    make(
        b'E',
        format!("S{severity}\0V{severity}\0C{code}\0M{message}\0\0").as_bytes(),
    )
}

/// `ReadyForQuery`: `I` idle, `T` in a transaction, `E` in a failed one.
pub(crate) fn ready(status: u8) -> Vec<u8> {
    make(b'Z', &[status])
}

/// The error that ends a connection.
pub(crate) fn fatal(kind: FaultKind, _sequence: u8) -> Vec<u8> {
    if kind == FaultKind::NoConnection {
        return error(
            "FATAL",
            "58000",
            "Failed to acquire a connection from the pool.",
        );
    }
    error(
        "FATAL",
        "57P01",
        "terminating connection due to administrator command",
    )
}

/// The text up to the next NUL, and what follows it.
pub(crate) fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Some((text, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_measured_as_they_are_made() {
        let bytes = make(b'Q', b"SELECT 1\0");
        assert_eq!(packet(&bytes), Some(bytes.len()));
        assert_eq!(packet(&bytes[..4]), None);
        assert_eq!(packet(&[b'Z', 0, 0, 0, 0]), Some(5));
        let bytes = make_untagged(&[0; 8]);
        assert_eq!(untagged(&bytes), Some(12));
        assert_eq!(text(b"one\0two"), Some(("one".to_owned(), &b"two"[..])));
        assert_eq!(text(b"one"), None);
    }
}
