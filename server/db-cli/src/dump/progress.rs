//! Lines about long work: how far it is, how fast, and how long it still takes.

use std::time::{Duration, Instant};

/// A reader of lines about long work.
#[derive(Clone, Copy)]
pub struct Reporter<'a> {
    /// The shortest time between two lines.
    pub interval: Duration,
    /// Takes a line.
    pub line: &'a dyn Fn(&str),
}

/// The progress of one step through all rows.
pub(super) struct Progress<'a> {
    step: &'static str,
    total: u64,
    done: u64,
    started: Instant,
    reported: Instant,
    reporter: Reporter<'a>,
}

impl<'a> Progress<'a> {
    /// Starts a step (`reading`) through `total` rows.
    pub(super) fn start(step: &'static str, total: u64, reporter: Reporter<'a>) -> Self {
        let now = Instant::now();
        Self {
            step,
            total,
            done: 0,
            started: now,
            reported: now,
            reporter,
        }
    }

    /// Counts rows of a table, and prints a line if the last one is a while ago.
    pub(super) fn add(&mut self, table: &str, rows: u64) {
        self.done += rows;
        if self.reported.elapsed() >= self.reporter.interval {
            self.reported = Instant::now();
            (self.reporter.line)(&self.line(table, self.started.elapsed()));
        }
    }

    fn line(&self, table: &str, time: Duration) -> String {
        let rate = self.done as f64 / time.as_secs_f64().max(0.001);
        let left = self.total.saturating_sub(self.done) as f64 / rate.max(0.001);
        format!(
            "{} {table}: {} of {} rows, {rate:.0} rows/s, {left:.0} s left",
            self.step, self.done, self.total
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_rate_and_the_time_left() {
        let reporter = Reporter {
            interval: Duration::MAX,
            line: &|_| {},
        };
        let mut progress = Progress::start("writing", 1_000, reporter);
        progress.add("users", 100);
        progress.add("posts", 150);
        assert_eq!(
            progress.line("posts", Duration::from_secs(5)),
            "writing posts: 250 of 1000 rows, 50 rows/s, 15 s left"
        );
    }
}
