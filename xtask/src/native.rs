//! The site as ordinary programs: building them, and starting the server.
//! Absent: the programs, and what they can be told; see server/native-server and server/prerender.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::Receiver;

use anyhow::Result;

use crate::process::{self, Running};
use crate::ui;
use crate::workspace::{Mode, Workspace};

/// What is built here.
const PROGRAMS: [&str; 2] = ["native-server", "prerender"];

/// Builds the server, for pages that name the assets of `mode`.
pub(crate) fn build(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    program(workspace, mode, "native server", "native-server")
}

/// Builds the program that prerenders, for the pages of the release that was built last.
pub(crate) fn prerender(workspace: &Workspace) -> Result<PathBuf> {
    program(workspace, Mode::Release, "prerenderer", "prerender")
}

fn program(workspace: &Workspace, mode: Mode, label: &str, package: &str) -> Result<PathBuf> {
    ui::step(label, |step| {
        let mut cargo = workspace.cargo(mode);
        cargo.arg("build");
        // Both, whichever is wanted: alone, each has its own features of what they share, and that would be built twice.
        for package in PROGRAMS {
            cargo.args(["-p", package]);
        }
        cargo.args(["--profile", "native"]);
        process::run(step, &mut cargo)?;
        Ok(((), String::new()))
    })?;
    Ok(workspace.cargo_target().join("native").join(package))
}

/// How to serve.
pub(crate) struct Options<'a> {
    /// What `build` gave.
    pub(crate) program: &'a Path,
    pub(crate) assets: &'a Path,
    pub(crate) database_url: &'a str,
    pub(crate) port: u16,
    pub(crate) session_secret: &'a str,
}

/// The program, told so.
pub(crate) fn command(workspace: &Workspace, options: &Options<'_>) -> Command {
    let mut command = workspace.command(options.program);
    command
        .env("SITE_DIR", options.assets)
        .env("DATABASE_URL", options.database_url)
        .env("PORT", options.port.to_string())
        .env("SESSION_SECRET", options.session_secret);
    command
}

/// The program, running. Dropping it ends it.
pub(crate) struct Server {
    _running: Running,
    said: Receiver<String>,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(workspace: &Workspace, options: &Options<'_>) -> Result<Self> {
        let mut command = command(workspace, options);
        // Whatever else may be set here is not meant for it.
        for name in ["DATABASE_POOL", "HOST", "LOG_SQL", "RUST_LOG", "SITE_URL"] {
            command.env_remove(name);
        }
        let (running, said) = process::serve("the native server", &mut command, "serving at http")?;
        Ok(Self {
            _running: running,
            said,
        })
    }

    /// What it logged since the last call.
    pub(crate) fn said(&self) -> impl Iterator<Item = String> {
        self.said.try_iter()
    }
}
