//! `cargo x prerender`: pages made ahead of time, beside the assets. Owns putting them there all at once.
//! Absent: rendering, which is the program of server/prerender; where a deployed database is, see `environment`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::database::Store;
use crate::environment::{self, Deployed, Environment, Source};
use crate::place::Place;
use crate::process::Failed;
use crate::workspace::Workspace;
use crate::{build, native, process, tools, ui};

/// Where `cargo x dev` serves.
pub(crate) const LOCAL: &str = "http://127.0.0.1:8787";

/// Make the pages of posts and authors ahead of time, from a database.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x prerender                       from the local D1
  cargo x prerender --db postgres         from the private PostgreSQL
  cargo x prerender --database-url sqlite:site.sqlite --site-url https://example.com
  cargo x prerender --env production      from the deployed site's own database

The pages go into target/site, beside the assets of the release that is there; without one of the present sources, it
is built first. Until all pages are made, what was there stays, and where one cannot be made, it stays as well.

A deployed D1 is read over HTTP: set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN. For other engines set DATABASE_URL.")]
pub(crate) struct Args {
    /// Which environment's database and address.
    #[arg(long, value_enum, default_value_t)]
    env: Which,
    /// Which engine's, locally.
    #[arg(long, value_enum, conflicts_with = "database_url")]
    db: Option<Store>,
    /// Any other database, by its address.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The site's address, instead of the environment's `SITE_URL`.
    #[arg(long, value_name = "URL")]
    site_url: Option<String>,
    /// Make at most so many posts and so many authors, the newest: 6,000 of each, if it is not said.
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Make so many pages at the same time.
    #[arg(long, value_name = "N")]
    jobs: Option<u16>,
    /// A site in this folder, instead of target/site.
    #[arg(long, value_name = "FOLDER", hide = true)]
    inside: Option<PathBuf>,
}

/// Which environment a command is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// What `cargo x dev` uses, on this machine.
    #[default]
    Local,
    /// Where changes are tried.
    Staging,
    /// What readers see.
    Production,
}

/// What to prerender.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) site_url: &'a str,
    /// Where posts and authors come from; without one, only the pages that need none are made.
    pub(crate) source: Option<&'a Source>,
    pub(crate) limit: Option<u32>,
    pub(crate) jobs: Option<u16>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    tools::ensure_node(workspace)?;
    let (source, site_url) = from(workspace, args)?;
    ui::line(format_args!("database: {}", source.shown));
    let wanted = Wanted {
        site_url: &site_url,
        source: Some(&source),
        limit: args.limit,
        jobs: args.jobs,
    };
    let place = Place::of(workspace, args.inside.as_deref());
    site(workspace, &place, &wanted)?;
    if args.env == Which::Local && place.is_usual {
        ui::line("`npx wrangler dev` serves them; `cargo x dev` builds anew, without them");
    }
    Ok(())
}

/// The database and the address of the site, or all that is missing to know them.
fn from(workspace: &Workspace, args: &Args) -> Result<(Source, String)> {
    let which = match args.env {
        Which::Local => {
            let source = match &args.database_url {
                Some(url) => Source::at(url),
                None => {
                    let database = args.db.unwrap_or_default().open(workspace)?;
                    Source {
                        url: database.url()?,
                        shown: database.shown()?,
                    }
                }
            };
            let site_url = args.site_url.as_deref().unwrap_or(LOCAL);
            return Ok((source, site_url.to_owned()));
        }
        Which::Staging => Deployed::Staging,
        Which::Production => Deployed::Production,
    };
    ensure!(
        args.db.is_none(),
        "--db names a database of this machine; that of {} is named in wrangler.jsonc",
        which.name()
    );
    let environment = Environment::read(workspace, which)?;
    let source = match &args.database_url {
        Some(url) => Ok(Source::at(url)),
        None => environment.database(&environment::settings),
    };
    let site_url = match &args.site_url {
        Some(url) => Ok(url.clone()),
        None => environment.site_url(),
    };
    match (source, site_url) {
        (Ok(source), Ok(site_url)) => Ok((source, site_url)),
        (source, site_url) => {
            let mut missing = source.err().unwrap_or_default();
            missing.extend(site_url.err());
            bail!("nothing was prerendered:\n  {}", missing.join("\n  "))
        }
    }
}

/// Makes the pages of this place anew. Needs a release there of the present sources, and builds it where there is none.
pub(crate) fn site(workspace: &Workspace, place: &Place, wanted: &Wanted<'_>) -> Result<()> {
    let note = match build::current(workspace, place)? {
        Some(note) => note,
        None => {
            ui::line("target/site is no release of the present sources: building one");
            build::release(workspace, place, None, None)?;
            build::current(workspace, place)?
                .context("the sources changed during the build: run this again")?
        }
    };
    let program = native::prerender(workspace)?;
    let held = place.hold()?;
    let next = held.next()?;
    pages(workspace, &program, &next, wanted)?;
    ensure!(
        build::current(workspace, place)?.as_ref() == Some(&note),
        "another command has changed the site, or the sources have changed: run this again"
    );
    note.complete(&place.site, &next)?;
    held.exchange(&next)
}

/// Makes pages in an empty folder.
pub(crate) fn pages(
    workspace: &Workspace,
    program: &Path,
    out: &Path,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let label = match wanted.source {
        Some(_) => "pages",
        None => "pages without a database",
    };
    ui::step(label, |step| {
        let mut command = workspace.command(program);
        command
            .arg("--out")
            .arg(out)
            .args(["--site-url", wanted.site_url])
            // Whatever may be set here is not what was asked for.
            .env_remove("DATABASE_URL")
            .env_remove("SITE_URL");
        match wanted.source {
            // Not an argument, which others on this machine could read.
            Some(source) => command.env("DATABASE_URL", &source.url),
            None => command.arg("--no-database"),
        };
        if let Some(limit) = wanted.limit {
            command.args(["--limit", &limit.to_string()]);
        }
        if let Some(jobs) = wanted.jobs {
            command.args(["--jobs", &jobs.to_string()]);
        }
        let output = process::run(step, &mut command)
            .map_err(|error| without_password(error, wanted.source))?;
        let note = output.lines().last().unwrap_or_default().trim().to_owned();
        Ok(((), shown(&note, wanted.source)))
    })
}

/// `text` with the database's address as people are told it.
fn shown(text: &str, source: Option<&Source>) -> String {
    match source {
        Some(source) => text.replace(&source.url, &source.shown),
        None => text.to_owned(),
    }
}

fn without_password(error: anyhow::Error, source: Option<&Source>) -> anyhow::Error {
    match error.downcast::<Failed>() {
        Ok(failed) => Failed {
            output: shown(&failed.output, source),
            ..failed
        }
        .into(),
        Err(other) => other,
    }
}
