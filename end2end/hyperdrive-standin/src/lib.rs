//! A stand-in for Hyperdrive, for tests: between a client and a real PostgreSQL or MySQL server it answers reads from
//! a cache that no write empties, lets no session state last, refuses what Hyperdrive refuses, and on order misbehaves
//! as networks and servers do.
//!
//! Owns both ends of both wires, so that a client proves itself to the stand-in and the stand-in to the database.
//! Absent: TLS, because a Worker's socket to Hyperdrive is secure already; more than one database server; the pool of
//! connections, in whose place each client's own connection is reset between transactions.
//!
//! A question is read whole, answered whole by the database, and only then does `line` send the reply, in whatever
//! pieces the plan asks for. So every fault has its exact place.

mod cache;
mod control;
mod line;
mod mysql;
mod plan;
mod postgres;
mod shared;
mod sql;
mod stats;
mod upstream;
mod words;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use cache::Cache;
use shared::Shared;
use sql::Engine;
use upstream::Upstream;

pub use plan::{Cut, Fault, FaultKind, Moment, Plan, Split};
pub use stats::Stats;

/// What a stand-in is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where clients connect; port 0 for any.
    pub listen: SocketAddr,
    /// Where the orders come in by HTTP; port 0 for any.
    pub control: SocketAddr,
    /// The database, as a URL with user and password. Clients use the same two.
    pub upstream: String,
    /// How long reads are cached; none for a direct connection.
    pub cache: Option<Duration>,
    /// How MySQL clients prove themselves.
    pub auth: Auth,
    /// What becomes of a session between transactions.
    pub session: Session,
}

impl Options {
    /// A direct connection to this database, on any free port of this machine.
    #[must_use]
    pub fn direct(upstream: &str) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            control: SocketAddr::from(([127, 0, 0, 1], 0)),
            upstream: upstream.to_owned(),
            cache: None,
            auth: Auth::CachingSha2,
            session: Session::Reset,
        }
    }

    /// The same, with reads cached for 60 seconds.
    #[must_use]
    pub fn cached(upstream: &str) -> Self {
        Self {
            cache: Some(Duration::from_secs(60)),
            ..Self::direct(upstream)
        }
    }
}

/// How MySQL clients prove themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `caching_sha2_password`: in full the first time, by the fast path from then on.
    CachingSha2,
    /// `mysql_native_password`.
    Native,
}

/// What becomes of a session between transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// It is reset, as when another connection of the pool were given.
    Reset,
    /// It lasts.
    Keep,
}

/// A running stand-in. It ends when this is dropped.
pub struct StandIn {
    /// Where clients connect.
    pub address: SocketAddr,
    /// Where the orders come in.
    pub control: SocketAddr,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

impl StandIn {
    /// Misbehaves like this from now on.
    pub fn plan(&self, plan: Plan) {
        self.shared.set_plan(plan);
    }

    /// What was seen and done.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats().clone()
    }

    /// Puts the cache's clock forward.
    pub fn advance(&self, by: Duration) {
        if let Some(mut cache) = self.shared.cache() {
            cache.advance(by);
        }
    }

    /// Forgets plan, cache and counts.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// The URL that leads a client here in place of the database.
    ///
    /// # Errors
    /// When `upstream` is not a URL.
    pub fn url(&self, upstream: &str) -> Result<String> {
        let mut url = url::Url::parse(upstream)?;
        url.set_port(Some(self.address.port()))
            .ok()
            .context("a URL without a port")?;
        url.set_ip_host(self.address.ip())
            .ok()
            .context("a URL without a host")?;
        Ok(url.into())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Starts a stand-in, once the database has been reached.
///
/// # Errors
/// When the options make no sense, a port is taken, or the database does not answer.
pub async fn start(options: Options) -> Result<StandIn> {
    let upstream = Upstream::parse(&options.upstream)?;
    let cache = options.cache.map(Cache::new);
    let shared = Arc::new(Shared::new(upstream, options.auth, options.session, cache));
    match shared.upstream.engine {
        Engine::Postgres => postgres::greet(&shared).await,
        Engine::Mysql => mysql::greet(&shared).await,
    }
    .context("the database does not answer")?;
    let clients = TcpListener::bind(options.listen)
        .await
        .context("cannot listen for clients")?;
    let orders = TcpListener::bind(options.control)
        .await
        .context("cannot listen for orders")?;
    Ok(StandIn {
        address: clients.local_addr()?,
        control: orders.local_addr()?,
        tasks: [
            tokio::spawn(accept(clients, Arc::clone(&shared), serve)),
            tokio::spawn(accept(orders, Arc::clone(&shared), control::serve)),
        ],
        shared,
    })
}

/// Serves each connection in a task of its own; all end with this one.
async fn accept<F>(
    listener: TcpListener,
    shared: Arc<Shared>,
    serve: fn(TcpStream, Arc<Shared>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                open.spawn(serve(stream, Arc::clone(&shared)));
            }
            Some(_) = open.join_next() => {}
            else => tokio::task::yield_now().await,
        }
    }
}

/// Counts a connection as open for as long as this lives.
struct Open(Arc<Shared>);

impl Drop for Open {
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
    let _open = Open(Arc::clone(&shared));
    let ending = match shared.upstream.engine {
        Engine::Postgres => postgres::serve(stream, Arc::clone(&shared)).await,
        Engine::Mysql => mysql::serve(stream, Arc::clone(&shared)).await,
    };
    let is_expected = ending.as_ref().err().is_none_or(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
        )
    });
    if let (false, Err(error)) = (is_expected, ending) {
        shared.stats().trouble(error.to_string());
    }
}
