//! A stand-in for Hyperdrive, for tests: a proxy between a client and a real PostgreSQL or MySQL server. It answers reads
//! from a cache that writes do not invalidate, resets session state between transactions, rejects what Hyperdrive rejects,
//! and injects network and server faults on command.
//!
//! Owns both ends of both protocols: clients authenticate to the stand-in, and the stand-in to the database. Absent: TLS,
//! because a Worker's socket to Hyperdrive is secure already; more than one database server; a connection pool, in whose
//! place each client's own connection is reset between transactions.
//!
//! A request is read completely and answered completely by the database. Only then does `client_connection` send the
//! response, split as the fault plan demands. So every fault happens at an exact position.

mod cache;
mod client_connection;
mod control;
mod dialect;
mod fault_plan;
mod lexer;
mod mysql;
mod options;
mod postgres;
mod shared;
mod sql;
mod stats;
mod upstream;
mod upstream_connection;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use database_url::ServerOptions;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use cache::Cache;
use dialect::Dialect;
use shared::Shared;
use upstream::Upstream;

pub use fault_plan::{Fault, FaultKind, FaultPlan, NamedSplit, Split, Trigger};
pub use options::{AuthPlugin, Options, SessionState};
pub use stats::Stats;

/// A running stand-in. Dropping it stops it.
pub struct StandIn {
    /// The address for clients.
    pub address: SocketAddr,
    /// The address of the HTTP control interface.
    pub control: SocketAddr,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

impl StandIn {
    /// Replaces the fault plan.
    pub fn set_plan(&self, plan: FaultPlan) {
        self.shared.set_plan(plan);
    }

    /// Returns the counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats().clone()
    }

    /// Moves the cache's clock forward.
    pub fn advance_clock(&self, by: Duration) {
        if let Some(mut cache) = self.shared.cache() {
            cache.advance_clock(by);
        }
    }

    /// Clears the fault plan, the cache and the counters.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Returns the database's URL with the stand-in's address in place of the server's.
    ///
    /// # Errors
    /// If `upstream` is not a URL.
    pub fn url(&self, upstream: &str) -> Result<String> {
        let upstream = ServerOptions::parse(upstream).map_err(|why| anyhow!("{why}"))?;
        let here = ServerOptions {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            ..upstream
        };
        Ok(here.to_url().expose().to_owned())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Starts a stand-in, after a test connection to the database.
///
/// # Errors
/// If the options are invalid, a port is taken, or the database cannot be reached.
pub async fn start(options: Options) -> Result<StandIn> {
    let upstream = Upstream::parse(&options.upstream)?;
    let cache = options.cache_ttl.map(Cache::new);
    let shared = Arc::new(Shared::new(upstream, options.auth, options.session, cache));
    match shared.upstream.dialect {
        Dialect::Postgres => postgres::probe(&shared).await,
        Dialect::Mysql => mysql::probe(&shared).await,
    }
    .context("cannot connect to the database")?;
    let clients = TcpListener::bind(options.listen)
        .await
        .context("cannot listen for clients")?;
    let control = TcpListener::bind(options.control)
        .await
        .context("cannot listen for control commands")?;
    Ok(StandIn {
        address: clients.local_addr()?,
        control: control.local_addr()?,
        tasks: [
            tokio::spawn(accept(clients, Arc::clone(&shared), serve)),
            tokio::spawn(accept(control, Arc::clone(&shared), control::serve)),
        ],
        shared,
    })
}

/// Serves each connection in a task of its own; all of them end with this one.
async fn accept<F>(
    listener: TcpListener,
    shared: Arc<Shared>,
    serve: fn(TcpStream, Arc<Shared>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
            else => tokio::task::yield_now().await,
        }
    }
}

/// Counts a connection as open for as long as it lives.
struct OpenGuard(Arc<Shared>);

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.0.stats().open -= 1;
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    {
        let mut stats = shared.stats();
        stats.connections += 1;
        stats.open += 1;
    }
    let _guard = OpenGuard(Arc::clone(&shared));
    let result = match shared.upstream.dialect {
        Dialect::Postgres => postgres::serve(stream, Arc::clone(&shared)).await,
        Dialect::Mysql => mysql::serve(stream, Arc::clone(&shared)).await,
    };
    if let Err(error) = result
        && !matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
        )
    {
        shared.stats().add_error(error.to_string());
    }
}
