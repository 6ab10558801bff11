//! Work that runs beside other steps. Its line is printed when its result is needed, with its whole time.
//! Absent: the work.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::ui::Step;

/// The interval at which work that is waited for is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Work under way on a thread of its own.
pub(crate) struct Beside<T> {
    label: String,
    started: Instant,
    work: JoinHandle<(Step, Result<T>)>,
}

impl<T: Send + 'static> Beside<T> {
    /// Starts the work.
    pub(crate) fn start(
        label: impl Into<String>,
        work: impl FnOnce(&mut Step) -> Result<T> + Send + 'static,
    ) -> Self {
        let label = label.into();
        let mut step = Step::silent(label.clone());
        Self {
            label,
            started: Instant::now(),
            work: thread::spawn(move || {
                let outcome = work(&mut step);
                (step, outcome)
            }),
        }
    }

    /// Waits for the end of the work, as a step.
    pub(crate) fn finish(self) -> Result<T> {
        let mut step = Step::start_since(self.label, self.started);
        while !self.work.is_finished() {
            thread::sleep(POLL_INTERVAL);
            step.tick("");
        }
        let Ok((done, outcome)) = self.work.join() else {
            step.fail();
            bail!("a thread of this program panicked");
        };
        step.end_as(done, outcome.is_ok());
        outcome
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::process;

    #[test]
    fn work_goes_on_beside_and_its_result_is_handed_over() {
        let (send, receive) = std::sync::mpsc::channel();
        let work = Beside::start("work", move |_| receive.recv().map_err(Into::into));
        send.send(7).unwrap();
        assert_eq!(work.finish().unwrap(), 7);
    }

    #[test]
    fn what_failed_beside_says_why() {
        let work = Beside::start("work", |step| {
            process::run(
                step,
                std::process::Command::new("sh").args(["-c", "echo why; exit 3"]),
            )
        });
        let error = work.finish().unwrap_err().to_string();
        assert!(error.ends_with("\nwhy"), "{error}");
    }
}
