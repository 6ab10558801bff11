//! Settings of the Worker, from its variables, secrets and bindings: read once for each isolate.

use std::sync::Arc;

use app::context::{Secret, SiteConfig};
use db::drivers::d1::D1Connector;
use db::drivers::server_options::ServerOptions;
use db::drivers::sockets::{DirectConnector, HyperdriveConnector};
use db::{Connector, ConsistencyToken, Db, Misconfigured, ServerDialect};
use wasm_bindgen::JsValue;
use worker::Env;

use super::read_only::ReadOnlyWithoutSecret;

pub(super) struct Settings {
    database: Database,
    logs_sql: bool,
    /// `SITE_URL`; without it each request's own origin is the site's.
    site_url: Option<String>,
    dev_events: Option<String>,
    shows_timing: bool,
    secret: Option<Secret>,
}

/// The database that `DB_DRIVER` names.
enum Database {
    D1,
    Hyperdrive,
    Direct(ServerOptions),
    /// The settings are wrong, as the sentence says.
    Misconfigured(String),
}

impl Settings {
    // Kept apart from the code of each request, which is compiled when it is first run.
    #[inline(never)]
    pub(super) fn from_env(env: &Env) -> Self {
        let text = |value: String| Some(value).filter(|value| !value.is_empty());
        let variable = |name: &str| env.var(name).ok().and_then(|value| text(value.to_string()));
        let secret = |name: &str| {
            env.secret(name)
                .ok()
                .and_then(|value| text(value.to_string()))
        };
        Self {
            database: database(variable("DB_DRIVER").as_deref(), secret("DATABASE_URL")),
            logs_sql: variable("LOG_SQL").as_deref() == Some("1"),
            site_url: variable("SITE_URL").map(|url| url.trim_end_matches('/').to_owned()),
            shows_timing: variable("ENVIRONMENT").as_deref() == Some("development"),
            dev_events: variable("DEV_EVENTS"),
            secret: secret("SESSION_SECRET").and_then(Secret::new),
        }
    }

    pub(super) fn site(&self, origin: &str) -> Arc<SiteConfig> {
        Arc::new(SiteConfig {
            origin: self.site_url.as_deref().unwrap_or(origin).to_owned(),
            dev_events: self.dev_events.clone(),
            shows_timing: self.shows_timing,
            secret: self.secret.clone(),
        })
    }

    /// A client for one request; reads see at least what `token` says.
    pub(super) fn db(&self, env: &Env, token: Option<ConsistencyToken>) -> Db {
        Db::with_logging(self.connector(env, token), self.logs_sql)
    }

    #[cfg(feature = "test_routes")]
    pub(super) fn is_hyperdrive(&self) -> bool {
        matches!(self.database, Database::Hyperdrive)
    }

    pub(super) fn connector(
        &self,
        env: &Env,
        token: Option<ConsistencyToken>,
    ) -> Box<dyn Connector> {
        let env: &JsValue = env;
        let has_secret = self.secret.is_some();
        match &self.database {
            Database::D1 => {
                let d1 = D1Connector::new(env.clone(), "DB", token);
                Box::new(ReadOnlyWithoutSecret::new(has_secret, d1))
            }
            Database::Hyperdrive => match HyperdriveConnector::new(env, token.as_ref()) {
                Ok(bindings) => Box::new(ReadOnlyWithoutSecret::new(has_secret, bindings)),
                Err(why) => Box::new(Misconfigured(why)),
            },
            Database::Direct(server) => Box::new(DirectConnector(server.clone())),
            Database::Misconfigured(why) => Box::new(Misconfigured(why.clone())),
        }
    }
}

fn database(driver: Option<&str>, url: Option<String>) -> Database {
    let (name, dialect) = match driver {
        None | Some("d1") => return Database::D1,
        Some("hyperdrive") => return Database::Hyperdrive,
        Some("postgres") => ("postgres", ServerDialect::Postgres),
        Some("mysql") => ("mysql", ServerDialect::MySql),
        Some(other) => {
            return Database::Misconfigured(format!(
                "DB_DRIVER is `{other}`; it can be `d1`, `hyperdrive`, `postgres` or `mysql`. It stands in the vars of \
                 wrangler.jsonc."
            ));
        }
    };
    let Some(url) = url else {
        return Database::Misconfigured(format!(
            "DB_DRIVER is `{name}`, but the secret DATABASE_URL is missing: `wrangler secret put DATABASE_URL`, locally a line \
             in .dev.vars."
        ));
    };
    match ServerOptions::parse(&url) {
        Ok(server) if server.dialect == dialect => Database::Direct(server),
        Ok(server) => Database::Misconfigured(format!(
            "DB_DRIVER is `{name}`, but the secret DATABASE_URL is one of {}.",
            server.dialect.name()
        )),
        Err(why) => {
            Database::Misconfigured(format!("The secret DATABASE_URL cannot be used: {why}."))
        }
    }
}
