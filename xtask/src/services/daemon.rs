//! A server's process, which outlives this command or ends with it. The server's own pid file tells whether it runs.
//! Absent: the settings of each server.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::process::{self, Running};

/// The time that a server has until it answers: it may have to recover.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// The time that a server has to end before it is killed.
const END_TIMEOUT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(30);

/// The lifetime of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Until `cargo x services down`.
    UntilDown,
    /// Until this command ends, in whatever way.
    ThisRun,
}

/// A server, running or not.
pub(super) struct Daemon {
    pub(super) name: &'static str,
    /// The names that its process may have.
    pub(super) programs: &'static [&'static str],
    /// A file whose first line is the process id.
    pub(super) pid_file: PathBuf,
    pub(super) log: PathBuf,
    /// The signal that ends it without waiting for its clients.
    pub(super) end: Signal,
}

/// A server that this command started.
enum Started {
    Apart(Child),
    Ours(Running),
}

impl Started {
    fn ended(&mut self) -> Option<ExitStatus> {
        match self {
            Self::Apart(child) => child.try_wait().ok().flatten(),
            Self::Ours(running) => running.ended(),
        }
    }
}

impl Daemon {
    /// The process id, while it runs.
    pub(super) fn pid(&self) -> Option<Pid> {
        let content = std::fs::read_to_string(&self.pid_file).ok()?;
        let pid = content.lines().next()?.trim().parse().ok()?;
        // The file may be old, and the number another process's by now.
        self.is(pid).then_some(Pid::from_raw(pid))
    }

    /// Removes an old pid file whose number is now another process's, which the server would take for itself. Called only
    /// while the server does not run.
    pub(super) fn remove_stale_pid_file(&self) -> Result<()> {
        let content = std::fs::read_to_string(&self.pid_file).unwrap_or_default();
        let pid = content
            .lines()
            .next()
            .and_then(|pid| pid.trim().parse().ok());
        match pid {
            Some(pid) if !self.is(pid) && kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH) => {
                std::fs::remove_file(&self.pid_file)
                    .with_context(|| format!("cannot remove {}", self.pid_file.display()))
            }
            _ => Ok(()),
        }
    }

    /// Returns whether the process with this number is such a server.
    fn is(&self, pid: i32) -> bool {
        program_of(pid).is_some_and(|name| self.programs.contains(&name.as_str()))
    }

    /// Starts it and waits until `is_ready`. The server runs as long as the returned value lives.
    pub(super) fn start(
        &self,
        mut command: Command,
        lifetime: Lifetime,
        is_ready: impl Fn() -> bool,
    ) -> Result<Option<Running>> {
        let log = File::create(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut started = match lifetime {
            Lifetime::UntilDown => Started::Apart(
                command
                    .stdin(Stdio::null())
                    .stdout(log.try_clone().context("cannot write the log")?)
                    .stderr(log)
                    .process_group(0)
                    .spawn()
                    .with_context(|| format!("cannot start {}", self.name))?,
            ),
            Lifetime::ThisRun => {
                let (running, mut reader) = process::spawn(&mut command)?;
                let mut log = log;
                thread::spawn(move || std::io::copy(&mut reader, &mut log));
                Started::Ours(running)
            }
        };
        let deadline = Instant::now() + START_TIMEOUT;
        while !is_ready() {
            if let Some(status) = started.ended() {
                bail!("{} ended ({status}):\n{}", self.name, tail(&self.log));
            }
            if Instant::now() > deadline {
                self.stop();
                bail!(
                    "{} does not answer after {} s:\n{}",
                    self.name,
                    START_TIMEOUT.as_secs(),
                    tail(&self.log)
                );
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(match started {
            Started::Apart(_) => None,
            Started::Ours(running) => Some(running),
        })
    }

    /// Ends it, by force if it takes too long; returns whether it ran.
    pub(super) fn stop(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        let _ = kill(pid, self.end);
        let deadline = Instant::now() + END_TIMEOUT;
        // It removes its pid file a while before it ends.
        while self.is(pid.as_raw()) && Instant::now() < deadline {
            thread::sleep(POLL_INTERVAL);
        }
        if self.is(pid.as_raw()) {
            let _ = kill(pid, Signal::SIGKILL);
        }
        true
    }
}

/// The name of the running program with this process id. A zombie does not run.
fn program_of(pid: i32) -> Option<String> {
    if Path::new("/proc/self/stat").exists() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        return program_in(&stat);
    }
    let pid = pid.to_string();
    let output = process::output(Command::new("ps").args(["-o", "stat=,comm=", "-p", &pid]))?;
    let (state, program) = output.split_once(char::is_whitespace)?;
    let name = program.trim().rsplit('/').next()?;
    (!state.starts_with('Z')).then(|| name.to_owned())
}

/// Reads Linux's `12 (name) S 1 …`; the name may hold parentheses.
fn program_in(stat: &str) -> Option<String> {
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    (!after.trim_start().starts_with(['Z', 'X'])).then(|| name.to_owned())
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_process_that_ended_has_no_name() {
        assert_eq!(
            program_in("12 (postgres) S 1 12").as_deref(),
            Some("postgres")
        );
        assert_eq!(program_in("12 (a) b) R 1").as_deref(), Some("a) b"));
        assert_eq!(program_in("12 (postgres) Z 1 12"), None);
    }

    #[test]
    fn a_server_is_known_by_its_pid_file_and_its_name() {
        let folder = scratch("daemon");
        let mut daemon = Daemon {
            name: "Sleep",
            programs: &["postgres"],
            pid_file: folder.join("pid"),
            log: folder.join("log"),
            end: Signal::SIGTERM,
        };
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        std::fs::write(&daemon.pid_file, format!("{}\nmore\n", child.id())).unwrap();
        assert_eq!(daemon.pid(), None, "another program has that number now");
        daemon.remove_stale_pid_file().unwrap();
        assert!(!daemon.pid_file.exists());
        std::fs::write(&daemon.pid_file, format!("{}\nmore\n", child.id())).unwrap();
        daemon.programs = &["sleep"];
        assert_eq!(daemon.pid().unwrap().as_raw(), child.id().cast_signed());
        assert!(daemon.stop());
        assert!(child.try_wait().unwrap().is_some());
        assert!(!daemon.stop());
        daemon.remove_stale_pid_file().unwrap();
        assert!(
            daemon.pid_file.exists(),
            "the server itself handles this file"
        );
    }

    #[test]
    fn a_server_that_does_not_start_reports_its_log() {
        let folder = scratch("failing");
        let daemon = Daemon {
            name: "Sh",
            programs: &["sh"],
            pid_file: folder.join("pid"),
            log: folder.join("log"),
            end: Signal::SIGTERM,
        };
        let mut command = Command::new("sh");
        command.args(["-c", "echo no room >&2; exit 3"]);
        let error = daemon
            .start(command, Lifetime::UntilDown, || false)
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("no room") && error.contains('3'), "{error}");
    }
}
