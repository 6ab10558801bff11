//! What people see: one line a step, with its time. Owns standard output.
//! Absent: what a step does; a child's own output is shown when it failed, or as it comes with `--verbose`.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stdout};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How often a long step says that it is alive where lines cannot be rewritten.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

struct Style {
    verbose: bool,
    terminal: bool,
    color: bool,
}

static STYLE: OnceLock<Style> = OnceLock::new();

/// Sets how much is shown. Called once, before anything is printed.
pub(crate) fn init(verbose: bool) {
    STYLE.get_or_init(|| {
        let terminal = stdout().is_terminal();
        let color = terminal && std::env::var_os("NO_COLOR").is_none();
        Style {
            verbose,
            terminal,
            color,
        }
    });
}

fn style() -> &'static Style {
    const PLAIN: Style = Style {
        verbose: false,
        terminal: false,
        color: false,
    };
    STYLE.get().unwrap_or(&PLAIN)
}

/// Prints one line.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}

/// Prints an error, in red where that is possible.
pub(crate) fn error(text: &str) {
    if style().color {
        line(format_args!("\x1b[31m✗\x1b[0m {text}"));
    } else {
        line(format_args!("✗ {text}"));
    }
}

/// Bold, where the terminal can.
pub(crate) fn bold(text: &str) -> String {
    if style().color {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// Whether tools should color what they print.
pub(crate) fn is_colored() -> bool {
    style().color
}

/// `3.1 s`, `2 m 40 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 {
        format!("{} m {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// `812 B`, `36 KB`, `1.3 MB`; a KB is 1,000 bytes.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..10_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        10_000..1_000_000 => format!("{:.0} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A step in progress: `▸ client … done in 3.1 s (36 KB)`.
pub(crate) struct Step {
    label: String,
    started: Instant,
    alive: Instant,
    /// What `done` and `fail` must do about the line that is already there.
    broken: bool,
}

impl Step {
    /// Prints the step's name and starts its clock.
    pub(crate) fn start(label: impl Into<String>) -> Self {
        let label = label.into();
        let _ = write!(stdout(), "▸ {label} … ");
        let _ = stdout().flush();
        let now = Instant::now();
        Self {
            label,
            started: now,
            alive: now,
            broken: false,
        }
    }

    /// A line that a child printed: streamed when verbose, else shown as a passing sign of life.
    pub(crate) fn heard(&mut self, text: &str) {
        if style().verbose {
            if !self.broken {
                line("");
                self.broken = true;
            }
            line(format_args!("  {text}"));
        }
    }

    /// Called about once a second while a child runs, with its last line.
    pub(crate) fn tick(&mut self, last: &str) {
        if style().verbose {
            return;
        }
        if style().terminal {
            let passing: String = last.chars().filter(|c| !c.is_control()).take(50).collect();
            let _ = write!(
                stdout(),
                "\r\x1b[2K▸ {} … {} {passing}",
                self.label,
                duration(self.started.elapsed())
            );
            let _ = stdout().flush();
            return;
        }
        if self.alive.elapsed() >= SIGN_OF_LIFE {
            self.alive = Instant::now();
            let _ = write!(stdout(), "{} … ", duration(self.started.elapsed()));
            let _ = stdout().flush();
        }
    }

    /// Ends the step's line; `note` says what came of it.
    pub(crate) fn done(self, note: &str) {
        let note = if note.is_empty() {
            String::new()
        } else {
            format!(" ({note})")
        };
        self.end(&format!(
            "done in {}{note}",
            duration(self.started.elapsed())
        ));
    }

    /// Ends the step's line where it failed.
    pub(crate) fn fail(self) {
        self.end(&format!(
            "failed after {}",
            duration(self.started.elapsed())
        ));
    }

    fn end(&self, outcome: &str) {
        if crate::process::is_ending() {
            return;
        }
        if self.broken {
            line(format_args!("  {} {outcome}", self.label));
        } else if style().terminal {
            line(format_args!("\r\x1b[2K▸ {} … {outcome}", self.label));
        } else {
            line(outcome);
        }
    }
}

/// Runs `work` as a step; its `Ok` value's note ends the line.
pub(crate) fn step<T>(
    label: impl Into<String>,
    work: impl FnOnce(&mut Step) -> anyhow::Result<(T, String)>,
) -> anyhow::Result<T> {
    let mut step = Step::start(label);
    match work(&mut step) {
        Ok((value, note)) => {
            step.done(&note);
            Ok(value)
        }
        Err(error) => {
            step.fail();
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(1_234), "1.2 KB");
        assert_eq!(size(36_400), "36 KB");
        assert_eq!(size(1_300_000), "1.3 MB");
        assert_eq!(duration(Duration::from_millis(3_140)), "3.1 s");
        assert_eq!(duration(Duration::from_secs(160)), "2 m 40 s");
    }
}
