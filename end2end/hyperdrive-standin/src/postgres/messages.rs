//! PostgreSQL's messages: a tag, a length that includes itself, a body.

use crate::fault_plan::FaultKind;

/// The version of the protocol, 3.0.
pub(crate) const PROTOCOL_VERSION: u32 = 196_608;

// The codes of authentication messages.
pub(crate) const AUTHENTICATION_OK: u32 = 0;
pub(crate) const AUTHENTICATION_CLEARTEXT_PASSWORD: u32 = 3;
pub(crate) const AUTHENTICATION_SASL: u32 = 10;
pub(crate) const AUTHENTICATION_SASL_CONTINUE: u32 = 11;
pub(crate) const AUTHENTICATION_SASL_FINAL: u32 = 12;

/// Returns the length of the message at the start, including its tag.
pub(crate) fn message_length(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(1..5)?.try_into().ok()?;
    // A length below its own four bytes is invalid and would move the position backwards.
    Some(1 + (u32::from_be_bytes(length) as usize).max(4))
}

/// Returns the length of the untagged message at the start, such as a client's first.
pub(crate) fn untagged_length(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    Some((u32::from_be_bytes(length) as usize).max(8))
}

pub(crate) fn encode(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend_from_slice(&length(body));
    bytes.extend_from_slice(body);
    bytes
}

/// Encodes a message without a tag.
pub(crate) fn encode_untagged(body: &[u8]) -> Vec<u8> {
    [&length(body), body].concat()
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4)
        .unwrap_or(u32::MAX)
        .to_be_bytes()
}

pub(crate) fn error_response(severity: &str, code: &str, message: &str) -> Vec<u8> {
    encode(
        b'E',
        format!("S{severity}\0V{severity}\0C{code}\0M{message}\0\0").as_bytes(),
    )
}

/// Encodes an authentication message.
pub(crate) fn authentication(code: u32, data: &[u8]) -> Vec<u8> {
    encode(b'R', &[&code.to_be_bytes(), data].concat())
}

/// Encodes ReadyForQuery; `status` is `I` for idle, `T` in a transaction, `E` in a failed one.
pub(crate) fn ready_for_query(status: u8) -> Vec<u8> {
    encode(b'Z', &[status])
}

/// Encodes the error that ends a connection.
pub(crate) fn fatal_error(kind: FaultKind, _sequence: u8) -> Vec<u8> {
    if kind == FaultKind::NoConnection {
        return error_response(
            "FATAL",
            "58000",
            "Failed to acquire a connection from the pool.",
        );
    }
    error_response(
        "FATAL",
        "57P01",
        "terminating connection due to administrator command",
    )
}

/// Splits off a string that ends with NUL.
pub(crate) fn nul_terminated(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Some((text, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_messages_have_the_right_length() {
        let bytes = encode(b'Q', b"SELECT 1\0");
        assert_eq!(message_length(&bytes), Some(bytes.len()));
        assert_eq!(message_length(&bytes[..4]), None);
        assert_eq!(message_length(&[b'Z', 0, 0, 0, 0]), Some(5));
        let bytes = encode_untagged(&[0; 8]);
        assert_eq!(untagged_length(&bytes), Some(12));
        assert_eq!(
            nul_terminated(b"one\0two"),
            Some(("one".to_owned(), &b"two"[..]))
        );
        assert_eq!(nul_terminated(b"one"), None);
    }
}
