//! The repository: its paths, and commands that run in it with the right environment.
//! Absent: what is built.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{process, ui};

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

    /// A path for people: relative to the repository, if it is in there.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// The packages of the workspace and cargo's folders, as `cargo metadata` prints them in JSON.
    pub(crate) fn metadata(&self) -> Result<String> {
        let mut cargo = self.command("cargo");
        cargo.args(["metadata", "--format-version=1", "--no-deps", "--offline"]);
        process::output(&mut cargo).context("`cargo metadata` fails: run it to see why")
    }

    /// Cargo's output folder, wherever its variables and its configuration put it.
    pub(crate) fn cargo_target(&self) -> Result<PathBuf> {
        #[derive(Deserialize)]
        struct Metadata {
            target_directory: PathBuf,
        }
        let metadata: Metadata = serde_json::from_str(&self.metadata()?)
            .context("`cargo metadata` prints something unexpected")?;
        Ok(metadata.target_directory)
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
        let color = if ui::is_colored() { "always" } else { "never" };
        command
            .current_dir(&self.root)
            .env("CARGO_TERM_COLOR", color);
        if let Ok(path) = path {
            command.env("PATH", path);
        }
        // Some programs run cargo in another folder, where a relative path is another one.
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"] {
            let folder = std::env::var_os(name).map(std::path::absolute);
            if let Some(Ok(folder)) = folder {
                command.env(name, folder);
            }
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files;
    use crate::files::tests::scratch;

    #[test]
    fn cargos_output_is_where_its_configuration_puts_it() {
        let root = scratch("target");
        let write = |path: &str, text: &str| files::write(&root.join(path), text.as_bytes());
        write("Cargo.toml", "[package]\nname = \"a\"\n").unwrap();
        write("src/lib.rs", "").unwrap();
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        let usual = workspace.cargo_target().unwrap();
        write(
            ".cargo/config.toml",
            "[build]\ntarget-dir = \"elsewhere\"\n",
        )
        .unwrap();
        let configured = workspace.cargo_target().unwrap();
        // Variables of whoever runs the tests count more.
        if std::env::vars_os().all(|(name, _)| !name.to_string_lossy().ends_with("TARGET_DIR")) {
            assert!(usual.ends_with("target"), "{usual:?}");
            assert!(configured.ends_with("elsewhere"), "{configured:?}");
        } else {
            assert_eq!(usual, configured);
        }
    }
}
