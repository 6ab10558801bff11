//! `cargo x bench`: a release build, measured by the scripts of end2end/bench.
//! Absent: what is measured.

use std::process::Command;

use anyhow::{Result, bail};

use crate::services::{self, Lifetime, Service, Services};
use crate::workspace::{Mode, Workspace};
use crate::{build, chromium, native, process, tools, ui, worker};

/// Measure a release build.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x bench                     requests/s and CPU beside a hand-written Worker
  cargo x bench drivers             CPU, round trips and latency on D1, Hyperdrive, PostgreSQL and MySQL
  cargo x bench drivers -- --part scram   only what a log-in to PostgreSQL computes
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
        What::Drivers => {
            if wants(&args.rest, "scram") {
                let tools = tools::ensure(workspace)?;
                let test_worker =
                    worker::build(workspace, &tools, Mode::Release, Some("test_routes"))?;
                node.arg("--test-worker").arg(test_worker);
            }
            Some(on_every_engine(workspace, &mut node)?)
        }
        What::Worker => {
            node.env("PRERENDER", native::prerender(workspace)?);
            None
        }
        What::Lighthouse => None,
    };
    ui::line(format_args!("{}", ui::bold(script)));
    process::show(node.args(&args.rest))
}

/// Whether the script will measure this part: one that is named, or each when none is.
fn wants(rest: &[String], part: &str) -> bool {
    let named = rest
        .iter()
        .zip(rest.iter().skip(1).map(Some).chain([None]))
        .filter_map(|(argument, next)| match argument.strip_prefix("--part") {
            Some("") => next.map(String::as_str),
            Some(same) => same.strip_prefix('='),
            None => None,
        })
        .collect::<Vec<_>>();
    named.is_empty() || named.contains(&part)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_wanted_by_name_or_all_together() {
        for (rest, expected) in [
            ("", true),
            ("--quick", true),
            ("--part scram", true),
            ("--part=scram", true),
            ("--part cpu --part scram --quick", true),
            ("--part cpu", false),
            ("--part=delay --engine d1", false),
        ] {
            let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
            assert_eq!(wants(&words, "scram"), expected, "{rest}");
        }
    }
}
