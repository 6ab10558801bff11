//! The database servers that `DB_DRIVER` can name.

use db::drivers::server_options::ServerOptions;
use db::drivers::sockets::{DirectConnector, HyperdriveConnector};
use db::{Connector, ConsistencyToken, Misconfigured, ServerDialect};
use wasm_bindgen::JsValue;

use super::read_only::ReadOnlyWithoutSecret;

/// The way to a database server.
pub(super) enum Server {
    Hyperdrive,
    Direct(ServerOptions),
}

impl Server {
    /// The server that `driver` names, with the secret `DATABASE_URL`.
    ///
    /// # Errors
    /// A sentence, when the two do not fit.
    pub(super) fn from_settings(driver: &str, url: Option<String>) -> Result<Self, String> {
        let dialect = match driver {
            "postgres" => ServerDialect::Postgres,
            "mysql" => ServerDialect::MySql,
            _ => return Ok(Self::Hyperdrive),
        };
        let Some(url) = url else {
            return Err(format!(
                "DB_DRIVER is `{driver}`, but the secret DATABASE_URL is missing: `wrangler secret put DATABASE_URL`, locally a \
                 line in .dev.vars."
            ));
        };
        match ServerOptions::parse(&url) {
            Ok(server) if server.dialect == dialect => Ok(Self::Direct(server)),
            Ok(server) => Err(format!(
                "DB_DRIVER is `{driver}`, but the secret DATABASE_URL is one of {}.",
                server.dialect.name()
            )),
            Err(why) => Err(format!("The secret DATABASE_URL cannot be used: {why}.")),
        }
    }

    /// Makes the connector of one request.
    pub(super) fn connector(
        &self,
        env: &JsValue,
        token: Option<&ConsistencyToken>,
        has_secret: bool,
    ) -> Box<dyn Connector> {
        let connector: Result<Box<dyn Connector>, String> = match self {
            Self::Hyperdrive => HyperdriveConnector::new(env, token)
                .map(|bindings| Box::new(ReadOnlyWithoutSecret::new(has_secret, bindings)) as _),
            Self::Direct(server) => {
                DirectConnector::new(server.clone()).map(|direct| Box::new(direct) as _)
            }
        };
        connector.unwrap_or_else(|why| Box::new(Misconfigured(why)))
    }
}
