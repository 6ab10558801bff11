//! Static prerendering: the same application, rendered before anybody asks, in a context that finds its database itself.
//!
//! The way of a page: [`list`] goes through Leptos's static routes → [`render`] answers it as the Worker would, between two
//! looks at its version → [`output`] writes it where the Worker looks. Absent: the exchange of the served files for the new
//! ones, which `cargo x prerender` does.

pub mod list;
pub mod output;
pub mod render;
pub mod settings;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};
use app::context::{DatabaseProvider, SiteConfig};
use db::drivers::native::{DatabaseUrl, NativeConnector, PoolSize};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::queries::public_copy;
use db::{BoxFuture, Connector, Db, DbError};
use futures::StreamExt;

use crate::output::Output;
use crate::render::Renderer;
use crate::settings::Settings;

/// After how many pages something is said.
const STEP: usize = 200;

/// How often a copy is begun again because something was withdrawn meanwhile.
const TRIES: usize = 5;

/// The database of every page: a client for each, from one pool.
struct Database<C>(C);

impl<C: Connector + Clone + 'static> DatabaseProvider for Database<C> {
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>> {
        Box::pin(async { Ok(Db::new(self.0.clone())) })
    }
}

/// Where no database is to be asked.
struct NoDatabase;

impl DatabaseProvider for NoDatabase {
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>> {
        let why = "This page depends on rows, and is rendered without a database.".to_owned();
        Box::pin(async { Err(DbError::Unavailable(why)) })
    }
}

/// Renders everything; `setting` reads what is no flag, `say` tells how far it is. Gives a summary.
///
/// # Errors
/// When the database cannot be used, a page does not render with status 200, or a file cannot be written: with each page's
/// path and reason. The folder is then not complete and must not be served.
pub async fn run(
    settings: &Settings,
    setting: impl Fn(&str) -> Option<String>,
    say: impl Fn(&str),
) -> Result<String> {
    let jobs = settings.jobs.or_else(|| available_parallelism().ok());
    let jobs = jobs.unwrap_or(NonZeroUsize::MIN);
    let (platform, from): (Arc<dyn DatabaseProvider>, String) = if settings.no_database {
        (Arc::new(NoDatabase), "no database".to_owned())
    } else {
        let url = settings
            .database_url
            .as_deref()
            .filter(|url| !url.is_empty());
        let url = url.context(
            "no database is named: DATABASE_URL or --database-url does, and --no-database renders only what needs none",
        )?;
        let native = DatabaseUrl::parse(url, setting)
            .map_err(|why| anyhow::anyhow!("DATABASE_URL cannot be used: {why}"))?;
        let from = native.describe();
        say(&format!("reading {from}"));
        let source = native.connector(PoolSize(jobs))?;
        if native.is_d1() {
            let copy = copied(source, &say).await?;
            (Arc::new(Database(SqliteConnector::Open(copy))), from)
        } else {
            (Arc::new(Database(source)), from)
        }
    };
    let site = Arc::new(SiteConfig {
        origin: origin(&settings.site_url)?,
        dev_events: None,
        shows_timing: false,
        secret: None,
    });
    let renderer = Arc::new(Renderer::new(site, platform));
    let most = if settings.no_database {
        0
    } else {
        settings.limit
    };
    let paths = list::paths(&renderer, most, !settings.no_database).await?;
    let output = Output::create(&settings.out)?;

    let total = paths.len();
    let mut rendered = futures::stream::iter(paths)
        .map(|path| {
            let renderer = Arc::clone(&renderer);
            async move {
                let page = tokio::spawn({
                    let path = path.clone();
                    async move { renderer.render(&path).await }
                });
                let page = page.await.unwrap_or_else(|error| Err(error.to_string()));
                (path, page)
            }
        })
        .buffer_unordered(jobs.get());
    let (mut output, mut done, mut failed) = (output, 0, Vec::new());
    while let Some((path, page)) = rendered.next().await {
        match page {
            Ok(page) => output.page(&path, &page)?,
            Err(why) => failed.push(format!("{path}: {why}")),
        }
        done += 1;
        if done % STEP == 0 {
            say(&format!("{done} of {total} pages"));
        }
    }
    if !failed.is_empty() {
        failed.sort();
        bail!(
            "{} of {total} pages did not render:\n{}",
            failed.len(),
            failed.join("\n")
        );
    }
    for (status, page) in renderer.errors().await {
        output.error(status, &page)?;
    }
    output.finish(renderer.headers())?;
    let pages = if total == 1 { "page" } else { "pages" };
    Ok(format!("{total} {pages} from {from}"))
}

/// A copy of what is public in a D1, to read pages from: each page takes three questions, and Cloudflare's API takes 1,200
/// requests in five minutes (developers.cloudflare.com/fundamentals/api/reference/limits). What the copy mixes of two
/// moments has a version that the database never says, and so is never shown.
async fn copied(source: NativeConnector, say: impl Fn(&str)) -> Result<Arc<Sqlite>> {
    let d1 = Db::new(source);
    for _ in 0..TRIES {
        let sqlite = Arc::new(Sqlite::in_memory()?);
        db::migrate::apply(&sqlite, db::migrate::SQLITE).await?;
        let copy = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
        match public_copy::run(&d1, &copy).await {
            Ok(rows) => {
                say(&format!("copied {rows} public rows"));
                return Ok(sqlite);
            }
            Err(DbError::ForeignKey(_)) => {}
            Err(error) => return Err(error).context("the database cannot be copied"),
        }
    }
    bail!("the database cannot be copied: it changed {TRIES} times meanwhile")
}

/// The site's own address, without what follows the host.
fn origin(url: &str) -> Result<String> {
    let origin = url.trim_end_matches('/');
    let is_origin = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
        .is_some_and(|host| !host.is_empty() && !host.contains('/'));
    anyhow::ensure!(
        is_origin,
        "`{url}` is no site: it is scheme and host, such as https://example.com"
    );
    Ok(origin.to_owned())
}
