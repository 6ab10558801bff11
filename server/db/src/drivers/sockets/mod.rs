//! Connectors of a Worker to a database server: by its own socket, or through Hyperdrive. Each engine's log-in is a file; of
//! an engine whose feature is off, there is none.

mod closing;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(not(feature = "mysql"))]
#[path = "no_log_in.rs"]
mod mysql;
#[cfg(not(feature = "postgres"))]
#[path = "no_log_in.rs"]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres;

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use worker::js_sys::Reflect;
use worker::send::SendFuture;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{Hyperdrive, SecureTransport, Socket};

use self::closing::ClosingSocket;
use super::left_out::left_out;
use super::opening;
use super::server_options::{Authorities, ServerOptions, Tls};
use crate::connector::CACHE_TTL;
use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, ServerDialect,
    Timeouts,
};

/// Connects to a server by the Worker's own socket.
pub struct DirectConnector(ServerOptions);

impl DirectConnector {
    /// A connector to `server`.
    ///
    /// # Errors
    /// A sentence, when this build has no client for such a server.
    pub fn new(server: ServerOptions) -> Result<Self, String> {
        ensure_built(server.dialect)?;
        Ok(Self(server))
    }
}

impl Connector for DirectConnector {
    fn dialect(&self) -> Dialect {
        self.0.dialect.into()
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let server = &self.0;
        Box::pin(SendFuture::new(opening::open(server, async {
            let transport = match &server.tls {
                Tls::Verified {
                    root: Authorities::File(_),
                } => {
                    return Err(DbError::Unavailable(
                        "The database's URL names a file of certificates (`sslrootcert`), but a Worker has no files: it trusts \
                         the authorities of its platform. Leave `sslrootcert` out, or go through Hyperdrive."
                            .to_owned(),
                    ));
                }
                Tls::Verified { .. } => SecureTransport::StartTls,
                Tls::Off | Tls::Inside => SecureTransport::Off,
            };
            let socket = Socket::builder()
                .secure_transport(transport)
                .connect(&server.host, server.port)
                .map_err(|error| DbError::Lost(error.to_string()))?;
            log_in(socket, server).await
        })))
    }

    fn timeouts(&self) -> Option<Timeouts> {
        Some(opening::timeouts(&self.0))
    }
}

/// The names of the two bindings.
const CACHED: &str = "HYPERDRIVE_CACHED";
const DIRECT: &str = "HYPERDRIVE_DIRECT";

/// Connects through two Hyperdrive bindings to one database: one that serves reads from its cache, and one that does not.
/// If there is only one, it serves all reads and writes.
pub struct HyperdriveConnector {
    cached: Option<Hyperdrive>,
    direct: Option<Hyperdrive>,
    dialect: ServerDialect,
    reads_direct: bool,
}

impl HyperdriveConnector {
    /// Finds the bindings in `env`.
    ///
    /// # Errors
    /// A sentence: when there is none, or when this build has no client for their server.
    pub fn new(env: &JsValue, token: Option<&ConsistencyToken>) -> Result<Self, String> {
        let binding = |name| -> Option<Hyperdrive> {
            let found = Reflect::get(env, &JsValue::from_str(name)).ok()?;
            Reflect::has(&found, &JsValue::from_str("connectionString"))
                .is_ok_and(|has| has)
                .then(|| found.unchecked_into())
        };
        let (cached, direct) = (binding(CACHED), binding(DIRECT));
        let Some(any) = cached.as_ref().or(direct.as_ref()) else {
            return Err(format!(
                "DB_DRIVER is `hyperdrive`, but neither binding {CACHED} nor {DIRECT} exists: declare them under hyperdrive in \
                 wrangler.jsonc and start or deploy again."
            ));
        };
        let dialect = if any.connection_string().starts_with("mysql") {
            ServerDialect::MySql
        } else {
            ServerDialect::Postgres
        };
        ensure_built(dialect)?;
        Ok(Self {
            dialect,
            reads_direct: matches!(token, Some(ConsistencyToken::Until(then)) if *then > Timestamp::now()),
            cached,
            direct,
        })
    }

    fn binding(&self, consistency: Consistency) -> Option<&Hyperdrive> {
        let (first, other) = match consistency {
            Consistency::Eventual if !self.reads_direct => (&self.cached, &self.direct),
            Consistency::Eventual | Consistency::Strong => (&self.direct, &self.cached),
        };
        first.as_ref().or(other.as_ref())
    }

    async fn open(&self, consistency: Consistency) -> Result<Arc<dyn Driver>, DbError> {
        let failed = |why: String| DbError::Unavailable(format!("Hyperdrive: {why}"));
        let binding = self
            .binding(consistency)
            .ok_or_else(|| failed("no binding".to_owned()))?;
        // The parts, and not the URL that the binding makes of them, in which a password may be written as it is.
        let server = ServerOptions {
            dialect: self.dialect,
            host: binding.host(),
            port: binding.port(),
            user: binding.user(),
            password: binding.password().into(),
            database: binding.database(),
            tls: Tls::Inside,
            connect_timeout: None,
            session: Vec::new(),
        };
        let socket = binding
            .connect()
            .map_err(|error| failed(error.to_string()))?;
        opening::open(&server, log_in(socket, &server)).await
    }
}

impl Connector for HyperdriveConnector {
    fn dialect(&self) -> Dialect {
        self.dialect.into()
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(SendFuture::new(self.open(consistency)))
    }

    fn timeouts(&self) -> Option<Timeouts> {
        Some(opening::default_timeouts())
    }

    fn is_split(&self) -> bool {
        !self.reads_direct && self.cached.is_some() && self.direct.is_some()
    }

    /// A minute: with a time of its own in every query, Hyperdrive would never answer from its cache.
    fn clock_step(&self) -> Duration {
        Duration::from_secs(if self.is_split() { 60 } else { 0 })
    }

    fn token_after_write(&self, _: &dyn Driver) -> Option<ConsistencyToken> {
        let now = Timestamp::now().as_millis();
        let lasts = i64::try_from(CACHE_TTL.as_millis()).unwrap_or(i64::MAX);
        (self.cached.is_some() && self.direct.is_some())
            .then(|| ConsistencyToken::Until(Timestamp::from_millis(now.saturating_add(lasts))))
    }
}

/// Starts TLS if required, and logs in.
async fn log_in(socket: Socket, server: &ServerOptions) -> Result<Arc<dyn Driver>, DbError> {
    let socket = ClosingSocket::new(socket);
    match server.dialect {
        ServerDialect::Postgres => postgres::log_in(socket, server).await,
        ServerDialect::MySql => mysql::log_in(socket, server).await,
    }
}

/// Fails where this build has no client for servers that speak `dialect`.
///
/// # Errors
/// A sentence that says how to build one in.
fn ensure_built(dialect: ServerDialect) -> Result<(), String> {
    let is_built = match dialect {
        ServerDialect::Postgres => cfg!(feature = "postgres"),
        ServerDialect::MySql => cfg!(feature = "mysql"),
    };
    match is_built {
        true => Ok(()),
        false => Err(left_out(dialect.product())),
    }
}
