//! `cargo x prerender`: pages made ahead of time, beside the assets. Owns exchanging all of them at once.
//! Absent: rendering, which is the program of server/prerender; the databases of deployed sites, see `environment`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::build::native::{self, Pages};
use crate::build::{self, LOCAL_URL, SiteDir, WorkerFeatures};
use crate::database::{Database, RemoteDatabase, Store};
use crate::environment::Environment;
use crate::environment_arg::EnvironmentArg;
use crate::workspace::Workspace;
use crate::{tools, ui};

/// Prerender the pages of posts and authors from a database.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x prerender                       from the local D1
  cargo x prerender --db postgres         from the private PostgreSQL
  cargo x prerender --database-url sqlite:site.sqlite --site-url https://example.com
  cargo x prerender --env production      from the deployed site's own database

The pages are added to the release in target/site. If there is none of the present sources, it is built first. The site
changes only when all pages are made; if one cannot be made, it stays as it was.

A deployed D1 is read over HTTP: set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN. For other engines set DATABASE_URL, there or in
.env.ENVIRONMENT.local, .env.local or .env.")]
pub(crate) struct Args {
    /// The environment of the database and of the site's address.
    #[arg(long, value_enum, default_value_t)]
    env: EnvironmentArg,
    /// The local database engine.
    #[arg(long, value_enum, conflicts_with = "database_url")]
    db: Option<Store>,
    /// Any other database, by its URL.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The site's address, instead of the environment's `SITE_URL`.
    #[arg(long, value_name = "URL")]
    site_url: Option<String>,
    /// Make at most so many posts and so many authors, the newest; 6,000 of each by default.
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Make so many pages at the same time.
    #[arg(long, value_name = "N")]
    jobs: Option<u16>,
    /// A site in this folder, instead of target/site.
    #[arg(long, value_name = "FOLDER", hide = true)]
    inside: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let (database, site_url) = source(workspace, args)?;
    tools::ensure_node(workspace)?;
    ui::line(format_args!("database: {}", database.shown()));
    let pages = Pages {
        site_url: &site_url,
        database: Some(&database),
        limit: args.limit,
        jobs: args.jobs,
    };
    let dir = SiteDir::new(workspace, args.inside.as_deref());
    site(workspace, &dir, &pages)?;
    if args.env == EnvironmentArg::Local && dir.is_default {
        ui::line(
            "`npx wrangler dev` serves them; `cargo x dev` builds the site again without them",
        );
    }
    Ok(())
}

/// The database and the site's address, or everything that is missing to know them.
fn source(workspace: &Workspace, args: &Args) -> Result<(RemoteDatabase, String)> {
    let given = args.database_url.as_deref().map(RemoteDatabase::parse);
    let given = given.transpose()?;
    let Some(deployed) = args.env.deployed() else {
        let database = match given {
            Some(database) => database,
            None => Database::open(workspace, args.db.unwrap_or_default())?.remote()?,
        };
        let site_url = args.site_url.as_deref().unwrap_or(LOCAL_URL);
        return Ok((database, site_url.to_owned()));
    };
    ensure!(
        args.db.is_none(),
        "--db names a database of this machine; that of {} is named in wrangler.jsonc",
        deployed.name()
    );
    let environment = Environment::read(workspace, deployed)?;
    let database = given.map_or_else(|| environment.database(), Ok);
    let site_url = args
        .site_url
        .clone()
        .map_or_else(|| environment.site_url(), Ok);
    match (database, site_url) {
        (Ok(database), Ok(site_url)) => Ok((database, site_url)),
        (database, site_url) => {
            let mut missing = database.err().unwrap_or_default();
            missing.extend(site_url.err());
            bail!("nothing was prerendered:\n  {}", missing.join("\n  "))
        }
    }
}

/// Makes the pages of a site again. Without a release of the present sources there, it builds one first.
pub(crate) fn site(workspace: &Workspace, dir: &SiteDir, pages: &Pages<'_>) -> Result<()> {
    let record = match build::current(workspace, dir)? {
        Some(record) => record,
        None => {
            ui::line("target/site is no release of the present sources: building one");
            let features = WorkerFeatures::deployed(workspace)?;
            build::release(workspace, dir, &features, None)?;
            build::current(workspace, dir)?
                .context("the sources changed during the build: run this again")?
        }
    };
    let program = native::build_prerenderer(workspace)?;
    let lock = dir.lock()?;
    let next = lock.next()?;
    native::prerender(workspace, &program, &next, pages)?;
    ensure!(
        build::current(workspace, dir)?.as_ref() == Some(&record),
        "another command has changed the site, or the sources have changed: run this again"
    );
    record.complete(&dir.site, &next)?;
    lock.exchange(&next)
}
