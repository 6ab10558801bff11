//! Settings of the Worker, from its variables, secrets and bindings: read once for each isolate.

use std::sync::Arc;

use app::context::{Registration, Secret, SiteConfig};
use app::mail::Mailer;
use db::drivers::d1::D1Connector;
use db::{Connector, ConsistencyToken, Db, Misconfigured};
use wasm_bindgen::JsValue;
use worker::Env;

use super::mailer::MailSettings;
use super::read_only::ReadOnlyWithoutSecret;
use super::servers::Server;

pub(super) struct Settings {
    database: Database,
    logs_sql: bool,
    /// `SITE_URL`; without it each request's own origin is the site's.
    site_url: Option<String>,
    dev_events: Option<String>,
    shows_timing: bool,
    secret: Option<Secret>,
    registration: Registration,
    mail: MailSettings,
}

/// The database that `DB_DRIVER` names.
enum Database {
    D1,
    Server(Server),
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
        let is_development = variable("ENVIRONMENT").as_deref() == Some("development");
        Self {
            database: database(variable("DB_DRIVER").as_deref(), secret("DATABASE_URL")),
            logs_sql: variable("LOG_SQL").as_deref() == Some("1"),
            site_url: variable("SITE_URL").map(|url| url.trim_end_matches('/').to_owned()),
            shows_timing: is_development,
            dev_events: variable("DEV_EVENTS"),
            secret: secret("SESSION_SECRET").and_then(Secret::new),
            registration: variable("REGISTRATION")
                .map_or_else(Registration::default, |word| Registration::parse(&word)),
            mail: MailSettings::from_env(
                env,
                variable("MAIL_FROM").as_deref(),
                variable("MAIL_API_URL"),
                secret("MAIL_API_TOKEN"),
                is_development,
            ),
        }
    }

    pub(super) fn site(&self, origin: &str) -> Arc<SiteConfig> {
        Arc::new(SiteConfig {
            origin: self.site_url.as_deref().unwrap_or(origin).to_owned(),
            dev_events: self.dev_events.clone(),
            shows_timing: self.shows_timing,
            secret: self.secret.clone(),
            registration: self.registration,
        })
    }

    /// The sender of mail for one request, if one is configured.
    pub(super) fn mailer(&self, env: &Env) -> Option<Arc<dyn Mailer>> {
        self.mail.mailer(env)
    }

    /// A client for one request; reads see at least what `token` says.
    pub(super) fn db(&self, env: &Env, token: Option<ConsistencyToken>) -> Db {
        Db::with_logging(self.connector(env, token), self.logs_sql)
    }

    #[cfg(feature = "test_routes")]
    pub(super) fn is_hyperdrive(&self) -> bool {
        matches!(self.database, Database::Server(Server::Hyperdrive))
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
            Database::Server(server) => server.connector(env, token.as_ref(), has_secret),
            Database::Misconfigured(why) => Box::new(Misconfigured(why.clone())),
        }
    }
}

fn database(driver: Option<&str>, url: Option<String>) -> Database {
    match driver {
        None | Some("d1") => Database::D1,
        Some(driver @ ("hyperdrive" | "postgres" | "mysql")) => Server::from_settings(driver, url)
            .map_or_else(Database::Misconfigured, Database::Server),
        Some(other) => Database::Misconfigured(format!(
            "DB_DRIVER is `{other}`; it can be `d1`, `hyperdrive`, `postgres` or `mysql`. It stands in the vars of \
             wrangler.jsonc."
        )),
    }
}
