//! `cargo x test`: every test, in stages, with a summary.
//! Absent: the tests; see each crate and end2end/.

mod browser;
mod fuzz;
mod judges;
mod native;
mod node;
mod slowest;

use std::cell::OnceCell;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::beside::Beside;
use crate::count::{Count, Runner};
use crate::process::Failed;
use crate::services::{self, Lifetime, Service, Services};
use crate::ui::Step;
use crate::workspace::Workspace;
use crate::{check, process, ui};
use slowest::Times;

/// Run every test; the inner loop is `--quick`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x test
  cargo x test --quick            check and native
  cargo x test --only browser     one stage
  cargo x test --only commands    the commands, in a folder of their own
  cargo x test --slowest          also list the ten slowest tests
  cargo x test --fuzz 5           search for inputs that break a parser, 5 minutes for each
  cargo x test --allow-missing    do not fail where a stage cannot run")]
pub(crate) struct Args {
    /// Only the stages that need neither workerd nor a browser.
    #[arg(long, conflicts_with = "only")]
    quick: bool,
    /// Only this stage; may be repeated.
    #[arg(long, value_enum, value_name = "STAGE")]
    only: Vec<Stage>,
    /// Instead of tests, search for inputs that break a parser: so many minutes for each.
    #[arg(
        long,
        value_name = "MINUTES",
        num_args = 0..=1,
        default_missing_value = "10",
        conflicts_with_all = ["quick", "only", "slowest"]
    )]
    fuzz: Option<u32>,
    /// List the slowest tests.
    #[arg(long)]
    slowest: bool,
    /// Do not fail because of a stage that cannot run on this machine.
    #[arg(long)]
    allow_missing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Stage {
    /// rustfmt, clippy over each real build, tidy.
    Check,
    /// Rust tests on this machine.
    Native,
    /// Tests against the built Worker, in workerd.
    Workerd,
    /// Tests in Chromium against the site, on each engine, by the Worker and natively.
    Browser,
    /// Judges of HTML and OpenAPI that others wrote, before what the native server sends.
    Judges,
    /// The commands that build, prerender and deploy.
    Commands,
}

/// All stages, in an order in which later ones use builds of earlier ones.
const STAGES: [Stage; 6] = [
    Stage::Check,
    Stage::Native,
    Stage::Workerd,
    Stage::Browser,
    Stage::Judges,
    Stage::Commands,
];

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Native => "native",
            Self::Workerd => "workerd",
            Self::Browser => "browser",
            Self::Judges => "judges",
            Self::Commands => "commands",
        }
    }

    /// True if it uses the release that is deployed, or parts of it.
    fn uses_release(self) -> bool {
        !matches!(self, Self::Check | Self::Native)
    }

    fn run(self, workspace: &Workspace, servers: &Servers, times: &Times) -> Result<Outcome> {
        let with_servers = |run: fn(&Workspace, &Services, &Times) -> Result<Outcome>| match servers
            .get(workspace)?
        {
            Ok(services) => run(workspace, services, times),
            Err(why) => Ok(Outcome::NotRun(why.clone())),
        };
        match self {
            Self::Check => Ok(Outcome::Ran(check::all(workspace, false)?)),
            Self::Native => with_servers(native::run),
            Self::Workerd => with_servers(node::workerd),
            Self::Browser => with_servers(browser::run),
            Self::Judges => judges::run(workspace, times),
            Self::Commands => with_servers(node::commands),
        }
    }
}

enum Outcome {
    Ran(Count),
    /// The reason why this machine cannot run it, and how to change that.
    NotRun(String),
}

/// The database servers, started by the first stage that needs them; or the reason why this machine has none.
#[derive(Default)]
struct Servers(OnceCell<Result<Services, String>>);

impl Servers {
    fn get(&self, workspace: &Workspace) -> Result<Result<&Services, &String>> {
        let services = match self.0.get() {
            Some(services) => services,
            None => {
                let services = services::ensure(workspace, &Service::ALL, Lifetime::ThisRun)?;
                self.0.get_or_init(|| services)
            }
        };
        Ok(services.as_ref())
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if let Some(minutes) = args.fuzz {
        return fuzz::run(workspace, minutes);
    }
    let wanted = |stage: &Stage| match args.only.as_slice() {
        [] => !args.quick || matches!(stage, Stage::Check | Stage::Native),
        only => only.contains(stage),
    };
    let stages: Vec<Stage> = STAGES.into_iter().filter(wanted).collect();
    let mut release = None;
    if stages.contains(&Stage::Native) && stages.contains(&Stage::Browser) {
        release = Some(build_beside(workspace)?);
    }
    let mut summary = Vec::new();
    let mut total = Count::default();
    let servers = Servers::default();
    let times = Times::new(args.slowest);
    for stage in stages {
        if let Some(release) = release.take_if(|_| stage.uses_release()) {
            // Why it failed, the stage says, which builds it again.
            let _ = release.finish();
        }
        ui::line(format_args!("\n{}", ui::bold(stage.name())));
        let started = Instant::now();
        let (count, text) = match stage.run(workspace, &servers, &times) {
            Ok(Outcome::Ran(count)) => (
                count,
                format!("{} passed, {} failed", count.passed, count.failed),
            ),
            Ok(Outcome::NotRun(why)) => {
                let failed = u64::from(!args.allow_missing);
                (Count { passed: 0, failed }, format!("not run: {why}"))
            }
            Err(error) => {
                let mut count = Count::default();
                count.add::<()>(Err(error));
                (count, "could not be run".to_owned())
            }
        };
        summary.push(format!(
            "{:<8} {:>10}  {text}",
            stage.name(),
            ui::duration(started.elapsed())
        ));
        total = total.and(count);
    }
    // Servers that ran before go on running.
    drop(servers);
    times.report();
    ui::line(format_args!("\n{}", summary.join("\n")));
    ui::line(format_args!(
        "\n{} passed, {} failed",
        total.passed, total.failed
    ));
    if total.failed > 0 {
        // The count is the last line; a sentence about it would only hide it.
        process::end_all();
        std::process::exit(1);
    }
    Ok(())
}

/// Builds the release that is deployed with what other stages leave of the machine: much of it is one thread's work.
fn build_beside(workspace: &Workspace) -> Result<Beside<()>> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut build = workspace.command("nice");
    build.args(["-n", "19"]).arg(program);
    build.args(["build", "--no-prerender"]);
    Ok(Beside::start(
        "release, beside the stages above",
        move |step| process::run(step, &mut build).map(drop),
    ))
}

/// Runs a test runner as a step. A run that failed without a failed test, or that ran no test, counts as one failure.
fn counted(label: &str, runner: Runner, command: &mut Command, times: &Times) -> Result<Count> {
    let mut step = Step::start(label);
    let outcome = process::run(&mut step, command);
    let (output, succeeded) = match &outcome {
        Ok(output) => (output.as_str(), true),
        Err(error) => match error.downcast_ref::<Failed>() {
            Some(failed) => (failed.output.as_str(), false),
            None => {
                step.fail();
                return outcome.map(|_| Count::default());
            }
        },
    };
    let mut count = runner.count(output);
    times.note(label, runner, output);
    if !succeeded {
        count.failed = count.failed.max(1);
        step.fail();
        ui::line(runner.without_passed(output));
        return Ok(count);
    }
    step.note(format!("{} passed", count.passed));
    step.done();
    // A crate may have no test; a suite that found none is a mistake.
    if count.passed == 0 && !matches!(runner, Runner::Cargo) {
        ui::error(&format!("{label}: no test was found"));
        count.failed = 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_run_that_failed_without_a_failed_test_is_one_failure() {
        for (runner, script, passed, failed) in [
            (Runner::Cargo, "exit 101", 0, 1),
            (Runner::Node, "true", 0, 1),
            (Runner::Node, "echo '# pass 2'", 2, 0),
        ] {
            let mut command = Command::new("sh");
            let count = counted(
                "tests",
                runner,
                command.args(["-c", script]),
                &Times::new(false),
            )
            .unwrap();
            assert_eq!(count, Count { passed, failed }, "{script}");
        }
    }
}
