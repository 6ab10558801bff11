//! `cargo x deploy`: everything from the sources to the deployed site, in one command.
//! Absent: each step's own work; see `build`, `check`, `database`, `prerender`, `wrangler`.

mod steps;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use self::steps::Step;
use crate::database::{Database, MIGRATIONS, Served};
use crate::environment::{self, Deployed, Environment, Migration, Source};
use crate::place::Place;
use crate::prerender::{self, Wanted};
use crate::workspace::Workspace;
use crate::{build, check, files, process, tools, ui, wrangler};

/// Build, check, migrate, prerender and deploy, stopping at the first step that fails.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x deploy --env staging
  cargo x deploy --env production
  cargo x deploy --env staging --dry-run    build and check, and say what else would be done
  cargo x deploy --env staging --dry-run --database-url sqlite:site.sqlite

The environment's part of wrangler.jsonc names its bindings, its DB_DRIVER and its SITE_URL. On D1, set
CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN; on other engines, DATABASE_URL and either that token or `wrangler login`.
What is missing is named before anything is built. Secrets of the Worker are not touched: `npx wrangler secret put`.

A dry run needs no account and changes nothing outside this machine.")]
pub(crate) struct Args {
    /// Where to.
    #[arg(long, value_enum)]
    env: Deployed,
    /// Change nothing outside this machine.
    #[arg(long)]
    dry_run: bool,
    /// A database to prerender from, where a dry run cannot reach the environment's own.
    #[arg(long, value_name = "URL", requires = "dry_run")]
    database_url: Option<String>,
    /// A site in this folder, instead of target/site.
    #[arg(long, value_name = "FOLDER", hide = true, requires = "dry_run")]
    inside: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let environment = Environment::read(workspace, args.env)?;
    let refusals = environment.refusals(&environment::settings);
    if !args.dry_run && !refusals.is_empty() {
        bail!(
            "{} cannot be deployed yet, and nothing was changed:\n  {}",
            environment.name(),
            refusals.join("\n  ")
        );
    }
    tools::ensure_node(workspace)?;
    let place = Place::of(workspace, args.inside.as_deref());
    let deployment = Deployment {
        workspace,
        args,
        site_url: match environment.site_url() {
            Ok(url) => url,
            // Only in a dry run.
            Err(_) => prerender::LOCAL.to_owned(),
        },
        environment,
        place,
    };
    let name = deployment.environment.name();
    ui::line(match args.dry_run {
        true => format!("dry run for {name}: nothing outside this machine is changed"),
        false => format!("deploying to {name}, {}", deployment.site_url),
    });
    steps::run(!args.dry_run, |step| deployment.act(step))?;
    if !args.dry_run {
        ui::line(format_args!(
            "\n{name} is deployed: {}",
            deployment.site_url
        ));
    } else if refusals.is_empty() {
        ui::line(format_args!(
            "\nthe dry run succeeded; without --dry-run, {name} is deployed"
        ));
    } else {
        ui::line(format_args!(
            "\nthe dry run succeeded; a real deployment would be refused:\n  {}",
            refusals.join("\n  ")
        ));
    }
    Ok(())
}

struct Deployment<'a> {
    workspace: &'a Workspace,
    args: &'a Args,
    environment: Environment,
    site_url: String,
    place: Place,
}

impl Deployment<'_> {
    fn act(&self, step: Step) -> Result<()> {
        match step {
            Step::Build => self.build(),
            Step::Check => self.check(),
            Step::Migrate => self.migrate(),
            Step::Prerender => self.prerender(),
            Step::Deploy => self.deploy(),
        }
    }

    fn build(&self) -> Result<()> {
        build::release(self.workspace, &self.place, None, Some(&self.site_url))?;
        self.ensure_current()
    }

    fn check(&self) -> Result<()> {
        let count = check::all(self.workspace, false)?;
        ensure!(
            count.failed == 0,
            "{} of {} checks failed",
            count.failed,
            count.failed + count.passed
        );
        Ok(())
    }

    fn migrate(&self) -> Result<()> {
        match self.environment.migration() {
            Migration::D1(name) => self.migrate_d1(&name),
            Migration::Served if self.args.dry_run => {
                let shown = match self.own_database() {
                    Ok(source) => source.shown,
                    Err(_) => self.environment.database_shown(),
                };
                ui::line(format_args!(
                    "would apply the migrations that {shown} lacks"
                ));
                Ok(())
            }
            Migration::Served => {
                let source = self.own_database().map_err(anyhow::Error::msg)?;
                ui::line(format_args!("database: {}", source.shown));
                let database = Database::Served(Served::at(&source.url));
                database.migrate(self.workspace).map(|_| ())
            }
        }
    }

    fn migrate_d1(&self, name: &str) -> Result<()> {
        let arguments = [
            "d1",
            "migrations",
            "apply",
            "DB",
            "--remote",
            "--env",
            self.environment.name(),
        ];
        if self.args.dry_run {
            let files = files::list(&self.workspace.path(MIGRATIONS))?.len();
            ui::line(format_args!(
                "would run `wrangler {}`: those of the {files} in {MIGRATIONS} that the D1 {name} lacks",
                arguments.join(" ")
            ));
            return Ok(());
        }
        ui::step(format!("migrations of the D1 {name}"), |step| {
            let output = process::run(step, &mut wrangler::command(self.workspace, &arguments))?;
            let is_done = output.contains("No migrations to apply");
            let note = if is_done {
                "it has every one already"
            } else {
                ""
            };
            Ok(((), note.to_owned()))
        })
    }

    fn prerender(&self) -> Result<()> {
        let source = match &self.args.database_url {
            Some(url) => Ok(Source::at(url)),
            None => self.own_database(),
        };
        let source = match source {
            Ok(source) => source,
            Err(missing) if self.args.dry_run => {
                ui::line(format_args!(
                    "would prerender from {}, which this dry run cannot reach:\n  {}",
                    self.environment.database_shown(),
                    missing.replace('\n', "\n  ")
                ));
                return Ok(());
            }
            Err(missing) => bail!(missing),
        };
        ui::line(format_args!("database: {}", source.shown));
        let wanted = Wanted {
            site_url: &self.site_url,
            source: Some(&source),
            ..Wanted::default()
        };
        self.ensure_current()?;
        prerender::site(self.workspace, &self.place, &wanted)
    }

    fn deploy(&self) -> Result<()> {
        // Until it is uploaded: another command must not build something else there.
        let _held = self.place.hold()?;
        self.ensure_current()?;
        let mut command = wrangler::command(self.workspace, &["deploy"]);
        if !self.place.is_usual {
            command
                .arg(self.place.worker.join("entry.js"))
                .arg("--assets")
                .arg(&self.place.site);
        }
        command.args(["--env", self.environment.name()]);
        let label = if self.args.dry_run {
            let out = self.out()?;
            files::fresh(&out)?;
            command.arg("--dry-run").arg("--outdir").arg(&out);
            "wrangler deploy --dry-run"
        } else {
            "wrangler deploy"
        };
        let output = ui::step(label, |step| {
            let output = process::run(step, &mut command)?;
            let note = uploaded(&output).unwrap_or_default().to_owned();
            Ok((output, note))
        })?;
        if !self.args.dry_run {
            ui::line(output.trim());
        }
        Ok(())
    }

    /// Where wrangler leaves what it would upload.
    fn out(&self) -> Result<PathBuf> {
        let folder = self.place.site.parent().context("a site is in a folder")?;
        Ok(Path::new(folder).join("deploy"))
    }

    fn own_database(&self) -> Result<Source, String> {
        self.environment
            .database(&environment::settings)
            .map_err(|missing| missing.join("\n"))
    }

    /// Fails when what is built is not what the sources say, or was changed by another command.
    fn ensure_current(&self) -> Result<()> {
        ensure!(
            build::current(self.workspace, &self.place)?.is_some(),
            "the sources, or the built site, were changed by something else meanwhile: run this again"
        );
        Ok(())
    }
}

/// What wrangler says about the size of the Worker.
fn uploaded(output: &str) -> Option<&str> {
    output
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("Total Upload"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_found_in_what_wrangler_says() {
        let output = "✨ Read 20 files\nTotal Upload: 3500.10 KiB / gzip: 1200.00 KiB\nYour Worker has access to\n";
        assert_eq!(
            uploaded(output),
            Some("Total Upload: 3500.10 KiB / gzip: 1200.00 KiB")
        );
        assert_eq!(uploaded(""), None);
    }
}
