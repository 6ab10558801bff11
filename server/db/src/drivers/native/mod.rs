//! Databases in native programs: by URL, over TCP, through a pool.
//!
//! Owns the forms of `DATABASE_URL`. Absent: environment variables, which the programs read and pass on.

mod d1_http;
mod mysql;
mod mysql_values;
mod pool;
mod postgres;
mod tls;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

pub use d1_http::D1Http;
pub use mysql::MySql;
pub use pool::{Pool, PoolSize};

use super::opening;
use super::server_options::{Address, ServerOptions};
use super::sqlite::{Sqlite, SqliteConnector};
use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, ServerDialect,
    Timeouts,
};

/// The folder in which wrangler keeps the local D1.
const LOCAL_D1_DIR: &str = ".wrangler/state/v3/d1/miniflare-D1DatabaseObject";

/// A database named by a URL. `Debug` and [`DatabaseUrl::describe`] show no password and no token.
#[derive(Clone)]
pub struct DatabaseUrl(Location);

#[derive(Clone)]
enum Location {
    File(PathBuf),
    Memory,
    Server(ServerOptions),
    D1(D1Http),
}

impl DatabaseUrl {
    /// Parses a `DATABASE_URL`. `setting` returns the other settings by name: `CLOUDFLARE_API_TOKEN` and, for tests,
    /// `CLOUDFLARE_API_BASE_URL`.
    ///
    /// # Errors
    /// A sentence that says what is wrong and which forms are allowed, without a password.
    pub fn parse(url: &str, setting: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        Ok(Self(match Address::parse(url)? {
            Address::SqliteFile(path) => Location::File(PathBuf::from(path)),
            Address::SqliteMemory => Location::Memory,
            Address::SqliteLocal => Location::File(local_d1()?),
            Address::D1 { account, database } => {
                Location::D1(D1Http::new(account, database, setting))
            }
            Address::Server(server) => Location::Server(server),
        }))
    }

    /// Names a SQLite file.
    pub fn from_file(path: PathBuf) -> Self {
        Self(Location::File(path))
    }

    /// Describes the database, for messages.
    pub fn describe(&self) -> String {
        match &self.0 {
            Location::File(path) => format!("SQLite in {}", path.display()),
            Location::Memory => "SQLite in memory".to_owned(),
            Location::Server(server) => server.describe(),
            Location::D1(d1) => d1.describe(),
        }
    }

    /// The SQLite file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Location::File(path) => Some(path),
            Location::Memory | Location::Server(_) | Location::D1(_) => None,
        }
    }

    /// The server, if it is one.
    pub fn server(&self) -> Option<&ServerOptions> {
        match &self.0 {
            Location::Server(server) => Some(server),
            Location::File(_) | Location::Memory | Location::D1(_) => None,
        }
    }

    /// True if it is a remote D1, where every statement is a request that Cloudflare counts.
    pub fn is_d1(&self) -> bool {
        matches!(self.0, Location::D1(_))
    }

    /// The database's dialect.
    pub fn dialect(&self) -> Dialect {
        match &self.0 {
            Location::File(_) | Location::Memory | Location::D1(_) => Dialect::Sqlite,
            Location::Server(server) => server.dialect.into(),
        }
    }

    /// Makes a connector: to a server, through a pool of at most `size` connections. A SQLite database is opened here, once,
    /// and shared, because two connections of one program would block each other's threads when they write.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when a SQLite database cannot be opened.
    pub fn connector(&self, size: PoolSize) -> Result<NativeConnector, DbError> {
        Ok(NativeConnector(match &self.0 {
            Location::File(path) => {
                Inner::Sqlite(SqliteConnector::Open(Arc::new(Sqlite::open(path)?)))
            }
            Location::Memory => {
                Inner::Sqlite(SqliteConnector::Open(Arc::new(Sqlite::in_memory()?)))
            }
            Location::Server(server) => {
                Inner::Pool(Pool::new(ServerConnector(server.clone()), size))
            }
            Location::D1(d1) => Inner::D1(d1.clone()),
        }))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

/// The newest database file of the local D1, below the current folder or one above it.
fn local_d1() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    here.ancestors()
        .find_map(|folder| newest_database(&folder.join(LOCAL_D1_DIR)))
        .ok_or_else(|| "There is no local D1 here yet: run `cargo x db migrate`.".to_owned())
}

fn newest_database(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let is_database = path.extension()? == "sqlite" && path.file_stem()? != "metadata";
        let changed = path.metadata().and_then(|file| file.modified());
        is_database.then(|| (changed.unwrap_or(SystemTime::UNIX_EPOCH), path))
    });
    files.max().map(|(_, path)| path)
}

/// Connects to a database server, with a new connection each time. [`Pool`] keeps them.
#[derive(Clone)]
pub struct ServerConnector(pub ServerOptions);

impl Connector for ServerConnector {
    fn dialect(&self) -> Dialect {
        self.0.dialect.into()
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(opening::open(&self.0, async {
            match self.0.dialect {
                ServerDialect::Postgres => postgres::open(&self.0).await,
                ServerDialect::MySql => {
                    Ok(Arc::new(MySql::log_in(&self.0).await?) as Arc<dyn Driver>)
                }
            }
        }))
    }

    fn timeouts(&self) -> Option<Timeouts> {
        Some(opening::timeouts(&self.0))
    }
}

/// Connects to any database that a URL can name.
#[derive(Clone)]
pub struct NativeConnector(Inner);

#[derive(Clone)]
enum Inner {
    Sqlite(SqliteConnector),
    Pool(Pool),
    D1(D1Http),
}

impl NativeConnector {
    fn inner(&self) -> &dyn Connector {
        match &self.0 {
            Inner::Sqlite(sqlite) => sqlite,
            Inner::Pool(pool) => pool,
            Inner::D1(d1) => d1,
        }
    }
}

impl Connector for NativeConnector {
    fn dialect(&self) -> Dialect {
        self.inner().dialect()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        self.inner().connect(consistency)
    }

    fn is_split(&self) -> bool {
        self.inner().is_split()
    }

    fn token_after_write(&self, driver: &dyn Driver) -> Option<ConsistencyToken> {
        self.inner().token_after_write(driver)
    }

    fn timeouts(&self) -> Option<Timeouts> {
        self.inner().timeouts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<String, String> {
        DatabaseUrl::parse(url, |_| Some("secret".to_owned())).map(|url| url.describe())
    }

    #[test]
    fn urls_are_described_without_secrets() {
        for (url, expected) in [
            ("sqlite:/tmp/a.sqlite", "SQLite in /tmp/a.sqlite"),
            ("sqlite:///tmp/a.sqlite", "SQLite in /tmp/a.sqlite"),
            ("sqlite:memory", "SQLite in memory"),
            (
                "postgres://site:secret@127.0.0.1/site",
                "PostgreSQL at 127.0.0.1:5432, database site, as site",
            ),
            (
                "mysql://site:secret@db.example:3307/site?sslmode=disable",
                "MySQL at db.example:3307, database site, as site",
            ),
            ("d1:0a1b/2c-3d", "D1 database 2c-3d of account 0a1b"),
        ] {
            assert_eq!(parse(url).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn other_urls_are_refused_with_the_allowed_forms() {
        for url in [
            "",
            "sqlite:",
            "site.sqlite",
            "oracle://a:secret@b/c",
            "postgres://a:secret@b",
            "d1:x",
            "d1:x/../y",
            "postgres:secret",
        ] {
            let error = parse(url).expect_err(url);
            assert!(
                error.contains("mysql://user:password@host/database"),
                "{url}: {error}"
            );
            assert!(!error.contains("secret"), "{url}: {error}");
        }
    }
}
