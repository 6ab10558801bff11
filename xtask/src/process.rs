//! Child processes. Each runs in a process group of its own, so that ending it ends its children too. When this process
//! is interrupted, it ends its children first.
//! Absent: the programs themselves and where they are found.

use std::fmt;
use std::io::{BufRead, BufReader, PipeReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cargo_output::{awaited_lock, without_progress};
use crate::ui::{self, Step};

/// The time that a group has to end by itself before it is killed.
const END_TIMEOUT: Duration = Duration::from_secs(3);
/// The time that a server has until it serves.
const START_TIMEOUT: Duration = Duration::from_secs(60);

struct Groups {
    running: Vec<i32>,
    stopping: bool,
}

static GROUPS: Mutex<Groups> = Mutex::new(Groups {
    running: Vec::new(),
    stopping: false,
});

/// A program that ended with another status than 0, and its whole output.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) command: String,
    pub(crate) status: String,
    pub(crate) output: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            status,
            output,
        } = self;
        write!(f, "`{command}` failed ({status})")?;
        if !output.trim().is_empty() {
            write!(f, "\n{}", output.trim_end())?;
        }
        Ok(())
    }
}

impl std::error::Error for Failed {}

/// Rewrites the output in an error that is a [`Failed`]; leaves other errors alone.
pub(crate) fn map_output(
    error: anyhow::Error,
    rewrite: impl FnOnce(&str) -> String,
) -> anyhow::Error {
    match error.downcast::<Failed>() {
        Ok(failed) => Failed {
            output: rewrite(&failed.output),
            ..failed
        }
        .into(),
        Err(other) => other,
    }
}

/// Makes SIGINT, SIGTERM and SIGHUP end every running child before this process.
pub(crate) fn end_children_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        ui::line("");
        end_all();
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Ends every running child and lets no other start.
pub(crate) fn end_all() {
    let running = {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        groups.stopping = true;
        ui::stop_reporting();
        std::mem::take(&mut groups.running)
    };
    for group in &running {
        let _ = killpg(Pid::from_raw(*group), Signal::SIGTERM);
    }
    for group in running {
        end_group(group);
    }
}

/// Returns whether this process is being ended: what fails from now on fails because of that.
pub(crate) fn is_ending() -> bool {
    GROUPS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .stopping
}

/// Waits for a group that was asked to end; kills it when it does not.
fn end_group(group: i32) {
    let group = Pid::from_raw(group);
    let deadline = Instant::now() + END_TIMEOUT;
    while Instant::now() < deadline {
        if killpg(group, None) == Err(Errno::ESRCH) {
            return;
        }
        thread::sleep(Duration::from_millis(30));
    }
    let _ = killpg(group, Signal::SIGKILL);
}

/// A running program. Dropping it ends its whole group.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// The status, once the program has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = self.child.id().cast_signed();
        let _ = killpg(Pid::from_raw(group), Signal::SIGTERM);
        let deadline = Instant::now() + END_TIMEOUT;
        while self.ended().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(30));
        }
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        let _ = self.child.wait();
        forget(group);
    }
}

fn forget(group: i32) {
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    groups.running.retain(|&other| other != group);
}

/// Starts `command` with its standard output and error in one pipe, in the order they are written.
pub(crate) fn spawn(command: &mut Command) -> Result<(Running, PipeReader)> {
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().context("cannot make a pipe")?)
        .stderr(writer)
        .process_group(0);
    hide_own_package(command);
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    if groups.stopping {
        bail!("interrupted");
    }
    let spawned = command.spawn();
    // The command keeps its copies of the pipe's writing end: with them the reader would never see the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = spawned.with_context(|| format!("cannot run `{}`", shown(command)))?;
    groups.running.push(child.id().cast_signed());
    Ok((Running { child }, reader))
}

/// Starts a server, waits until a line of its output contains `sign`, and returns the lines that follow. `name` is used
/// in errors.
pub(crate) fn start_server(
    name: &str,
    command: &mut Command,
    sign: &str,
) -> Result<(Running, Receiver<String>)> {
    let (mut running, reader) = spawn(command)?;
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut output = Vec::new();
    let deadline = Instant::now() + START_TIMEOUT;
    let why = loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) if line.contains(sign) => return Ok((running, lines)),
            Ok(line) => output.push(line),
            Err(RecvTimeoutError::Timeout) if running.ended().is_none() => {}
            Err(_) => break "ended before it was ready".to_owned(),
        }
        if Instant::now() > deadline {
            break format!("is not ready after {} s", START_TIMEOUT.as_secs());
        }
    };
    bail!("{name} {why}:\n{}", output.join("\n"))
}

/// Removes what `cargo run` sets for this very process: a nested cargo that sees it compiles much of the program anew.
pub(crate) fn hide_own_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
}

/// Runs `command` as a step of its own and returns its output.
pub(crate) fn step(label: impl Into<String>, command: &mut Command) -> Result<String> {
    ui::step(label, |step| run(step, command))
}

/// Runs `command` to its end as part of `step` and returns its output.
///
/// # Errors
/// [`Failed`] when it could run but ended with another status than 0.
pub(crate) fn run(step: &mut Step, command: &mut Command) -> Result<String> {
    let (mut running, reader) = spawn(command)?;
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut output = String::new();
    let mut last = String::new();
    let mut ticked = Instant::now();
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                step.output(&line);
                if let Some(held) = awaited_lock(&line) {
                    step.wait(held);
                }
                output.push_str(&line);
                output.push('\n');
                last = line;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if ticked.elapsed() >= Duration::from_secs(1) {
            ticked = Instant::now();
            step.tick(&last);
        }
    }
    let status = running.child.wait().context("cannot wait for a child")?;
    if status.success() {
        return Ok(output);
    }
    Err(Failed {
        command: shown(command),
        status: status.to_string(),
        output: without_progress(&output),
    }
    .into())
}

/// Runs `command` to its end and prints its output as it comes.
pub(crate) fn stream(command: &mut Command) -> Result<()> {
    let (mut running, reader) = spawn(command)?;
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("cannot read the output of a child")?;
        ui::line(String::from_utf8_lossy(&line));
    }
    let status = running.child.wait().context("cannot wait for a child")?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a quick command and returns its standard output, trimmed; `None` where it is missing or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    // A command that has run as a step still holds the pipes of that run.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Returns whether a program is on the path and runs.
pub(crate) fn exists(program: &str) -> bool {
    output(Command::new(program).arg("--version")).is_some()
}

/// The command for people: the program by its name, long arguments shortened.
fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let mut text = program.rsplit('/').next().unwrap_or(&program).to_owned();
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        text.push(' ');
        text.extend(argument.chars().take(60));
        if argument.chars().count() > 60 {
            text.push_str("...");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_nested_cargo_does_not_see_this_package() {
        let mut command = Command::new("cargo");
        hide_own_package(&mut command);
        let mut hidden = command.get_envs().filter(|(_, value)| value.is_none());
        assert!(hidden.any(|(name, _)| name == "CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn output_is_in_order_and_part_of_the_error() {
        let mut step = Step::start("sh");
        let out = run(
            &mut step,
            Command::new("sh").args(["-c", "echo one; echo two >&2; echo three"]),
        );
        assert_eq!(out.unwrap(), "one\ntwo\nthree\n");

        let error = run(
            &mut step,
            Command::new("sh").args(["-c", "echo why; exit 3"]),
        )
        .unwrap_err();
        let failed = error.downcast_ref::<Failed>().unwrap();
        assert_eq!(failed.output, "why\n");
        assert!(failed.status.contains('3'));
    }

    #[test]
    fn a_server_is_awaited_and_one_that_ends_reports_its_output() {
        let start = |script| {
            start_server(
                "the server",
                Command::new("sh").args(["-c", script]),
                "ready",
            )
        };
        let (_running, lines) = start("echo wait; echo ready; echo on; sleep 60").unwrap();
        assert_eq!(lines.recv().unwrap(), "on");
        let error = start("echo no port; exit 1").err().unwrap();
        let said = "the server ended before it was ready:\nno port";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn dropping_a_program_ends_its_children() {
        let (running, reader) =
            spawn(Command::new("sh").args(["-c", "sleep 60 & echo $!; wait"])).unwrap();
        let mut pid = String::new();
        BufReader::new(reader).read_line(&mut pid).unwrap();
        let pid = Pid::from_raw(pid.trim().parse().unwrap());
        assert!(nix::sys::signal::kill(pid, None).is_ok());
        drop(running);
        let gone = (0..100).any(|_| {
            thread::sleep(Duration::from_millis(20));
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            state.map_or(true, |state| state.contains(" Z "))
        });
        assert!(gone, "the grandchild outlived its group");
    }
}
