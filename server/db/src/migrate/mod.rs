//! Migrations: SQL files applied once, in the order of their names.
//!
//! SQLite and D1 keep the ledger that wrangler uses (`d1_migrations`), so that wrangler may apply the next one. PostgreSQL
//! and MySQL keep `schema_migrations` with the checksum of each file: a file that was changed after it was applied is
//! refused. Several programs may migrate one database at a time; each file is applied once. Servers are migrated over a
//! connection of their own, never through Hyperdrive.

#[cfg(feature = "native")]
mod ledger;
#[cfg(feature = "native")]
mod mysql;
#[cfg(feature = "native")]
mod postgres;
#[cfg(feature = "native")]
mod servers;
#[cfg(feature = "native")]
mod split;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "native")]
pub use self::servers::{apply_to, apply_to_server};
#[cfg(feature = "sqlite")]
pub use self::sqlite::apply;

/// One migration: the file's name and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The file's name, as the ledger keeps it.
    pub name: &'static str,
    /// Its SQL.
    pub sql: &'static str,
}

/// The migrations of SQLite and D1, in order.
pub const SQLITE: &[Migration] = &[
    Migration {
        name: "0001_initial.sql",
        sql: include_str!("../../../../migrations/sqlite/0001_initial.sql"),
    },
    Migration {
        name: "0002_public_by_date.sql",
        sql: include_str!("../../../../migrations/sqlite/0002_public_by_date.sql"),
    },
];

/// The migrations of PostgreSQL, in order.
#[cfg(feature = "native")]
pub const POSTGRES: &[Migration] = &[
    Migration {
        name: "0001_initial.sql",
        sql: include_str!("../../../../migrations/postgres/0001_initial.sql"),
    },
    Migration {
        name: "0002_public_by_date.sql",
        sql: include_str!("../../../../migrations/postgres/0002_public_by_date.sql"),
    },
];

/// The migrations of MySQL and MariaDB, in order.
#[cfg(feature = "native")]
pub const MYSQL: &[Migration] = &[
    Migration {
        name: "0001_initial.sql",
        sql: include_str!("../../../../migrations/mysql/0001_initial.sql"),
    },
    Migration {
        name: "0002_public_by_date.sql",
        sql: include_str!("../../../../migrations/mysql/0002_public_by_date.sql"),
    },
];
