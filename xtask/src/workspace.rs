//! The repository: its paths, and commands that run in it with the right environment.
//! Absent: what is built.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// One of the two ways to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Quick to build, stable asset names, nothing cached.
    Dev,
    /// Optimised, hashed asset names. This is deployed.
    Release,
}

impl Mode {
    /// Its name: `dev` or `release`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }
}

/// The repository.
#[derive(Clone)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// Finds the repository from the current folder upward.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder is gone")?;
        let root = here.ancestors().find(|folder| {
            folder.join("wrangler.jsonc").is_file() && folder.join("xtask").is_dir()
        });
        match root {
            Some(root) => Ok(Self { root: root.into() }),
            None => bail!(
                "no wrangler.jsonc beside xtask/ from {} upward: run this inside the repository",
                here.display()
            ),
        }
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's output folder.
    pub(crate) fn cargo_target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.path(folder),
            None => self.path("target"),
        }
    }

    /// The folder for results that are not served.
    pub(crate) fn stage(&self, mode: Mode) -> PathBuf {
        self.path("target/site-build").join(mode.name())
    }

    /// The asset manifest that the pages are compiled with. Each mode has its own, so that no build outdates another.
    pub(crate) fn manifest(&self, mode: Mode) -> PathBuf {
        match mode {
            Mode::Dev => self.path("target/site-manifest-dev.json"),
            Mode::Release => self.path("target/site-manifest.json"),
        }
    }

    /// `program`, run in the repository with the pinned Node tools first on the path.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let own = self.path("node_modules/.bin");
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path =
            std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&inherited)));
        let color = if crate::ui::is_colored() {
            "always"
        } else {
            "never"
        };
        command
            .current_dir(&self.root)
            .env("CARGO_TERM_COLOR", color);
        if let Ok(path) = path {
            command.env("PATH", path);
        }
        command
    }

    /// A program that compiles crates whose pages name assets, with the names of `mode`.
    pub(crate) fn compiler(&self, program: impl AsRef<OsStr>, mode: Mode) -> Command {
        let mut command = self.command(program);
        command.env("SITE_MANIFEST", self.manifest(mode));
        command
    }

    /// `cargo`, compiling such crates. The client must not: its own hash is one of the names.
    pub(crate) fn cargo(&self, mode: Mode) -> Command {
        self.compiler("cargo", mode)
    }

    /// A program of node_modules: `node`, `esbuild`.
    pub(crate) fn node_tool(&self, name: &str) -> Command {
        self.command(self.path("node_modules/.bin").join(name))
    }

    /// The pinned Node with this script as its first argument.
    pub(crate) fn node(&self, script: impl AsRef<Path>) -> Command {
        let mut command = self.node_tool("node");
        command.arg(self.path(script));
        command
    }
}
