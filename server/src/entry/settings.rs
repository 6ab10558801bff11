//! What the Worker is told by its variables, secrets and bindings: read once for each isolate.

use std::sync::Arc;

use app::context::{Secret, SiteConfig};
use db::drivers::d1::D1Connector;
use db::drivers::server_options::ServerOptions;
use db::drivers::sockets::{DirectConnector, HyperdriveConnector};
use db::{Connector, ConsistencyToken, Db, Misconfigured, ServerDialect};
use wasm_bindgen::JsValue;
use worker::Env;

use super::needs_secret::NeedsSecret;

/// The settings of an isolate.
pub(super) struct Settings {
    engine: Engine,
    logs_sql: bool,
    /// `SITE_URL`; without it each request's own origin is the site's.
    site_url: Option<String>,
    dev_events: Option<String>,
    shows_timing: bool,
    secret: Option<Secret>,
}

/// Where the database is (`DB_DRIVER`).
enum Engine {
    D1,
    Hyperdrive,
    DirectConnector(ServerOptions),
    /// Nowhere: the setting is wrong, and the sentence says how.
    Wrong(String),
}

impl Settings {
    // Kept apart from the code of each request, which is compiled when it is first run.
    #[inline(never)]
    pub(super) fn of(env: &Env) -> Self {
        let text = |value: String| Some(value).filter(|value| !value.is_empty());
        let variable = |name: &str| env.var(name).ok().and_then(|value| text(value.to_string()));
        let secret = |name: &str| {
            env.secret(name)
                .ok()
                .and_then(|value| text(value.to_string()))
        };
        Self {
            engine: engine(variable("DB_DRIVER").as_deref(), secret("DATABASE_URL")),
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

    /// A client for one request of a visitor who has seen the database up to `mark`.
    pub(super) fn db(&self, env: &JsValue, mark: Option<ConsistencyToken>) -> Db {
        Db::with_logging(self.source(env, mark), self.logs_sql)
    }

    fn source(&self, env: &JsValue, mark: Option<ConsistencyToken>) -> Box<dyn Connector> {
        let has_secret = self.secret.is_some();
        match &self.engine {
            Engine::D1 => {
                let d1 = D1Connector::new(env.clone(), "DB", mark);
                Box::new(NeedsSecret::unless(has_secret, d1))
            }
            Engine::Hyperdrive => match HyperdriveConnector::new(env, mark.as_ref()) {
                Ok(bindings) => Box::new(NeedsSecret::unless(has_secret, bindings)),
                Err(why) => Box::new(Misconfigured(why)),
            },
            Engine::DirectConnector(target) => Box::new(DirectConnector(target.clone())),
            Engine::Wrong(why) => Box::new(Misconfigured(why.clone())),
        }
    }

    /// Where the contract suite gets its clients.
    #[cfg(feature = "test_routes")]
    pub(super) fn clients(&self, env: &JsValue) -> db::contract::Clients {
        use db::Dialect;
        use db::contract::{Clients, EngineTraits};
        let source = self.source(env, None);
        let traits = match source.dialect() {
            Dialect::Postgres => EngineTraits::POSTGRES,
            Dialect::MySql => EngineTraits::MYSQL,
            Dialect::Sqlite => EngineTraits::D1,
        };
        let is_hyperdrive = matches!(self.engine, Engine::Hyperdrive) && source.is_split();
        let traits = if is_hyperdrive {
            traits.through_hyperdrive()
        } else {
            traits
        };
        Clients::new(source, traits)
    }
}

fn engine(driver: Option<&str>, url: Option<String>) -> Engine {
    let (name, dialect) = match driver {
        None | Some("d1") => return Engine::D1,
        Some("hyperdrive") => return Engine::Hyperdrive,
        Some("postgres") => ("postgres", ServerDialect::Postgres),
        Some("mysql") => ("mysql", ServerDialect::MySql),
        Some(other) => {
            return Engine::Wrong(format!(
                "DB_DRIVER is `{other}`; it can be `d1`, `hyperdrive`, `postgres` or `mysql`. It stands in the vars of \
                 wrangler.jsonc."
            ));
        }
    };
    let Some(url) = url else {
        return Engine::Wrong(format!(
            "DB_DRIVER is `{name}`, but the secret DATABASE_URL is missing: `wrangler secret put DATABASE_URL`, locally a line \
             in .dev.vars."
        ));
    };
    match ServerOptions::parse(&url) {
        Ok(target) if target.dialect == dialect => Engine::DirectConnector(target),
        Ok(target) => Engine::Wrong(format!(
            "DB_DRIVER is `{name}`, but the secret DATABASE_URL is one of {}.",
            target.dialect.name()
        )),
        Err(why) => Engine::Wrong(format!("The secret DATABASE_URL cannot be used: {why}.")),
    }
}
