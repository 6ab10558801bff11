//! `cargo x bench`: a release build, measured by the scripts of end2end/bench.
//! Absent: the measurements.

use std::process::Command;

use anyhow::{Result, bail};

use crate::build::{self, Parts, WorkerFeatures, native};
use crate::services::{self, Lifetime, Service, Services};
use crate::workspace::{Mode, Workspace};
use crate::{process, tools, ui};

/// Measure a release build.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x bench                     requests/s and CPU beside a hand-written Worker
  cargo x bench drivers             CPU, round trips and latency on D1, Hyperdrive, PostgreSQL and MySQL
  cargo x bench drivers -- --part scram   only the CPU of a log-in to PostgreSQL
  cargo x bench lighthouse          Lighthouse on the main pages
  cargo x bench memory              memory over 50,000 answered and 20,000 aborted requests
  cargo x bench sign-in             CPU and time of a sign-in by each way
  cargo x bench first-start         from a fresh clone with empty caches to the first page
  cargo x bench inner-loop          from a saved edit to the change in an open browser
  cargo x bench -- --large          also with 1,000 and 1,000,000 posts; arguments after -- go to the script")]
pub(crate) struct Args {
    #[arg(value_enum, default_value_t)]
    benchmark: Benchmark,
    /// Arguments of the script.
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Benchmark {
    /// Requests a second, latency, CPU and bytes of the pages.
    #[default]
    Worker,
    /// The site on every engine, in the Worker and natively.
    Drivers,
    /// Lighthouse's four categories.
    Lighthouse,
    /// Memory and open sockets over tens of thousands of requests.
    Memory,
    /// CPU and time of a sign-in by each way.
    SignIn,
    /// The time that a newcomer waits for the first page.
    FirstStart,
    /// The time until an edit is in the browser.
    InnerLoop,
}

impl Benchmark {
    fn script(self) -> &'static str {
        match self {
            Self::Worker => "end2end/bench/bench.mjs",
            Self::Drivers => "end2end/bench/drivers.mjs",
            Self::Lighthouse => "end2end/bench/lighthouse.mjs",
            Self::Memory => "end2end/bench/memory.mjs",
            Self::SignIn => "end2end/bench/sign-in.mjs",
            Self::FirstStart => "end2end/bench/first-start.mjs",
            Self::InnerLoop => "end2end/bench/inner-loop.mjs",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    tools::ensure_node(workspace)?;
    let script = args.benchmark.script();
    let mut node = workspace.node(script);
    if args.rest.iter().any(|argument| argument == "--help") {
        return process::stream(node.args(&args.rest));
    }
    if matches!(args.benchmark, Benchmark::Lighthouse | Benchmark::InnerLoop) {
        match tools::ensure_chromium()? {
            Ok(path) => node.env("CHROMIUM", path),
            Err(why) => bail!("{why}"),
        };
    }
    if matches!(args.benchmark, Benchmark::FirstStart | Benchmark::InnerLoop) {
        // They build for themselves.
        return process::stream(node.args(&args.rest));
    }
    let features = match args.benchmark {
        Benchmark::Drivers => WorkerFeatures::all(),
        _ => WorkerFeatures::deployed(workspace)?,
    };
    build::site(workspace, Mode::Release, &features, Parts::ALL)?;
    // Servers that are started here end with the benchmark.
    let _servers = match args.benchmark {
        Benchmark::Drivers => {
            if measures(&args.rest, "scram") {
                let tools = tools::ensure(workspace)?;
                let test_worker = build::build_worker(
                    workspace,
                    &tools,
                    Mode::Release,
                    &WorkerFeatures::all().with(Some("test_routes")),
                )?;
                node.arg("--test-worker").arg(test_worker);
            }
            Some(on_every_engine(workspace, &mut node)?)
        }
        Benchmark::Worker => {
            node.env("PRERENDER", native::build_prerenderer(workspace)?);
            None
        }
        Benchmark::FirstStart
        | Benchmark::InnerLoop
        | Benchmark::Lighthouse
        | Benchmark::Memory
        | Benchmark::SignIn => None,
    };
    ui::line(format_args!("{}", ui::bold(script)));
    process::stream(node.args(&args.rest))
}

/// Returns whether the script will measure this part: one that is named or, where none is, each.
fn measures(rest: &[String], part: &str) -> bool {
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

/// Gives the script the native server and the database servers, which run as long as the returned value lives.
fn on_every_engine(workspace: &Workspace, node: &mut Command) -> Result<Services> {
    let programs = native::build_shipped(workspace)?;
    node.arg("--native").args(programs.first());
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
    fn a_part_is_measured_by_name_or_with_all_others() {
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
            assert_eq!(measures(&words, "scram"), expected, "{rest}");
        }
    }
}
