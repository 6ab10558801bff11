//! `cargo x deploy`: from the sources to the deployed site, in one command.
//! Absent: the work of each step; see `build`, `check`, `database`, `prerender`, `wrangler`.

mod steps;

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail, ensure};

use crate::build::native::Pages;
use crate::build::{self, LOCAL_URL, SiteDir, WorkerFeatures};
use crate::database::{self, RemoteDatabase};
use crate::environment::Environment;
use crate::environment_arg::Deployed;
use crate::workspace::Workspace;
use crate::{check, files, prerender, process, settings, tools, ui, wrangler};
use steps::Step;

/// Build, check, migrate, prerender and deploy; stop at the first step that fails.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x deploy --env staging
  cargo x deploy --env production
  cargo x deploy --env staging --dry-run    build and check, and print what else would be done
  cargo x deploy --env staging --dry-run --database-url sqlite:site.sqlite

The bindings, the DB_DRIVER and the SITE_URL of the environment are in wrangler.jsonc. On D1, set CLOUDFLARE_ACCOUNT_ID
and CLOUDFLARE_API_TOKEN; on other engines, DATABASE_URL, also in .env.ENVIRONMENT.local, and either that token or `wrangler
login`. Missing settings are named before anything is built. Secrets of the Worker are not touched: use `npx wrangler secret put`.

A dry run needs no account and changes nothing outside this machine.")]
pub(crate) struct Args {
    /// The environment to deploy to.
    #[arg(long, value_enum)]
    env: Deployed,
    /// Change nothing outside this machine.
    #[arg(long)]
    dry_run: bool,
    /// The database to prerender from, where a dry run cannot reach the environment's own.
    #[arg(long, value_name = "URL", requires = "dry_run")]
    database_url: Option<String>,
    /// A site in this folder, instead of target/site; without --dry-run, with the wrangler.jsonc that is there.
    #[arg(long, value_name = "FOLDER", hide = true)]
    inside: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let given = args.database_url.as_deref().map(RemoteDatabase::parse);
    let given_database = given.transpose()?;
    let own_config = args.own_config();
    let environment = match &own_config {
        Some(config) => Environment::read_from(config, workspace, args.env)?,
        None => Environment::read(workspace, args.env)?,
    };
    let missing = environment.missing();
    if !args.dry_run && !missing.is_empty() {
        bail!(
            "{} cannot be deployed yet, and nothing was changed:\n  {}",
            environment.name(),
            missing.join("\n  ")
        );
    }
    settings::report_env(workspace, Some(args.env));
    tools::ensure_node(workspace)?;
    let deployment = Deployment {
        workspace,
        args,
        // It is missing only in a dry run.
        site_url: environment
            .site_url()
            .unwrap_or_else(|_| LOCAL_URL.to_owned()),
        environment,
        given_database,
        dir: SiteDir::new(workspace, args.inside.as_deref()),
        own_config,
    };
    let name = deployment.environment.name();
    ui::line(match args.dry_run {
        true => format!("dry run for {name}: nothing outside this machine is changed"),
        false => format!("deploying to {name}, {}", deployment.site_url),
    });
    steps::run(!args.dry_run, |step| deployment.run(step))?;
    if !args.dry_run {
        ui::line(format_args!(
            "\n{name} is deployed: {}",
            deployment.site_url
        ));
        deployment.note_released()?;
        if let Ok(database) = deployment.own_database() {
            database.print_set_up_link(workspace, &deployment.site_url);
        }
    } else if missing.is_empty() {
        ui::line(format_args!(
            "\nthe dry run succeeded; without --dry-run, {name} is deployed"
        ));
    } else {
        ui::line(format_args!(
            "\nthe dry run succeeded; a real deployment would be refused:\n  {}",
            missing.join("\n  ")
        ));
    }
    Ok(())
}

struct Deployment<'a> {
    workspace: &'a Workspace,
    args: &'a Args,
    environment: Environment,
    given_database: Option<RemoteDatabase>,
    site_url: String,
    dir: SiteDir,
    /// The configuration, if it is not the repository's.
    own_config: Option<PathBuf>,
}

impl Args {
    /// The configuration of a site that is deployed from a folder of its own.
    fn own_config(&self) -> Option<PathBuf> {
        let folder = self.inside.as_ref().filter(|_| !self.dry_run);
        folder.map(|folder| folder.join(wrangler::CONFIG))
    }
}

impl Deployment<'_> {
    fn run(&self, step: Step) -> Result<()> {
        match step {
            Step::Build => self.build(),
            Step::Check => self.check(),
            Step::Migrate => self.migrate(),
            Step::Prerender => self.prerender(),
            Step::Deploy => self.deploy(),
        }
    }

    fn build(&self) -> Result<()> {
        let features = WorkerFeatures::deployed(self.workspace)?;
        build::release(self.workspace, &self.dir, &features, Some(&self.site_url))?;
        self.ensure_current()
    }

    fn check(&self) -> Result<()> {
        check::all(self.workspace, false)?.ensure_passed("checks")
    }

    fn migrate(&self) -> Result<()> {
        let database = self.own_database();
        if self.args.dry_run {
            let shown = match database {
                Ok(database) => database.shown().to_owned(),
                Err(_) => self.environment.database_name(),
            };
            ui::line(format_args!(
                "would apply the migrations that {shown} lacks"
            ));
            return Ok(());
        }
        let database = database.map_err(Error::msg)?;
        ui::line(format_args!("database: {}", database.shown()));
        let is_changed = match self.args.env {
            Deployed::Staging => database.migrate(self.workspace),
            Deployed::Production => database.migrate_production(self.workspace),
        };
        is_changed.map(|_| ())
    }

    fn prerender(&self) -> Result<()> {
        let database = match &self.given_database {
            Some(given) => Ok(given.clone()),
            None => self.own_database(),
        };
        let database = match database {
            Ok(database) => database,
            Err(missing) if self.args.dry_run => {
                ui::line(format_args!(
                    "would prerender from {}, which this dry run cannot reach:\n  {}",
                    self.environment.database_name(),
                    missing.replace('\n', "\n  ")
                ));
                return Ok(());
            }
            Err(missing) => bail!(missing),
        };
        ui::line(format_args!("database: {}", database.shown()));
        let pages = Pages {
            site_url: &self.site_url,
            database: Some(&database),
            ..Pages::default()
        };
        self.ensure_current()?;
        prerender::site(self.workspace, &self.dir, &pages)
    }

    fn deploy(&self) -> Result<()> {
        // Until it is uploaded: another command must not build something else there.
        let _lock = self.dir.lock()?;
        self.ensure_current()?;
        let mut command = wrangler::command(self.workspace, &["deploy"]);
        if !self.dir.is_default {
            command
                .arg(self.dir.worker.join("entry.js"))
                .arg("--assets")
                .arg(&self.dir.site);
        }
        if let Some(config) = &self.own_config {
            command.arg("--config").arg(config);
        }
        command.args(["--env", self.environment.name()]);
        let label = if self.args.dry_run {
            let out = self.dir.folder()?.join("deploy");
            files::fresh(&out)?;
            command.arg("--dry-run").arg("--outdir").arg(&out);
            "wrangler deploy --dry-run"
        } else {
            "wrangler deploy"
        };
        let output = ui::step(label, |step| {
            let output = process::run(step, &mut command)?;
            step.note(upload_size(&output).unwrap_or_default());
            Ok(output)
        })?;
        if !self.args.dry_run {
            ui::line(output.trim());
        }
        Ok(())
    }

    /// Notes what the public site reads now: later migrations keep it until the next version is public.
    fn note_released(&self) -> Result<()> {
        if self.args.env != Deployed::Production {
            return Ok(());
        }
        let folder = self
            .args
            .inside
            .as_deref()
            .unwrap_or(Path::new("migrations"));
        let wrote = database::note_released(self.workspace, folder)?;
        ui::line(format_args!(
            "{wrote}: commit it, so that no migration removes what this version reads while it is served"
        ));
        Ok(())
    }

    fn own_database(&self) -> Result<RemoteDatabase, String> {
        self.environment
            .database()
            .map_err(|missing| missing.join("\n"))
    }

    /// Fails if the built site is not that of the present sources, or was changed by another command.
    fn ensure_current(&self) -> Result<()> {
        ensure!(
            build::current(self.workspace, &self.dir)?.is_some(),
            "the sources or the built site have changed since the deployment began: run this again"
        );
        Ok(())
    }
}

/// The size of the Worker in wrangler's output.
fn upload_size(output: &str) -> Option<&str> {
    output
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("Total Upload"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_found_in_wranglers_output() {
        let output = "✨ Read 20 files\nTotal Upload: 3500.10 KiB / gzip: 1200.00 KiB\nYour Worker has access to\n";
        assert_eq!(
            upload_size(output),
            Some("Total Upload: 3500.10 KiB / gzip: 1200.00 KiB")
        );
        assert_eq!(upload_size(""), None);
    }
}
