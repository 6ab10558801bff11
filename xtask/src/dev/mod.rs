//! `cargo x dev`: from a fresh clone to a served site that follows every change.
//! Absent: the work of each part; see `build`, `database`, `wrangler`, `watch`, `events`.

mod events;
mod watch;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::build::{self, Parts, WORKER_FOLDER, WorkerFeatures};
use crate::database::{self, Database, Engine};
use crate::process::Failed;
use crate::settings::Program;
use crate::workspace::{Mode, Workspace};
use crate::wrangler::{self, Output, Server, Site};
use crate::{dotenv, ports, secrets, settings, tools, ui};
use events::{Event, Events};
use watch::{Plan, Watch};

/// The time that wrangler has to serve a new build.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Build, migrate, seed, serve, and rebuild on change.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x dev                 serve http://127.0.0.1:8787
  cargo x dev --port 9000     at another port
  cargo x dev --reset         with a fresh database
  cargo x dev --db postgres   on a private PostgreSQL, which `cargo x services down` ends
  cargo x dev --release       as it is deployed: optimised, slow to build")]
pub(crate) struct Args {
    /// The port to serve at.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Delete the local database and make a new one.
    #[arg(long)]
    reset: bool,
    /// Build for deployment.
    #[arg(long)]
    release: bool,
    /// The database engine.
    #[arg(long, value_enum, default_value_t)]
    db: Engine,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let started = Instant::now();
    ports::ensure_free(args.port)?;
    settings::report(workspace, Program::Worker);
    wrangler::ensure_local()?;
    let mode = if args.release {
        Mode::Release
    } else {
        Mode::Dev
    };
    tools::ensure_beside(workspace, || {
        build::compile(workspace, mode)?;
        database::compile(workspace, args.db.store())
    })?;
    let database = Database::open(workspace, args.db.store())?;
    if args.reset {
        database.reset()?;
        ui::line("the local database was deleted");
    }
    // Before the build: a change made during it must not be missed.
    let watch = Watch::start(workspace)?;
    let parts = Parts {
        dev_script: true,
        ..Parts::ALL
    };
    build::site(workspace, mode, &WorkerFeatures::all(), parts)?;
    database.prepare(workspace)?;
    secrets::session(workspace)?;
    let config = args.db.configure(workspace, &database)?;

    let events = Events::listen(args.port)?;
    let server = ui::step("workerd", |_| {
        let registration = dotenv::value(&secrets::read(workspace), "REGISTRATION");
        let vars = BTreeMap::from([
            (
                "REGISTRATION",
                registration.unwrap_or_else(|| "open".to_owned()),
            ),
            ("ENVIRONMENT", "development".to_owned()),
            ("DEV_EVENTS", events.url()),
            ("DB_DRIVER", args.db.driver().to_owned()),
        ]);
        let (worker, assets, state) = (
            workspace.path(WORKER_FOLDER),
            workspace.path("target/site"),
            workspace.path(".wrangler/state"),
        );
        // Paths in another file than wrangler.jsonc are relative to that file.
        let site = config.file.is_some().then_some(Site {
            worker: &worker,
            assets: &assets,
            state: &state,
        });
        let options = wrangler::Options {
            port: args.port,
            vars,
            config: &config,
            site,
        };
        Server::start(workspace, &options)
    })?;
    let url = ui::bold(&format!("http://127.0.0.1:{}", args.port));
    ui::line(format_args!(
        "\n  {url}  (ready in {}; Ctrl-C ends it)\n",
        ui::duration(started.elapsed())
    ));
    database
        .remote()?
        .print_set_up_link(workspace, &format!("http://127.0.0.1:{}", args.port));
    Dev {
        workspace,
        mode,
        database,
        events,
        server,
    }
    .follow(watch)
}

/// The running site.
struct Dev<'a> {
    workspace: &'a Workspace,
    mode: Mode,
    database: Database,
    events: Events,
    server: Server,
}

impl Dev<'_> {
    /// Rebuilds on every change until wrangler ends.
    fn follow(mut self, mut watch: Watch) -> Result<()> {
        let mut failed = Plan::default();
        loop {
            for output in self.server.output() {
                match output {
                    Output::Reloaded => self.events.send(&Event::Reload),
                    Output::Line(line) => ui::line(line),
                }
            }
            if self.server.has_ended() {
                bail!("wrangler ended; start again with `cargo x dev`");
            }
            let plan = watch.next(POLL_INTERVAL)?;
            if plan.is_empty() {
                continue;
            }
            let plan = plan.and(failed);
            failed = match self.rebuild(plan) {
                Ok(()) => Plan::default(),
                Err(error) => {
                    self.report(&error);
                    plan
                }
            };
        }
    }

    fn rebuild(&self, plan: Plan) -> Result<()> {
        let started = Instant::now();
        let parts = Parts {
            dev_script: true,
            // In a release, hashed names are compiled in, so that any change reaches the Worker.
            worker: plan.parts.worker || self.mode == Mode::Release,
            ..plan.parts
        };
        let changed = build::site(self.workspace, self.mode, &WorkerFeatures::all(), parts)?;
        let migrated = plan.migrations && self.database.migrate(self.workspace)?;
        if changed.assets || changed.worker {
            self.server
                .wait_for_reload(RELOAD_TIMEOUT, |line| ui::line(line));
        }
        let only_styles = Plan {
            styles: true,
            ..Plan::default()
        };
        let (event, outcome) = if changed.assets && self.mode == Mode::Dev && plan == only_styles {
            (Event::Css, "styles replaced")
        } else if changed.assets || changed.worker || migrated {
            (Event::Reload, "reloaded")
        } else {
            (Event::Ok, "nothing that is served changed")
        };
        self.events.send(&event);
        ui::line(format_args!(
            "{outcome} after {}\n",
            ui::duration(started.elapsed())
        ));
        Ok(())
    }

    fn report(&self, error: &anyhow::Error) {
        ui::error(&format!("{error:#}"));
        ui::line("the last good build is still served\n");
        let text = match error.downcast_ref::<Failed>() {
            Some(failed) => failed.output.clone(),
            None => format!("{error:#}"),
        };
        self.events.send(&Event::Error(text));
    }
}
