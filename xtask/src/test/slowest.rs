//! The slowest tests of a run, over all stages. Owns reading times from each runner's output.
//! Absent: running the tests.

use std::cell::RefCell;
use std::collections::HashSet;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::count::Runner;
use crate::process;
use crate::ui::{self, strip_ansi};
use crate::workspace::Workspace;

/// The number of tests that are listed.
const LISTED: usize = 10;
/// Makes a Rust test program print the time of each test, which it offers only where unstable options are allowed.
/// Compilers do not see the variable.
const REPORT_TIME: &str =
    r#"["sh", "-c", 'RUSTC_BOOTSTRAP=1 exec "$@" -Zunstable-options --report-time', "sh"]"#;

/// The times of tests, if they are wanted.
pub(super) struct Times {
    is_wanted: bool,
    all: RefCell<Vec<(Duration, String)>>,
}

impl Times {
    pub(super) fn new(is_wanted: bool) -> Self {
        Self {
            is_wanted,
            all: RefCell::default(),
        }
    }

    /// Has `cargo test` print times.
    pub(super) fn configure(&self, workspace: &Workspace, cargo: &mut Command) -> Result<()> {
        if self.is_wanted {
            let mut rustc = workspace.command("rustc");
            let host = process::output(rustc.args(["--print", "host-tuple"]));
            let host = host.context("rustc does not name its host")?;
            cargo.arg("--config");
            cargo.arg(format!("target.{host}.runner={REPORT_TIME}"));
        }
        Ok(())
    }

    /// Notes the times in a runner's output. `label` is the name of the run.
    pub(super) fn note(&self, label: &str, runner: Runner, output: &str) {
        let named = read(runner, output);
        let labelled = named.map(|(time, name)| (time, format!("{label}: {name}")));
        self.all.borrow_mut().extend(labelled);
    }

    /// Prints the slowest.
    pub(super) fn report(self) {
        if !self.is_wanted {
            return;
        }
        let mut all = self.all.into_inner();
        all.sort_by(|(one, _), (other, _)| other.cmp(one));
        ui::line(format_args!(
            "\nthe slowest of {} tests with a time",
            all.len()
        ));
        for (time, name) in all.iter().take(LISTED) {
            ui::line(format_args!("{:>10}  {name}", ui::duration(*time)));
        }
    }
}

/// The tests in a runner's output, with their times.
fn read(runner: Runner, output: &str) -> impl Iterator<Item = (Duration, String)> {
    let plain = strip_ansi(output);
    // Node prints `▶ suite` before the tests of a suite, and its whole time after them.
    let mut suites = HashSet::new();
    let mut program = String::new();
    let mut found = Vec::new();
    for line in plain.lines() {
        let trimmed = line.trim();
        match runner {
            Runner::Cargo => {
                if let Some(started) = cargo_program(trimmed) {
                    program = format!("{started} ");
                }
                let test = cargo(trimmed);
                found.extend(test.map(|(time, name)| (time, format!("{program}{name}"))));
            }
            Runner::Node => {
                if let Some(suite) = trimmed.strip_prefix("▶ ") {
                    suites.insert(suite.to_owned());
                }
                let test = marked(trimmed, ["✔ ", "✖ "]);
                found.extend(test.filter(|(_, name)| !suites.contains(name)));
            }
            Runner::Playwright => found.extend(marked(trimmed, ["✓ ", "✘ "])),
        }
    }
    found.into_iter()
}

/// Reads `Running tests/pool.rs (target/debug/deps/pool-0123456789abcdef)`.
fn cargo_program(line: &str) -> Option<&str> {
    let (_, path) = line
        .strip_prefix("Running ")?
        .strip_suffix(')')?
        .rsplit_once('(')?;
    let (name, _hash) = path.rsplit('/').next()?.rsplit_once('-')?;
    Some(name)
}

/// Reads `test name ... ok <1.234s>`.
fn cargo(line: &str) -> Option<(Duration, String)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let (_, time) = outcome.strip_suffix('>')?.rsplit_once('<')?;
    Some((duration(time)?, name.to_owned()))
}

/// Reads `✔ name (1.2s)`.
fn marked(line: &str, marks: [&str; 2]) -> Option<(Duration, String)> {
    let rest = marks.iter().find_map(|mark| line.strip_prefix(mark))?;
    let (name, time) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    Some((duration(time)?, name.trim().to_owned()))
}

/// Reads `12.5ms`, `1.2s`, `1.5m`.
fn duration(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(at);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runner: Runner, output: &str, expected: &[(u64, &str)]) {
        let found: Vec<_> = read(runner, output).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(time, name)| (Duration::from_millis(*time), (*name).to_owned()))
            .collect();
        assert_eq!(found, expected, "{output}");
    }

    #[test]
    fn each_runners_times_are_read() {
        check(
            Runner::Cargo,
            "     Running tests/pool.rs (target/debug/deps/pool-0123456789abcdef)\n\
             running 3 tests\ntest a::b ... ok <1.250s>\ntest c - should panic ... ok <0.003s>\n\
             test d ... FAILED <0.100s>\ntest e ... ignored\n\
             test result: ok. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.30s\n",
            &[
                (1250, "pool a::b"),
                (3, "pool c - should panic"),
                (100, "pool d"),
            ],
        );
        check(
            Runner::Node,
            "▶ mysql\n  ✔ opens (lazily) (3ms)\n  ✖ closes (1500ms)\n✔ mysql (1503.5ms)\n\
             ✔ alone (2ms)\nℹ tests 3\nℹ duration_ms 2\n",
            &[(3, "opens (lazily)"), (1500, "closes"), (2, "alone")],
        );
        check(
            Runner::Playwright,
            "Running 3 tests using 2 workers\n  ✓   1 pages.spec.mjs:3:1 › home @smoke (850ms)\n\
             \x1b[31m  ✘  2 a.spec.mjs:3:1 › x (1.5m)\x1b[39m\n  -  3 a.spec.mjs:9:1 › skipped\n  1 passed (1.6m)\n",
            &[
                (850, "1 pages.spec.mjs:3:1 › home @smoke"),
                (90_000, "2 a.spec.mjs:3:1 › x"),
            ],
        );
    }
}
