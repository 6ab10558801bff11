//! The ledger of migrations on servers: checksums, and the errors that name a file and a statement.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Migration;
use crate::{DbError, Value};

/// SHA-256 of a text, in hex.
pub(super) fn checksum(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Refuses a file that is not the one that was applied.
pub(super) fn check_unchanged(migration: &Migration, kept: &Value) -> Result<(), DbError> {
    if *kept == Value::Text(checksum(migration.sql)) {
        return Ok(());
    }
    Err(DbError::Unavailable(format!(
        "The migration {} was changed after it had been applied: put it back as it was, and write the change as a new one.",
        migration.name
    )))
}

/// The error for a statement that failed, with its file and its place there; `left` says what stays applied.
pub(super) fn failed_at(
    migration: &Migration,
    number: usize,
    statement: &str,
    error: &DbError,
    left: &str,
) -> DbError {
    let first = statement.lines().next().unwrap_or_default();
    DbError::Driver(format!(
        "migration {}, statement {number} ({first} …): {error}; {left}",
        migration.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_sha_256() {
        assert_eq!(
            checksum("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
