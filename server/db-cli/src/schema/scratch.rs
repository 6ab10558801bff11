//! Scratch databases, in which migrations are replayed: a SQLite file by the rules of D1, and one database on each server.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use db::drivers::native::{DatabaseUrl, ServerConnector};
use db::drivers::server_options::ServerOptions;
use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, apply_to_file, apply_to_server};
use db::{Connector, Consistency, Dialect, Driver, Statement};
use futures::future::{Either, select};
use schema_diff::{Schema, introspect};
use tokio::signal::unix::{SignalKind, signal};

/// The names of the variables with the URLs of servers that may hold a scratch database.
pub(super) const SERVERS: [(Dialect, &str); 2] = [
    (Dialect::Postgres, "SCRATCH_POSTGRES_URL"),
    (Dialect::MySql, "SCRATCH_MYSQL_URL"),
];

/// An empty database that ends with this value.
pub(super) enum Scratch {
    File(PathBuf),
    Server {
        server: Box<ServerOptions>,
        database: Box<ServerOptions>,
    },
}

/// Works with a scratch database, and removes it at the end: also when the program is interrupted meanwhile.
pub(super) async fn with<T>(
    dialect: Dialect,
    work: impl AsyncFnOnce(&Scratch) -> Result<T>,
) -> Result<T> {
    let interrupted = pin!(interruption()?);
    let scratch = Scratch::new(dialect).await?;
    let outcome = match select(pin!(work(&scratch)), interrupted).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(anyhow!("interrupted; nothing was written")),
    };
    let removed = scratch.remove().await;
    // The first error counts.
    let value = outcome?;
    removed?;
    Ok(value)
}

/// Ends when somebody interrupts the program, from the call on.
fn interruption() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        select(pin!(interrupt.recv()), pin!(terminate.recv())).await;
    })
}

impl Scratch {
    /// Makes one for a dialect.
    async fn new(dialect: Dialect) -> Result<Self> {
        let id = std::process::id();
        let Some((_, variable)) = SERVERS.iter().find(|(server, _)| *server == dialect) else {
            // The folder's name makes it a local D1, whose rules these files keep.
            let folder = std::env::temp_dir()
                .join(format!("db-cli-scratch-{id}"))
                .join("miniflare-D1DatabaseObject");
            std::fs::create_dir_all(&folder)?;
            return Ok(Self::File(folder.join("scratch.sqlite")));
        };
        let url = std::env::var(variable).with_context(|| {
            format!(
                "{variable} is not set: migrations of {} are compared in a scratch database. `cargo x db generate` starts the \
                 private servers by itself; else give the URL of a server whose user may create databases",
                dialect.name()
            )
        })?;
        let parsed = DatabaseUrl::parse(&url, |_| None).map_err(anyhow::Error::msg)?;
        let server = parsed
            .server()
            .with_context(|| format!("{variable} names no server"))?
            .clone();
        let mut database = server.clone();
        database.database = format!("scratch_{id}");
        let scratch = Self::Server {
            server: Box::new(server),
            database: Box::new(database),
        };
        scratch.on_server("DROP DATABASE IF EXISTS").await?;
        scratch.on_server("CREATE DATABASE").await?;
        Ok(scratch)
    }

    async fn on_server(&self, statement: &str) -> Result<()> {
        if let Self::Server { server, database } = self {
            let driver = open(server).await?;
            let sql = format!("{statement} {}", database.database);
            driver.write(&[Statement::plain(sql)]).await?;
        }
        Ok(())
    }

    /// Applies migrations that it lacks, and reads its schema.
    pub(super) async fn replay(&self, migrations: &[Migration]) -> Result<Schema> {
        match self {
            Self::File(path) => apply_to_file(path, migrations).await?,
            Self::Server { database, .. } => apply_to_server(database, migrations).await?,
        };
        let driver: Arc<dyn Driver> = match self {
            Self::File(path) => Arc::new(Sqlite::open(path)?),
            Self::Server { database, .. } => open(database).await?,
        };
        Ok(introspect(&*driver).await?)
    }

    /// Removes it.
    async fn remove(self) -> Result<()> {
        match &self {
            Self::File(path) => {
                let folder = path.parent().and_then(|folder| folder.parent());
                folder.map_or(Ok(()), std::fs::remove_dir_all)?;
                Ok(())
            }
            Self::Server { .. } => self.on_server("DROP DATABASE IF EXISTS").await,
        }
    }
}

async fn open(server: &ServerOptions) -> Result<Arc<dyn Driver>> {
    let connector = ServerConnector(server.clone());
    Ok(connector.connect(Consistency::Strong).await?)
}
