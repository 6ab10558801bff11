//! Migrations: SQL files applied once, in the order of their names.
//!
//! A file is cut into its statements where the engine's own client would cut it (`script`), and every statement is checked
//! before the first one runs (`checks`). Then the file is applied whole, or not at all; on MySQL, which cannot take
//! back a change of tables, it continues later where it failed. The ledger keeps the checksum of each file: one that was
//! changed after it was applied is refused, and so is an order that no other database has had (`order`). SQLite and D1 keep wrangler's ledger too (`d1_migrations`), so that wrangler may
//! apply the next file. Several programs may migrate one database at a time; each file is applied once. Servers are migrated
//! over connections of their own, never through Hyperdrive.

#[cfg(feature = "native")]
mod baseline;
#[cfg(feature = "sqlite")]
mod checks;
#[cfg(feature = "sqlite")]
mod checksum;
#[cfg(feature = "native")]
mod d1;
#[cfg(feature = "native")]
mod definitions;
#[cfg(feature = "sqlite")]
mod failure;
#[cfg(feature = "native")]
mod mysql;
#[cfg(feature = "native")]
mod nontransactional;
#[cfg(feature = "sqlite")]
mod order;
#[cfg(feature = "native")]
mod plan;
#[cfg(feature = "native")]
mod postgres;
#[cfg(feature = "sqlite")]
mod progress;
#[cfg(feature = "native")]
mod reading;
#[cfg(feature = "sqlite")]
mod rehearsal;
#[cfg(feature = "native")]
mod resume;
#[cfg(feature = "sqlite")]
mod script;
#[cfg(feature = "native")]
mod second_run;
#[cfg(feature = "native")]
mod servers;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "native")]
pub use self::baseline::note;
#[cfg(feature = "native")]
pub use self::plan::{Pending, plan};
#[cfg(feature = "sqlite")]
pub use self::progress::{File, Step, Watch};
#[cfg(feature = "native")]
pub use self::reading::{Cascading, Replay, Words, words};
#[cfg(feature = "native")]
pub use self::servers::{
    apply_to, apply_to_d1, apply_to_server, apply_to_server_watched, apply_to_watched,
};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{apply, apply_to_file, apply_to_file_watched};

/// One migration: the file's name and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The file's name, as the ledger keeps it.
    pub name: &'static str,
    /// Its SQL.
    pub sql: &'static str,
}

impl Migration {
    /// Its text as the engine's own client reads it from a file.
    #[cfg(feature = "sqlite")]
    fn text(&self, dialect: crate::Dialect) -> std::borrow::Cow<'static, str> {
        if dialect.script_syntax().has_unix_line_ends && self.sql.contains("\r\n") {
            self.sql.replace("\r\n", "\n").into()
        } else {
            self.sql.into()
        }
    }
}

/// Cuts and checks a migration as `dialect` would before it applies it, and runs nothing. Returns the number of its statements.
///
/// # Errors
/// The sentence by which the file would be refused.
#[cfg(feature = "native")]
pub fn check(
    dialect: crate::Dialect,
    name: &'static str,
    sql: &str,
) -> Result<usize, crate::DbError> {
    let rules = match dialect {
        crate::Dialect::Sqlite => checks::sqlite,
        crate::Dialect::Postgres => checks::postgres,
        crate::Dialect::MySql => checks::mysql,
    };
    let migration = Migration { name, sql: "" };
    checks::statements(dialect, &migration, sql, rules).map(|statements| statements.len())
}

// `SQLITE`, which is D1's too, `POSTGRES` and `MYSQL`, as the build script lists them.
include!(concat!(env!("OUT_DIR"), "/migrations.rs"));
