//! Checksums of migrations. One checkout has `\n` at the ends of lines and another `\r\n`: a checksum knows no `\r`.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Migration;
use crate::{DbError, Value};

/// The checksum of a text.
pub(super) fn checksum(text: &str) -> String {
    sha_256(&without_cr(text))
}

/// Refuses a file that is not the one that was applied.
pub(super) fn check_unchanged(migration: &Migration, kept: &Value) -> Result<(), DbError> {
    if is_of(kept, migration.sql) {
        return Ok(());
    }
    Err(DbError::Unavailable(format!(
        "The migration {} was changed after it had been applied: put it back as it was, and write the change as a new \
         one. (`cargo x dev --reset` makes a database of this machine anew, without its rows.)",
        migration.name
    )))
}

/// True if `kept` is the checksum of this text. Earlier versions took the bytes as they were, `\r` included.
pub(super) fn is_of(kept: &Value, text: &str) -> bool {
    let Value::Text(kept) = kept else {
        return false;
    };
    *kept == checksum(text)
        || *kept == sha_256(text)
        || *kept == sha_256(&without_cr(text).replace('\n', "\r\n"))
}

fn without_cr(text: &str) -> String {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n")
}

/// SHA-256, in hex.
fn sha_256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
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

    #[test]
    fn line_ends_and_a_byte_order_mark_change_no_checksum() {
        let (unix, windows) = ("SELECT 1;\nSELECT 2;\n", "SELECT 1;\r\nSELECT 2;\r\n");
        assert_eq!(checksum(unix), sha_256(unix), "as ledgers have it already");
        assert_eq!(checksum(windows), checksum(unix));
        assert_eq!(checksum(&format!("\u{feff}{unix}")), checksum(unix));
        for kept in [sha_256(unix), sha_256(windows)] {
            let kept = Value::Text(kept);
            assert!(is_of(&kept, unix) && is_of(&kept, windows));
            assert!(!is_of(&kept, "SELECT 1;\nSELECT 3;\n"));
        }
    }
}
