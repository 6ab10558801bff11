//! The tools of builds and tests, found or installed. Owns their versions: the wasm tools follow `Cargo.lock`, the Node
//! tools `package.json`.
//! Absent: their use.

pub(crate) mod apt;
mod node;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::beside::Beside;
use crate::ui::{self, Step};
use crate::workspace::Workspace;
use crate::{files, process};
pub(crate) use node::ensure_node;

/// Rust's target of the client and the Worker.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The names of the browser that the tests drive.
const CHROMIUM_NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// The installed wasm tools.
pub(crate) struct Tools {
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) worker_build: PathBuf,
}

/// A cargo package that is installed as a tool, at the version of the library it must match.
struct Pinned {
    package: &'static str,
    program: &'static str,
    library: &'static str,
    /// Further arguments of `cargo install`.
    arguments: &'static [&'static str],
}

const WASM_BINDGEN: Pinned = Pinned {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    library: "wasm-bindgen",
    // Without TLS, which only its test runner uses.
    arguments: &["--no-default-features"],
};
const WORKER_BUILD: Pinned = Pinned {
    package: "worker-build",
    program: "worker-build",
    library: "worker",
    arguments: &["--locked"],
};

/// cargo's settings for tools, whose compilation takes longer than all their work.
const QUICK: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];
/// Crates that go through every byte of a wasm file at each build, and are optimised all the same. wasm-bindgen needs 1.8 s
/// for the Worker, instead of 1.5 with everything optimised; both tools are compiled in 220 s of CPU instead of 340 (2026-11).
const OPTIMISED: [&str; 11] = [
    "foldhash",
    "gimli",
    "hashbrown",
    "id-arena",
    "leb128fmt",
    "rayon",
    "rustc-demangle",
    "walrus",
    "wasm-bindgen-cli-support",
    "wasm-encoder",
    "wasmparser",
];

/// Installs every tool of a build that is missing.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Tools> {
    ensure_beside(workspace, || Ok(()))
}

/// Installs every tool of a build that is missing. If one is, `meanwhile` runs beside, which needs none of them.
pub(crate) fn ensure_beside(
    workspace: &Workspace,
    meanwhile: impl FnOnce() -> Result<()>,
) -> Result<Tools> {
    ensure_wasm_target(workspace)?;
    let lock = std::fs::read_to_string(workspace.path("Cargo.lock"))
        .context("Cargo.lock is missing: run `cargo generate-lockfile`")?;
    let wasm_bindgen = Tool::new(&WASM_BINDGEN, &lock)?;
    let worker_build = Tool::new(&WORKER_BUILD, &lock)?;
    let tools = Tools {
        wasm_bindgen: wasm_bindgen.binary.clone(),
        worker_build: worker_build.binary.clone(),
    };
    let missing: Vec<Tool> = [wasm_bindgen, worker_build]
        .into_iter()
        .filter(|tool| !tool.is_installed())
        .collect();
    let node = node::Missing::find(workspace)?.map(|node| node.install_beside(workspace));
    let wasm = (!missing.is_empty()).then(|| install_beside(workspace, missing));
    if node.is_some() || wasm.is_some() {
        meanwhile()?;
    }
    node.map_or(Ok(()), Beside::finish)?;
    wasm.map_or(Ok(()), Beside::finish)?;
    Ok(tools)
}

fn install_beside(workspace: &Workspace, missing: Vec<Tool>) -> Beside<()> {
    let names: Vec<String> = missing.iter().map(Tool::name).collect();
    let label = format!("{} (once, some minutes)", names.join(", "));
    let workspace = workspace.clone();
    Beside::start(label, move |step| {
        let objects = Objects::new()?;
        for tool in &missing {
            tool.install(step, &workspace, &objects)?;
        }
        Ok(())
    })
}

/// Installs Rust's target of the client and the Worker, where it is missing.
pub(crate) fn ensure_wasm_target(workspace: &Workspace) -> Result<()> {
    let library = || {
        let mut rustc = workspace.command("rustc");
        process::output(rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]))
    };
    if library().is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    if !process::exists("rustup") {
        bail!(
            "Rust's {WASM_TARGET} target is missing: install rustup (https://rustup.rs), then run `rustup target add \
             {WASM_TARGET}`"
        );
    }
    let mut rustup = workspace.command("rustup");
    let add = rustup.args(["target", "add", WASM_TARGET]);
    process::step(format!("Rust target {WASM_TARGET}"), add).map(|_| ())
}

/// The path of Chromium, which is installed where that is allowed; or the sentence that says how to install it.
pub(crate) fn ensure_chromium() -> Result<Result<PathBuf, String>> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        let wrong = format!("CHROMIUM is {}, which is no file", path.display());
        return Ok(Some(path).filter(|path| path.is_file()).ok_or(wrong));
    }
    if let Some(path) = find_chromium() {
        return Ok(Ok(path));
    }
    if apt::is_allowed() {
        ui::step("chromium (apt-get install)", |step| {
            apt::update(step)?;
            apt::install(step, &["chromium", "fonts-noto-core"])
        })?;
    }
    let how = if apt::exists() {
        "run `sudo apt-get install chromium`"
    } else {
        "install Chromium or Chrome"
    };
    Ok(find_chromium()
        .ok_or_else(|| format!("no Chromium was found: {how}, or set CHROMIUM to its path")))
}

fn find_chromium() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mac = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    std::env::split_paths(&on_path)
        .flat_map(|folder| CHROMIUM_NAMES.map(|name| folder.join(name)))
        .chain([mac.to_owned()])
        .find(|path| path.is_file())
}

/// The folder of installed tools.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(cache()?.join("tools"))
}

/// The cache of this user, so that a fresh clone does not build the tools again.
fn cache() -> Result<PathBuf> {
    let from = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    from("SITE_TOOLS_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|folder| folder.join("cargo-x")))
        .or_else(|| from("HOME").map(|folder| folder.join(".cache/cargo-x")))
        .context("no folder for tools: set SITE_TOOLS_CACHE")
}

/// A folder for what cargo compiles of the tools, which share dependencies. It is removed when they are installed.
struct Objects(PathBuf);

impl Objects {
    fn new() -> Result<Self> {
        let name = format!("objects.{}", std::process::id());
        Ok(Self(folder()?.join(name)))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // Left behind, it costs space alone.
        let _ = files::remove(&self.0);
    }
}

/// A tool at its version.
struct Tool {
    pinned: &'static Pinned,
    version: String,
    /// The folder of this version.
    folder: PathBuf,
    binary: PathBuf,
}

impl Tool {
    fn new(pinned: &'static Pinned, lock: &str) -> Result<Self> {
        let version = locked_version(lock, pinned.library)?;
        let folder = self::folder()?.join(format!("{}-{version}", pinned.program));
        Ok(Self {
            pinned,
            version,
            binary: folder.join("bin").join(pinned.program),
            folder,
        })
    }

    fn name(&self) -> String {
        format!("{} {}", self.pinned.package, self.version)
    }

    fn is_installed(&self) -> bool {
        is_version(&self.binary, &self.version)
    }

    fn install(&self, step: &mut Step, workspace: &Workspace, objects: &Objects) -> Result<()> {
        let fresh = self
            .folder
            .with_added_extension(std::process::id().to_string());
        let mut cargo = workspace.command("cargo");
        cargo
            .args(["install", self.pinned.package])
            .args(["--version", &self.version])
            .args(["--bin", self.pinned.program])
            .args(self.pinned.arguments)
            .arg("--root")
            .arg(&fresh)
            .env("CARGO_TARGET_DIR", &objects.0)
            .envs(QUICK);
        for package in OPTIMISED {
            cargo.arg("--config");
            cargo.arg(format!("profile.release.package.{package}.opt-level=1"));
        }
        process::run(step, &mut cargo)?;
        files::remove(&self.folder)?;
        std::fs::rename(&fresh, &self.folder)
            .with_context(|| format!("cannot move {} into place", fresh.display()))?;
        if !self.is_installed() {
            bail!(
                "{} is not {}: remove {} and run this again",
                self.binary.display(),
                self.name(),
                self.folder.display()
            );
        }
        Ok(())
    }
}

fn is_version(binary: &Path, version: &str) -> bool {
    process::output(Command::new(binary).arg("--version"))
        .is_some_and(|output| stated_version(&output) == Some(version))
}

/// The version in a tool's output for `--version`: `wasm-bindgen 0.2.130`, `0.8.7`.
fn stated_version(output: &str) -> Option<&str> {
    output
        .lines()
        .next()?
        .split_whitespace()
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The version of `package` in a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Result<String> {
    let name = format!("name = \"{package}\"");
    lock.lines()
        .skip_while(|line| *line != name)
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .with_context(|| {
            format!("Cargo.lock does not name {package}: run `cargo update --workspace`")
        })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn versions_are_read_from_tools_output() {
        assert_eq!(stated_version("wasm-bindgen 0.2.130"), Some("0.2.130"));
        assert_eq!(stated_version("0.8.7\n"), Some("0.8.7"));
        assert_eq!(stated_version("v24.21.0"), Some("24.21.0"));
        assert_eq!(stated_version("no such thing"), None);
    }

    #[test]
    fn the_lock_file_decides_which_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").unwrap(), "0.2.130");
        assert!(locked_version(lock, "worker").is_err());
    }
}
