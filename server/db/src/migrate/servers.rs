//! Migrating what a URL names.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{MYSQL, Migration, POSTGRES, SQLITE, mysql, postgres};
use crate::drivers::native::DatabaseUrl;
use crate::drivers::server_options::ServerOptions;
use crate::drivers::sqlite::Sqlite;
use crate::{DbError, Dialect, Value};

/// Applies what the database lacks. Gives the names of what was applied.
///
/// # Errors
/// The first migration that fails, with its name; [`DbError::Unavailable`] for a database that is not migrated this way:
/// one in memory, one behind Hyperdrive, or a deployed D1.
pub async fn apply_to(native: &DatabaseUrl) -> Result<Vec<&'static str>, DbError> {
    if let Some(path) = native.file() {
        return super::apply(&Sqlite::open(path)?, SQLITE).await;
    }
    match native.target() {
        Some(target) if target.dialect == Dialect::MySql => apply_to_server(target, MYSQL).await,
        Some(target) => apply_to_server(target, POSTGRES).await,
        None => Err(DbError::Unavailable(format!(
            "{} cannot be migrated from here. A deployed D1 is by `wrangler d1 migrations apply DB --remote`.",
            native.describe()
        ))),
    }
}

/// The same for a server, with these migrations.
///
/// # Errors
/// As [`apply_to`].
pub async fn apply_to_server(
    target: &ServerOptions,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    if target
        .host
        .split('.')
        .any(|label| label.eq_ignore_ascii_case("hyperdrive"))
    {
        return Err(DbError::Unavailable(
            "Migrations do not go through Hyperdrive, which keeps no locks and may cache: give the database's own URL."
                .to_owned(),
        ));
    }
    match target.dialect {
        Dialect::MySql => mysql::apply(target, migrations).await,
        Dialect::Postgres | Dialect::Sqlite => postgres::apply(target, migrations).await,
    }
}

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

/// A statement that failed, by the file and its place there.
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
