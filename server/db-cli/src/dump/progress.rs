//! Lines about long work: how far it is, how fast, and how long it still takes.

use std::time::{Duration, Instant};

/// The time between two lines.
const REPORT_INTERVAL: Duration = Duration::from_secs(2);

/// The progress of one step through all rows.
pub(super) struct Progress<'a> {
    step: &'static str,
    total: u64,
    done: u64,
    started: Instant,
    reported: Instant,
    report: &'a dyn Fn(&str),
}

impl<'a> Progress<'a> {
    /// Starts a step (`reading`) through `total` rows.
    pub(super) fn start(step: &'static str, total: u64, report: &'a dyn Fn(&str)) -> Self {
        let now = Instant::now();
        Self {
            step,
            total,
            done: 0,
            started: now,
            reported: now,
            report,
        }
    }

    /// Counts rows of a table, and prints a line if the last one is a while ago.
    pub(super) fn add(&mut self, table: &str, rows: u64) {
        self.done += rows;
        if self.reported.elapsed() >= REPORT_INTERVAL {
            self.reported = Instant::now();
            (self.report)(&self.line(table, self.started.elapsed()));
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
        let mut progress = Progress::start("writing", 1_000, &|_| {});
        progress.add("users", 100);
        progress.add("posts", 150);
        assert_eq!(
            progress.line("posts", Duration::from_secs(5)),
            "writing posts: 250 of 1000 rows, 50 rows/s, 15 s left"
        );
    }
}
