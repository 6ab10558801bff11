//! `cargo x bench`: a release build, measured by the scripts of end2end/bench.
//! Absent: what is measured.

use std::process::Command;

use anyhow::{Result, bail};

use crate::services::{self, Lifetime, Service, Services};
use crate::workspace::{Mode, Workspace};
use crate::{build, chromium, native, process, tools, ui};

/// Measure a release build.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x bench                     requests/s and CPU beside a hand-written Worker
  cargo x bench drivers             CPU, round trips and latency on D1, Hyperdrive, PostgreSQL and MySQL
  cargo x bench lighthouse          Lighthouse on the main pages
  cargo x bench -- --large          also with 1,000 and 1,000,000 posts; what follows -- goes to the script")]
pub(crate) struct Args {
    #[arg(value_enum, default_value_t)]
    what: What,
    /// Passed to the script.
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Requests a second, latency, CPU and bytes of the pages.
    #[default]
    Worker,
    /// The same site on every engine, in the Worker and natively.
    Drivers,
    /// Lighthouse's four categories.
    Lighthouse,
}

impl What {
    fn script(self) -> &'static str {
        match self {
            Self::Worker => "end2end/bench/bench.mjs",
            Self::Drivers => "end2end/bench/drivers.mjs",
            Self::Lighthouse => "end2end/bench/lighthouse.mjs",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    tools::ensure_node(workspace)?;
    let script = args.what.script();
    let mut node = workspace.node(script);
    if args.rest.iter().any(|argument| argument == "--help") {
        return process::show(node.args(&args.rest));
    }
    if args.what == What::Lighthouse {
        match chromium::ensure()? {
            Ok(path) => node.env("CHROMIUM", path),
            Err(why) => bail!("{why}"),
        };
    }
    build::site(workspace, Mode::Release, None, build::Parts::ALL)?;
    // Servers that were started for this end with it.
    let _servers = match args.what {
        What::Drivers => Some(on_every_engine(workspace, &mut node)?),
        What::Worker | What::Lighthouse => None,
    };
    ui::line(format_args!("{}", ui::bold(script)));
    process::show(node.args(&args.rest))
}

/// Tells the script of the native server and of the database servers, which live as long as what this gives.
fn on_every_engine(workspace: &Workspace, node: &mut Command) -> Result<Services> {
    let server = native::build(workspace, Mode::Release)?;
    node.arg("--native").arg(server);
    let services = services::up(workspace, &Service::ALL, Lifetime::ThisRun)?;
    node.envs(services.environment())
        // Miniflare has workerd trust it too.
        .env("NODE_EXTRA_CA_CERTS", services.ca());
    Ok(services)
}
