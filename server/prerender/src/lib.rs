//! Static prerendering: the site's pages, rendered before anybody asks for them.
//!
//! The way of a page: [`list`] gives the paths of what `app::prerender` declares → [`render`] answers each as the Worker
//! would, between two looks at its version → [`output`] writes it where the Worker looks. Absent: exchanging the served
//! files for the new ones, which `cargo x prerender` does.

#![expect(missing_docs, reason = "a program's own modules")]

pub mod args;
mod copy;
pub mod list;
pub mod output;
pub mod render;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};
use app::context::{DatabaseProvider, Registration, SiteConfig};
use app::prerender::fixed_paths;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::SqliteConnector;
use db::{BoxFuture, Connector, Db, DbError};
use futures::StreamExt;

use crate::args::Args;
use crate::output::Output;
use crate::render::Renderer;

/// The pages between two lines of progress.
const PROGRESS_STEP: usize = 200;

/// Gives each page a client of its own, over one connector.
struct Clients<C>(C);

impl<C: Connector + Clone + 'static> DatabaseProvider for Clients<C> {
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>> {
        Box::pin(async { Ok(Db::new(self.0.clone())) })
    }
}

/// Gives no client.
struct NoDatabase;

impl DatabaseProvider for NoDatabase {
    fn database(&self) -> BoxFuture<'_, Result<Db, DbError>> {
        let why = "This page shows rows, and is rendered without a database.".to_owned();
        Box::pin(async { Err(DbError::Unavailable(why)) })
    }
}

/// Renders everything and returns a summary. `variable` reads the environment, `report` gets the progress.
///
/// # Errors
/// When the database cannot be used, a page does not render with status 200, or a file cannot be written; with the path and
/// reason of each page. The folder is then incomplete and must not be served.
pub async fn run(
    args: &Args,
    variable: impl Fn(&str) -> Option<String>,
    report: impl Fn(&str),
) -> Result<String> {
    let jobs = args.jobs.or_else(|| available_parallelism().ok());
    let jobs = jobs.unwrap_or(NonZeroUsize::MIN);
    let (provider, source) = provider(args, jobs, variable, &report).await?;
    let site = Arc::new(SiteConfig {
        origin: origin(&args.site_url)?,
        dev_events: None,
        shows_timing: false,
        secret: None,
        registration: Registration::Closed,
    });
    let renderer = Arc::new(Renderer::new(server::router(), site, provider));
    let paths = if args.no_database {
        fixed_paths()
    } else {
        list::paths(&renderer, args.limit).await?
    };
    let total = paths.len();
    let mut output = Output::create(&args.out)?;
    render_all(&renderer, paths, jobs, &mut output, &report).await?;
    for (status, page) in renderer.errors().await {
        output.error(status, &page)?;
    }
    output.finish(renderer.headers())?;
    let pages = if total == 1 { "page" } else { "pages" };
    Ok(format!("{total} {pages} from {source}"))
}

/// Renders the pages, `jobs` at a time, and writes those that succeed.
async fn render_all(
    renderer: &Arc<Renderer>,
    paths: Vec<String>,
    jobs: NonZeroUsize,
    output: &mut Output,
    report: impl Fn(&str),
) -> Result<()> {
    let total = paths.len();
    let mut rendered = futures::stream::iter(paths)
        .map(|path| {
            let renderer = Arc::clone(renderer);
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
    let (mut done, mut failed) = (0, Vec::new());
    while let Some((path, page)) = rendered.next().await {
        match page {
            Ok(page) => output.page(&path, &page)?,
            Err(why) => failed.push(format!("{path}: {why}")),
        }
        done += 1;
        if done % PROGRESS_STEP == 0 {
            report(&format!("{done} of {total} pages"));
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
    Ok(())
}

/// The database to render from, and its description.
async fn provider(
    args: &Args,
    jobs: NonZeroUsize,
    variable: impl Fn(&str) -> Option<String>,
    report: impl Fn(&str),
) -> Result<(Arc<dyn DatabaseProvider>, String)> {
    if args.no_database {
        return Ok((Arc::new(NoDatabase), "no database".to_owned()));
    }
    let url = args.database_url.as_deref().filter(|url| !url.is_empty());
    let url = url.context(
        "no database is named: set DATABASE_URL or --database-url, or render only the pages without rows by --no-database",
    )?;
    let native = DatabaseUrl::parse(url, variable)
        .map_err(|why| anyhow::anyhow!("DATABASE_URL cannot be used: {why}"))?;
    let source = native.describe();
    report(&format!("reading {source}"));
    let connector = native.connector(PoolSize(jobs))?;
    if native.is_d1() {
        let copy = copy::copy(connector, report).await?;
        return Ok((Arc::new(Clients(SqliteConnector::Open(copy))), source));
    }
    Ok((Arc::new(Clients(connector)), source))
}

/// The site's origin, without a slash at the end.
fn origin(url: &str) -> Result<String> {
    let origin = url.trim_end_matches('/');
    let is_origin = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
        .is_some_and(|host| !host.is_empty() && !host.contains('/'));
    anyhow::ensure!(
        is_origin,
        "`{url}` is no site: give scheme and host, such as https://example.com"
    );
    Ok(origin.to_owned())
}
