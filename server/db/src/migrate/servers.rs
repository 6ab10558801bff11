//! Migrating the database that a URL names.

use super::{MYSQL, Migration, POSTGRES, SQLITE, mysql, postgres, sqlite};
use crate::drivers::native::DatabaseUrl;
use crate::drivers::server_options::ServerOptions;
use crate::drivers::sqlite::Sqlite;
use crate::{DbError, ServerDialect};

/// Applies the migrations that the database lacks. Returns their names.
///
/// # Errors
/// The first migration that fails, with its name; [`DbError::Unavailable`] for a database that is not migrated this way:
/// one in memory, one behind Hyperdrive, or a deployed D1.
pub async fn apply_to(url: &DatabaseUrl) -> Result<Vec<&'static str>, DbError> {
    if let Some(path) = url.file() {
        return sqlite::apply(&Sqlite::open(path)?, SQLITE).await;
    }
    match url.server() {
        Some(server) => apply_to_server(server, of_dialect(server.dialect)).await,
        None => Err(DbError::Unavailable(format!(
            "{} cannot be migrated from here. Migrate a deployed D1 by `wrangler d1 migrations apply DB --remote`.",
            url.describe()
        ))),
    }
}

fn of_dialect(dialect: ServerDialect) -> &'static [Migration] {
    match dialect {
        ServerDialect::Postgres => POSTGRES,
        ServerDialect::MySql => MYSQL,
    }
}

/// Applies those of `migrations` that a server's database lacks. Returns their names.
///
/// # Errors
/// The errors of [`apply_to`].
pub async fn apply_to_server(
    server: &ServerOptions,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    if server
        .host
        .split('.')
        .any(|label| label.eq_ignore_ascii_case("hyperdrive"))
    {
        return Err(DbError::Unavailable(
            "Migrations cannot go through Hyperdrive, which keeps no locks and may cache: use the database's own URL."
                .to_owned(),
        ));
    }
    match server.dialect {
        ServerDialect::Postgres => postgres::apply(server, migrations).await,
        ServerDialect::MySql => mysql::apply(server, migrations).await,
    }
}
