//! Configuration, from flags and environment.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use app::context::{Registration, Secret, SiteConfig};
use app::mail::{Mailer, outbox, parse_from};
use clap::Parser;
use db::drivers::native::{DatabaseUrl, NativeConnector, PoolSize};
use db::{Db, Misconfigured};
use http::HeaderName;

use crate::smtp::Smtp;

/// Serve the site. Every flag is also an environment variable.
#[derive(Clone, Parser)]
#[command(name = "native-server", version, after_help = AFTER)]
pub struct Config {
    /// Database: `sqlite:<file>`, `postgres://…`, `mysql://…` or `d1:<account id>/<database id>`.
    #[arg(long, env, hide_env_values = true)]
    pub database_url: Option<String>,
    /// Most connections to the database.
    #[arg(long, env, default_value_t = PoolSize::default().0)]
    pub database_pool: NonZeroUsize,
    /// Address to listen on; 0.0.0.0 is all of them.
    #[arg(long, env, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
    /// Port to listen on.
    #[arg(long, env, default_value_t = 8787)]
    pub port: u16,
    /// Folder of assets.
    #[arg(long, env, default_value = "target/site")]
    pub site_dir: PathBuf,
    /// Scheme and host of the site, such as https://example.com. Default: the host of each request.
    #[arg(long, env)]
    pub site_url: Option<String>,
    /// Secret that signs cookies; at least 32 characters.
    #[arg(long, env, hide_env_values = true)]
    pub session_secret: Option<String>,
    /// The header in which the proxy in front names the client's address, such as X-Forwarded-For; the last one in it counts.
    #[arg(long, env)]
    pub client_address_header: Option<HeaderName>,
    /// The people who may make an account: `open` for everybody, `invite`, or `closed`.
    #[arg(long, env, default_value = "closed")]
    pub registration: String,
    /// The server that takes mail: `smtps://user:password@host`, or `smtp://…?tls=required` for STARTTLS. Without it no mail is sent.
    #[arg(long, env, hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The address that mail comes from.
    #[arg(long, env)]
    pub mail_from: Option<String>,
    /// With `development`, Server-Timing shows what each request has queried.
    #[arg(long, env, default_value = "production")]
    pub environment: String,
    /// With `1`, every statement is logged, without its values.
    #[arg(long, env)]
    pub log_sql: Option<String>,
    /// Check the health of the server on this port, instead of running one.
    #[arg(long)]
    pub check_health: bool,
}

const AFTER: &str =
    "Also reads CLOUDFLARE_API_TOKEN for a `d1:` database, and RUST_LOG (default: `info`).

Example:
  DATABASE_URL=sqlite:site.sqlite native-server --port 8080";

impl Config {
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// The database; `variable` reads the environment. An error is logged, and shown on every page that needs the database.
    pub(crate) fn database(&self, variable: impl Fn(&str) -> Option<String>) -> Database {
        let connector = match present(self.database_url.as_ref()) {
            None => Err(
                "DATABASE_URL is not set: it names the site's database. See `native-server --help`."
                    .to_owned(),
            ),
            Some(url) => DatabaseUrl::parse(url, variable)
                .map_err(|why| format!("DATABASE_URL cannot be used: {why}"))
                .and_then(|url| {
                    log::info!("database: {}", url.describe());
                    url.connector(PoolSize(self.database_pool))
                        .map_err(|error| error.to_string())
                }),
        };
        if let Err(why) = &connector {
            log::error!("{why}");
        }
        Database {
            connector,
            logs_sql: self.log_sql.as_deref() == Some("1"),
        }
    }

    fn is_development(&self) -> bool {
        self.environment == "development"
    }

    /// The sender of mail. In development without a mail server, mail goes to the outbox.
    pub(crate) fn mailer(&self) -> Option<Arc<dyn Mailer>> {
        let Some(url) = present(self.smtp_url.as_ref()) else {
            return outbox::mailer().filter(|_| self.is_development());
        };
        let smtp =
            parse_from(present(self.mail_from.as_ref())).and_then(|from| Smtp::new(url, &from));
        match smtp {
            Ok(smtp) => Some(Arc::new(smtp)),
            Err(why) => {
                log::error!("No mail can be sent. {why}");
                None
            }
        }
    }

    /// The site; its origin is empty when it depends on the request.
    pub(crate) fn site(&self) -> SiteConfig {
        let secret = present(self.session_secret.as_ref()).and_then(|text| {
            let secret = Secret::new(text.to_owned());
            if secret.is_none() {
                log::error!("SESSION_SECRET is too short: it needs at least 32 characters.");
            }
            secret
        });
        SiteConfig {
            origin: present(self.site_url.as_ref())
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            dev_events: None,
            shows_timing: self.is_development(),
            secret,
            registration: Registration::parse(&self.registration),
        }
    }
}

fn present(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// The database, from which each request gets a client.
pub(crate) struct Database {
    connector: Result<NativeConnector, String>,
    logs_sql: bool,
}

impl Database {
    /// A client for one request.
    pub(crate) fn client(&self) -> Db {
        match &self.connector {
            Ok(connector) => Db::with_logging(connector.clone(), self.logs_sql),
            Err(why) => Db::new(Misconfigured(why.clone())),
        }
    }
}

/// The site, at the origin of the request unless it has its own.
pub(crate) fn with_origin(
    site: &Arc<SiteConfig>,
    origin: impl FnOnce() -> String,
) -> Arc<SiteConfig> {
    if site.origin.is_empty() {
        Arc::new(SiteConfig {
            origin: origin(),
            ..SiteConfig::clone(site)
        })
    } else {
        Arc::clone(site)
    }
}
