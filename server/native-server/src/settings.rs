//! What the program is told by its flags and its environment: read once.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use app::context::{Secret, SiteConfig};
use clap::Parser;
use db::drivers::native::{DatabaseUrl, NativeConnector, PoolSize};
use db::{Db, Misconfigured};

/// Serves the site. Every flag is an environment variable too.
#[derive(Clone, Parser)]
#[command(name = "serve", version, after_help = AFTER)]
pub struct Settings {
    /// The database: `sqlite:<file>`, `postgres://…`, `mysql://…` or `d1:<account id>/<database id>`.
    #[arg(long, env, hide_env_values = true)]
    pub database_url: Option<String>,
    /// How many connections to the database there are at most.
    #[arg(long, env, default_value_t = PoolSize::default().0)]
    pub database_pool: NonZeroUsize,
    /// The address to listen at; 0.0.0.0 is every one.
    #[arg(long, env, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
    /// The port to listen at.
    #[arg(long, env, default_value_t = 8787)]
    pub port: u16,
    /// The folder of assets.
    #[arg(long, env, default_value = "target/site")]
    pub site_dir: PathBuf,
    /// Scheme and host of the site as readers see it, such as https://example.com; else what each request says.
    #[arg(long, env)]
    pub site_url: Option<String>,
    /// What signs cookies: at least 32 characters.
    #[arg(long, env, hide_env_values = true)]
    pub session_secret: Option<String>,
    /// `development` shows figures of the database in Server-Timing.
    #[arg(long, env, default_value = "production")]
    pub environment: String,
    /// `1` logs every statement, without its values.
    #[arg(long, env)]
    pub log_sql: Option<String>,
    /// Ask the server that runs at this port whether it is well, instead of running one.
    #[arg(long)]
    pub check_health: bool,
}

const AFTER: &str =
    "Also read: CLOUDFLARE_API_TOKEN, for a `d1:` database; RUST_LOG, `info` if it is not set.

Example:
  DATABASE_URL=sqlite:site.sqlite serve --port 8080";

impl Settings {
    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// The way to the database; `setting` reads what is no flag. What is wrong is said on every page that needs it.
    pub(crate) fn database(&self, setting: impl Fn(&str) -> Option<String>) -> Database {
        let found = match present(self.database_url.as_ref()) {
            None => Err(
                "DATABASE_URL is not set: it names the site's database. See `serve --help`."
                    .to_owned(),
            ),
            Some(url) => DatabaseUrl::parse(url, setting)
                .map_err(|why| format!("DATABASE_URL cannot be used: {why}"))
                .and_then(|native| {
                    log::info!("database: {}", native.describe());
                    native
                        .connector(PoolSize(self.database_pool))
                        .map_err(|error| error.to_string())
                }),
        };
        if let Err(why) = &found {
            log::error!("{why}");
        }
        Database {
            found,
            logs: self.log_sql.as_deref() == Some("1"),
        }
    }

    /// What the site is; without its own URL, it is where the request says.
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
            shows_timing: self.environment == "development",
            secret,
        }
    }
}

fn present(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Where each request gets its client.
pub(crate) struct Database {
    found: Result<NativeConnector, String>,
    logs: bool,
}

impl Database {
    /// A client for one request.
    pub(crate) fn client(&self) -> Db {
        match &self.found {
            Ok(source) => Db::with_logging(source.clone(), self.logs),
            Err(why) => Db::new(Misconfigured(why.clone())),
        }
    }
}

/// The site at an origin.
pub(crate) fn at(site: &Arc<SiteConfig>, origin: impl FnOnce() -> String) -> Arc<SiteConfig> {
    if site.origin.is_empty() {
        Arc::new(SiteConfig {
            origin: origin(),
            ..SiteConfig::clone(site)
        })
    } else {
        Arc::clone(site)
    }
}
