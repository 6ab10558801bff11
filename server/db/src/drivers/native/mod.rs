//! Databases in native programs: by URL, over TCP, through a pool.
//!
//! Owns the forms of `DATABASE_URL`. Absent: environment variables, which the programs read and pass on.

mod d1_http;
mod mysql;
mod mysql_values;
mod pool;
pub(crate) mod postgres;
mod tls;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use d1_http::D1Http;
use database_url::local_d1::{BoundD1, ENVIRONMENT, FOLDER};
pub use mysql::MySql;
pub use pool::{Pool, PoolSize};

use super::opening;
use super::server_options::{Address, ServerOptions};
use super::sqlite::{Sqlite, SqliteConnector};
use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, ServerDialect,
    Timeouts,
};

/// The folder of wrangler's state, beside its configuration.
const WRANGLER_STATE: &str = ".wrangler/state";

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
            Address::SqliteLocal => {
                let here = std::env::current_dir().map_err(|error| error.to_string())?;
                Location::File(local_d1(&here, setting(ENVIRONMENT))?)
            }
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

    /// The bookmark of a remote D1 as it is now, by which Time Travel brings it back; none for other databases.
    ///
    /// # Errors
    /// The errors of D1's HTTP API.
    pub async fn bookmark(&self) -> Result<Option<String>, DbError> {
        match &self.0 {
            Location::D1(d1) => d1.bookmark().await.map(Some),
            Location::File(_) | Location::Memory | Location::Server(_) => Ok(None),
        }
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

/// The file of the local D1 that is bound by the wrangler.jsonc of this folder, or of the next one above it. Those of
/// databases that were bound earlier may be beside it.
fn local_d1(here: &Path, environment: Option<String>) -> Result<PathBuf, String> {
    const CONFIG: &str = "wrangler.jsonc";
    let mut folders = here.ancestors();
    let Some(folder) = folders.find(|folder| folder.join(CONFIG).is_file()) else {
        return Err(format!(
            "There is no {CONFIG} here, which names the local D1."
        ));
    };
    let config = std::fs::read_to_string(folder.join(CONFIG))
        .map_err(|error| format!("{CONFIG} cannot be read: {error}"))?;
    let bound = BoundD1::find(&config, environment)?;
    let file = format!("{}.sqlite", bound.object_id());
    let file = folder.join(WRANGLER_STATE).join(FOLDER).join(file);
    file.is_file().then_some(file).ok_or_else(|| {
        format!(
            "The local D1 {} is not made yet: run `cargo x db migrate`.",
            bound.database_name
        )
    })
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
                ServerDialect::Postgres => Ok(postgres::open(&self.0).await? as Arc<dyn Driver>),
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
    fn the_local_d1_is_the_one_that_is_bound() -> std::io::Result<()> {
        let name = format!("site-local-d1-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let state = folder.join(WRANGLER_STATE).join(FOLDER);
        std::fs::create_dir_all(&state)?;
        let inside = folder.join("server/db");
        std::fs::create_dir_all(&inside)?;
        let parse = |environment: Option<&str>| local_d1(&inside, environment.map(str::to_owned));
        let bind = |id: &str| {
            let config = format!(
                r#"{{ /* the site */ "d1_databases": [{{ "binding": "DB", "database_name": "site", "database_id": "{id}" }}] }}"#
            );
            std::fs::write(folder.join("wrangler.jsonc"), config)
        };
        bind("00000000-0000-4000-8000-000000000001")?;
        let none = Err("The local D1 site is not made yet: run `cargo x db migrate`.".to_owned());
        assert_eq!(parse(None), none);
        let bound =
            state.join("37202af4a48e51a6f9bf1676145f85cdbaaf76a4a51b95f5120b328bf5460e72.sqlite");
        std::fs::write(&bound, "")?;
        // Newer, of a database that is bound no more.
        std::fs::write(state.join("f.sqlite"), "")?;
        std::fs::write(state.join("metadata.sqlite"), "")?;
        assert_eq!(parse(None), Ok(bound));
        let refused = parse(Some("staging")).expect_err("another environment");
        assert!(
            refused.starts_with("CLOUDFLARE_ENV is `staging`"),
            "{refused}"
        );
        bind("another")?;
        assert_eq!(parse(None), none);
        std::fs::remove_dir_all(&folder)
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
