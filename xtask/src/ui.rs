//! The output of every command: one line for each step, with its time. Owns standard output.
//! Absent: the work of a step. A child's own output is shown when it failed, or as it comes with `--verbose`.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stdout};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The interval at which a long step prints its time where lines cannot be rewritten.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);

struct Style {
    verbose: bool,
    terminal: bool,
    color: bool,
}

static STYLE: OnceLock<Style> = OnceLock::new();
static IS_ENDING: AtomicBool = AtomicBool::new(false);

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

/// Makes steps print no outcome any more: what fails while the process is being ended fails because of that.
pub(crate) fn stop_reporting() {
    IS_ENDING.store(true, Ordering::Relaxed);
}

/// Prints one line.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}

/// Prints an error, in red where the terminal can.
pub(crate) fn error(text: &str) {
    if style().color {
        line(format_args!("\x1b[31m✗\x1b[0m {text}"));
    } else {
        line(format_args!("✗ {text}"));
    }
}

/// The text in bold, where the terminal can.
pub(crate) fn bold(text: &str) -> String {
    if style().color {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// Returns whether tools should color their output.
pub(crate) fn is_colored() -> bool {
    style().color
}

/// A time for people: `3.1 s`, `2 m 40 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 {
        format!("{} m {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// A size for people: `812 B`, `36 KB`, `1.3 MB`. A KB is 1,000 bytes.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..10_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        10_000..1_000_000 => format!("{:.0} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Text without a terminal's colors and cursor movements.
pub(crate) fn strip_ansi(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().filter(|&c| c != '\r');
    while let Some(character) = characters.next() {
        if character != '\x1b' {
            plain.push(character);
            continue;
        }
        // A control sequence: `ESC [`, parameters, and one final byte from @ to ~.
        if characters.next() == Some('[') {
            characters.find(|c| ('@'..='~').contains(c));
        }
    }
    plain
}

/// A step in progress: `▸ client … done in 3.1 s (36 KB)`.
pub(crate) struct Step {
    label: String,
    started: Instant,
    last_heartbeat: Instant,
    note: String,
    /// Set once a child's output follows the label, so that the outcome needs a line of its own.
    is_broken: bool,
    /// Set where others print at the same time: nothing is printed but, with `--verbose`, a child's output.
    is_silent: bool,
}

impl Step {
    /// Prints the step's name and starts its clock.
    pub(crate) fn start(label: impl Into<String>) -> Self {
        Self::start_since(label, Instant::now())
    }

    /// Prints the name of a step that has been running since `started`.
    pub(crate) fn start_since(label: impl Into<String>, started: Instant) -> Self {
        let label = label.into();
        let _ = write!(stdout(), "▸ {label} … ");
        let _ = stdout().flush();
        Self {
            started,
            is_silent: false,
            ..Self::silent(label)
        }
    }

    /// A step that runs beside others.
    pub(crate) fn silent(label: impl Into<String>) -> Self {
        let now = Instant::now();
        Self {
            label: label.into(),
            started: now,
            last_heartbeat: now,
            note: String::new(),
            is_broken: false,
            is_silent: true,
        }
    }

    /// Sets the text that ends the step's line in parentheses.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.note = note.into();
    }

    /// Prints a line of a child's output, with `--verbose`.
    pub(crate) fn output(&mut self, text: &str) {
        if style().verbose && self.is_silent {
            line(format_args!("  {}: {text}", self.label));
        } else if style().verbose {
            if !self.is_broken {
                line("");
                self.is_broken = true;
            }
            line(format_args!("  {text}"));
        }
    }

    /// Shows that the step waits, and for what.
    pub(crate) fn wait(&mut self, held: impl Display) {
        // On a terminal, the child's last line says it.
        if !style().terminal && !style().verbose && !self.is_silent {
            let _ = write!(
                stdout(),
                "waiting for another cargo, which has the {held} … "
            );
            let _ = stdout().flush();
        }
    }

    /// Shows that a child still runs. Called about once a second, with its last line.
    pub(crate) fn tick(&mut self, last: &str) {
        if style().verbose || self.is_silent {
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
        if self.last_heartbeat.elapsed() >= HEARTBEAT_INTERVAL {
            self.last_heartbeat = Instant::now();
            let _ = write!(
                stdout(),
                "{}{} … ",
                duration(self.started.elapsed()),
                in_logs(last)
            );
            let _ = stdout().flush();
        }
    }

    /// Ends the line of a step that succeeded.
    pub(crate) fn done(self) {
        let note = match self.note.as_str() {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        self.end(&format!(
            "done in {}{note}",
            duration(self.started.elapsed())
        ));
    }

    /// Ends the line of a step that failed.
    pub(crate) fn fail(self) {
        self.end(&format!(
            "failed after {}",
            duration(self.started.elapsed())
        ));
    }

    /// Ends the line of a step whose work another, silent one has done.
    pub(crate) fn end_as(mut self, done: Self, has_succeeded: bool) {
        self.note = done.note;
        if has_succeeded {
            self.done();
        } else {
            self.fail();
        }
    }

    fn end(&self, outcome: &str) {
        if IS_ENDING.load(Ordering::Relaxed) {
            return;
        }
        if self.is_broken {
            line(format_args!("  {} {outcome}", self.label));
        } else if style().terminal {
            line(format_args!("\r\x1b[2K▸ {} … {outcome}", self.label));
        } else {
            line(outcome);
        }
    }
}

/// The part of a child's last line that is shown where lines cannot be rewritten: how far the migrations of a database are.
fn in_logs(last: &str) -> String {
    let migrating = last.trim_start().strip_prefix("Migrating ");
    migrating.map_or_else(String::new, |place| format!(", {}", place.trim_end()))
}

/// Runs `work` as a step.
pub(crate) fn step<T>(
    label: impl Into<String>,
    work: impl FnOnce(&mut Step) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut step = Step::start(label);
    let outcome = work(&mut step);
    match outcome {
        Ok(_) => step.done(),
        Err(_) => step.fail(),
    }
    outcome
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

    #[test]
    fn a_log_says_how_far_migrations_are() {
        let line = "   Migrating 0002_b.sql (1 of 2), statement 3 of 17";
        assert_eq!(in_logs(line), ", 0002_b.sql (1 of 2), statement 3 of 17");
        assert_eq!(in_logs("   Compiling db v0.1.0"), "");
    }
}
