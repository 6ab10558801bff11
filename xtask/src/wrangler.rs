//! The Worker served locally by wrangler. Owns starting it, knowing when it is ready, and its ports.
//! Absent: what is served (`build`) and from which data (`database`).

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::database::Told;
use crate::events::strip_ansi;
use crate::process::{self, Running};
use crate::secrets;
use crate::workspace::Workspace;

/// `wrangler` with these arguments, asking and telling nobody anything.
pub(crate) fn command(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = workspace.node("node_modules/wrangler/bin/wrangler.js");
    command
        .args(arguments)
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        // `request.cf` is a placeholder locally; the real one would be asked from Cloudflare at each start.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("NO_COLOR", "1")
        .env_remove("FORCE_COLOR");
    command
}

/// How to serve.
pub(crate) struct Options<'a> {
    pub(crate) port: u16,
    /// Variables that differ from wrangler.jsonc.
    pub(crate) vars: BTreeMap<&'static str, String>,
    /// What the database asks for.
    pub(crate) told: &'a Told,
    /// A build and a database of its own, instead of those that wrangler.jsonc and `cargo x dev` use.
    pub(crate) apart: Option<Apart<'a>>,
}

/// A site that is served without touching the one of `cargo x dev`.
pub(crate) struct Apart<'a> {
    pub(crate) worker: &'a Path,
    pub(crate) assets: &'a Path,
    /// Where the local database is.
    pub(crate) state: &'a Path,
}

/// What wrangler said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A changed Worker or asset is being served from now on.
    Reloaded,
    /// Anything else worth showing: a log of the Worker, a warning.
    Line(String),
}

/// A served site. Dropping it ends it.
pub(crate) struct Server {
    running: Running,
    said: Receiver<Said>,
}

impl Server {
    /// Starts serving and waits until the Worker answers.
    pub(crate) fn start(workspace: &Workspace, options: &Options<'_>) -> Result<Self> {
        let mut command = command(workspace, &["dev"]);
        if let Some(apart) = &options.apart {
            // Before the options: `--var` would take it for another variable.
            command
                .arg(apart.worker.join("entry.js"))
                .arg("--assets")
                .arg(apart.assets)
                .arg("--persist-to")
                .arg(apart.state);
        }
        command
            .args(["--ip", "127.0.0.1", "--port", &options.port.to_string()])
            .args(["--inspector-port", "0"])
            .arg("--show-interactive-dev-session=false");
        command.envs(options.told.env.iter().map(|(name, value)| (name, value)));
        if let Some(config) = &options.told.config {
            // Secrets would be looked for beside it.
            let secrets = workspace.path(secrets::FILE);
            command.arg("--config").arg(config);
            command.arg("--env-file").arg(secrets);
        }
        for (name, value) in &options.vars {
            command.arg("--var").arg(format!("{name}:{value}"));
        }
        let (running, lines) = process::serve("wrangler", &mut command, "Ready on")?;
        let (sender, said) = channel();
        thread::spawn(move || {
            for said in lines.into_iter().filter_map(|line| understand(&line)) {
                if sender.send(said).is_err() {
                    return;
                }
            }
        });
        Ok(Self { running, said })
    }

    /// What was said since the last call.
    pub(crate) fn said(&self) -> impl Iterator<Item = Said> {
        self.said.try_iter()
    }

    /// Waits until a change is being served, or until that has taken too long to be still to come.
    pub(crate) fn wait_for_reload(&self, patience: Duration, mut show: impl FnMut(&str)) {
        let deadline = Instant::now() + patience;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            match self.said.recv_timeout(left) {
                Ok(Said::Line(line)) => show(&line),
                Ok(Said::Reloaded) | Err(_) => return,
            }
        }
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.running.ended().is_some()
    }
}

/// What a line of wrangler's output means; nothing for its own chatter.
fn understand(line: &str) -> Option<Said> {
    let line = strip_ansi(line);
    let text = line.trim();
    if text.contains("Local server updated and ready") {
        return Some(Said::Reloaded);
    }
    let chatter = text.is_empty()
        || text.starts_with('⎔')
        || text.starts_with("[wrangler:info]")
        || text.starts_with('─');
    (!chatter).then_some(Said::Line(line))
}

/// Refuses a port that something else listens on.
pub(crate) fn ensure_free(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!(
                "port {port} is in use: end what listens there, or choose another with `--port {}`",
                port.wrapping_add(1)
            )
        }
        Err(error) => Err(error)
            .with_context(|| format!("cannot listen on port {port}; choose another with `--port`")),
    }
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot find a free port")?;
    Ok(listener
        .local_addr()
        .context("cannot find a free port")?
        .port())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_way_out() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let message = ensure_free(port).unwrap_err().to_string();
        assert!(
            message.contains(&format!("port {port} is in use")),
            "{message}"
        );
        assert!(message.contains("--port"), "{message}");
        drop(taken);
        ensure_free(port).unwrap();
    }

    #[test]
    fn logs_are_told_from_chatter() {
        assert_eq!(
            understand("⎔ Local server updated and ready"),
            Some(Said::Reloaded)
        );
        assert_eq!(understand("⎔ Reloading local server..."), None);
        assert_eq!(understand("[wrangler:info] GET / 200 OK (3ms)"), None);
        assert_eq!(
            understand("\x1b[31mpanicked at x.rs\x1b[0m"),
            Some(Said::Line("panicked at x.rs".into()))
        );
    }
}
