//! Migrating the database that a URL names.

use super::progress::{UNWATCHED, Watch};
use super::sqlite::apply_to_file_watched;
use super::{MYSQL, Migration, POSTGRES, SQLITE, d1, mysql, postgres};
use crate::drivers::native::{DatabaseUrl, PoolSize};
use crate::drivers::server_options::ServerOptions;
use crate::{Connector, Consistency, DbError, ServerDialect};

/// Applies the migrations that the database lacks. Returns their names.
///
/// # Errors
/// The first migration that is refused or fails, with its name; [`DbError::Unavailable`] for a database that is not migrated
/// this way: one in memory, or one behind Hyperdrive.
pub async fn apply_to(url: &DatabaseUrl) -> Result<Vec<&'static str>, DbError> {
    apply_to_watched(url, UNWATCHED).await
}

/// As [`apply_to`], and tells each step.
///
/// # Errors
/// The errors of [`apply_to`].
pub async fn apply_to_watched(
    url: &DatabaseUrl,
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    if let Some(path) = url.file() {
        return apply_to_file_watched(path, SQLITE, watch).await;
    }
    if url.is_d1() {
        return on_d1(url, SQLITE, watch).await;
    }
    match url.server() {
        Some(server) => apply_to_server_watched(server, of_dialect(server.dialect), watch).await,
        None => Err(DbError::Unavailable(format!(
            "{} cannot be migrated from here: it ends with the program that has it.",
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

/// Applies those of `migrations` that a deployed D1 lacks. Returns their names.
///
/// # Errors
/// The errors of [`apply_to`].
pub async fn apply_to_d1(
    url: &DatabaseUrl,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    on_d1(url, migrations, UNWATCHED).await
}

async fn on_d1(
    url: &DatabaseUrl,
    migrations: &[Migration],
    watch: Watch<'_>,
) -> Result<Vec<&'static str>, DbError> {
    let connector = url.connector(PoolSize::default())?;
    let driver = connector.connect(Consistency::Strong).await?;
    d1::apply(&*driver, migrations, watch).await
}

/// Applies those of `migrations` that a server's database lacks. Returns their names.
///
/// # Errors
/// The errors of [`apply_to`].
pub async fn apply_to_server(
    server: &ServerOptions,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    apply_to_server_watched(server, migrations, UNWATCHED).await
}

/// As [`apply_to_server`], and tells each step.
///
/// # Errors
/// The errors of [`apply_to`].
pub async fn apply_to_server_watched(
    server: &ServerOptions,
    migrations: &[Migration],
    watch: Watch<'_>,
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
        ServerDialect::Postgres => postgres::apply(server, migrations, watch).await,
        ServerDialect::MySql => mysql::apply(server, migrations, watch).await,
    }
}
