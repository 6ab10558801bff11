//! Counts of passed and failed tests and checks, read from each runner's summary.
//! Absent: running them.

use anyhow::{Result, ensure};

use crate::ui::{self, strip_ansi};

/// The numbers of tests or checks that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    /// Counts one check, and prints its error if it failed.
    pub(crate) fn add<T>(&mut self, outcome: Result<T>) {
        match outcome {
            Ok(_) => self.passed += 1,
            Err(error) => {
                ui::error(&format!("{error:#}"));
                self.failed += 1;
            }
        }
    }

    /// Fails if one of these failed; `what` is their name.
    pub(crate) fn ensure_passed(self, what: &str) -> Result<()> {
        let Self { passed, failed } = self;
        ensure!(failed == 0, "{failed} of {} {what} failed", failed + passed);
        Ok(())
    }

    /// The sum of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

/// A program whose summary is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Runner {
    /// `test result: ok. 5 passed; 0 failed; …`, once for each binary.
    Cargo,
    /// `ℹ pass 5` and `ℹ fail 0`, or `# pass 5`; a cancelled test has not passed.
    Node,
    /// `5 passed (3.2s)`, `1 failed`, `2 did not run`, each on its line.
    Playwright,
}

impl Runner {
    /// Sums the summaries in a program's output.
    pub(crate) fn count(self, output: &str) -> Count {
        let plain = strip_ansi(output);
        plain
            .lines()
            .map(|line| self.line(line.trim()))
            .fold(Count::default(), Count::and)
    }

    /// A program's output without the tests that passed, where each has a line of its own before the failures.
    pub(crate) fn without_passed(self, output: &str) -> String {
        let has_passed = |line: &&str| {
            let plain = strip_ansi(line);
            let named = plain.strip_prefix("test ").unwrap_or_default();
            let outcome = named.rsplit_once(" ... ").unwrap_or_default().1;
            outcome.starts_with("ok") || outcome.starts_with("ignored")
        };
        match self {
            Self::Cargo => output
                .split_inclusive('\n')
                .filter(|line| !has_passed(line))
                .collect(),
            Self::Node | Self::Playwright => output.to_owned(),
        }
    }

    fn line(self, line: &str) -> Count {
        let mut count = Count::default();
        match self {
            Self::Cargo => {
                for part in line
                    .strip_prefix("test result: ")
                    .into_iter()
                    .flat_map(|rest| rest.split([';', '.']))
                {
                    let (number, what) = part.trim().split_once(' ').unwrap_or_default();
                    match what {
                        "passed" => count.passed = number.parse().unwrap_or(0),
                        "failed" => count.failed = number.parse().unwrap_or(0),
                        _ => {}
                    }
                }
            }
            Self::Node => {
                let (what, number) = line
                    .trim_start_matches(['ℹ', '#', ' '])
                    .split_once(' ')
                    .unwrap_or_default();
                match (what, number.parse()) {
                    ("pass", Ok(number)) => count.passed = number,
                    ("fail" | "cancelled", Ok(number)) => count.failed = number,
                    _ => {}
                }
            }
            Self::Playwright => {
                let line = line.split(" (").next().unwrap_or_default();
                let (number, what) = line.split_once(' ').unwrap_or_default();
                match (what, number.parse()) {
                    ("passed" | "flaky", Ok(number)) => count.passed = number,
                    ("failed" | "interrupted" | "did not run", Ok(number)) => count.failed = number,
                    _ => {}
                }
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runner: Runner, output: &str, passed: u64, failed: u64) {
        assert_eq!(runner.count(output), Count { passed, failed }, "{output}");
    }

    #[test]
    fn each_runners_summary_is_read() {
        check(
            Runner::Cargo,
            "running 2 tests\ntest a ... ok\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: FAILED. 7 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n",
            9,
            3,
        );
        check(
            Runner::Node,
            "✔ opens (3ms)\nℹ tests 6\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n",
            4,
            2,
        );
        check(
            Runner::Node,
            "# tests 2\n# pass 2\n# fail 0\n# cancelled 0\n",
            2,
            0,
        );
        check(
            Runner::Playwright,
            "Running 9 tests using 2 workers\n  2 failed\n    a.spec.mjs:3:1 › x\n  1 flaky\n  1 did not run\n  5 passed (3.2s)\n",
            6,
            3,
        );
        check(
            Runner::Playwright,
            "  \x1b[32m3 passed\x1b[39m\x1b[2m (1.0s)\x1b[22m\n",
            3,
            0,
        );
    }

    #[test]
    fn a_failure_is_not_hidden_among_what_passed() {
        let output = "running 3 tests\ntest a::b ... ok <0.1s>\ntest c ... FAILED\ntest d ... ignored\n\nfailures:\n\n\
                      ---- c stdout ----\nwhy ... ok\n";
        assert_eq!(
            Runner::Cargo.without_passed(output),
            "running 3 tests\ntest c ... FAILED\n\nfailures:\n\n---- c stdout ----\nwhy ... ok\n"
        );
        assert_eq!(Runner::Node.without_passed(output), output);
    }

    #[test]
    fn other_lines_count_nothing() {
        check(Runner::Cargo, "error: could not compile\n", 0, 0);
        check(Runner::Node, "pass the salt\n", 0, 0);
        check(Runner::Playwright, "all passed\n", 0, 0);
    }
}
