//! The tools of builds and tests, found or installed. Owns their versions: the wasm tools follow `Cargo.lock`, the Node
//! tools `package.json`.
//! Absent: their use.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{files, process, ui};

/// The lowest version of Node whose npm can install the pinned one. The pinned one runs everything else.
const MIN_NODE_VERSION: u32 = 20;
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
    locked: bool,
}

const WASM_BINDGEN: Pinned = Pinned {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    library: "wasm-bindgen",
    locked: false,
};
const WORKER_BUILD: Pinned = Pinned {
    package: "worker-build",
    program: "worker-build",
    library: "worker",
    locked: true,
};

/// Installs every tool of a build that is missing.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Tools> {
    ensure_wasm_target(workspace)?;
    let lock = std::fs::read_to_string(workspace.path("Cargo.lock"))
        .context("Cargo.lock is missing: run `cargo generate-lockfile`")?;
    let tools = Tools {
        wasm_bindgen: install(workspace, &WASM_BINDGEN, &lock)?,
        worker_build: install(workspace, &WORKER_BUILD, &lock)?,
    };
    ensure_node(workspace)?;
    Ok(tools)
}

/// Installs the Node tools, where they are missing.
pub(crate) fn ensure_node(workspace: &Workspace) -> Result<()> {
    let modules = workspace.path("node_modules");
    let stamp = modules.join(".installed");
    let mut wanted = files::read(&workspace.path("package.json"))?;
    wanted.extend(files::read(&workspace.path("package-lock.json"))?);
    let wanted = files::hash(&wanted);
    if std::fs::read_to_string(&stamp).is_ok_and(|present| present == wanted)
        && modules.join(".bin/node").exists()
    {
        return Ok(());
    }
    let version = process::output(Command::new("node").arg("--version"));
    node_is_new_enough(version.as_deref())?;
    let mut npm = workspace.command("npm");
    // Unlike `npm ci` it also works where a mirror lacks other platforms' optional packages.
    npm.args(["install", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::step("Node tools (npm install)", &mut npm)?;
    files::write(&stamp, wanted.as_bytes())?;
    Ok(())
}

fn node_is_new_enough(version: Option<&str>) -> Result<()> {
    let how = "install it with `apt-get install nodejs npm`, `brew install node` or from https://nodejs.org";
    let Some(version) = version else {
        bail!("Node {MIN_NODE_VERSION} or newer is needed and no `node` was found: {how}");
    };
    let major = version.trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= MIN_NODE_VERSION => Ok(()),
        _ => bail!("Node {MIN_NODE_VERSION} or newer is needed and this is {version}: {how}"),
    }
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
    if process::output(Command::new("rustup").arg("--version")).is_none() {
        bail!(
            "Rust's {WASM_TARGET} target is missing: install rustup (https://rustup.rs), then run `rustup target add \
             {WASM_TARGET}`"
        );
    }
    let mut rustup = workspace.command("rustup");
    rustup.args(["target", "add", WASM_TARGET]);
    process::step(format!("Rust target {WASM_TARGET}"), &mut rustup).map(|_| ())
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
    install_by_apt(&["chromium", "fonts-noto-core"])?;
    let how = if has_apt() {
        "run `sudo apt-get install chromium`"
    } else {
        "install Chromium or Chrome"
    };
    Ok(find_chromium()
        .ok_or_else(|| format!("no Chromium was found: {how}, or set CHROMIUM to its path")))
}

/// Installs packages of Debian or Ubuntu, where this user may; tells whether it did.
pub(crate) fn install_by_apt(packages: &[&str]) -> Result<bool> {
    let is_root = process::output(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !is_root || !has_apt() {
        return Ok(false);
    }
    ui::step(format!("{} (apt-get install)", packages[0]), |step| {
        process::run(step, Command::new("apt-get").arg("update"))?;
        let mut install = Command::new("apt-get");
        install
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive");
        process::run(step, &mut install)
    })?;
    Ok(true)
}

fn has_apt() -> bool {
    process::output(Command::new("apt-get").arg("--version")).is_some()
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
    from("WAYPOST_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|folder| folder.join("waypost")))
        .or_else(|| from("HOME").map(|folder| folder.join(".cache/waypost")))
        .context("no folder for tools: set WAYPOST_CACHE")
}

fn install(workspace: &Workspace, pinned: &Pinned, lock: &str) -> Result<PathBuf> {
    let Pinned {
        package,
        program,
        library,
        locked,
    } = *pinned;
    let version = locked_version(lock, library)?;
    let tools = self::folder()?;
    let folder = tools.join(format!("{program}-{version}"));
    let binary = folder.join("bin").join(program);
    if is_version(&binary, &version) {
        return Ok(binary);
    }
    let fresh = tools.join(format!("{program}-{version}.{}", std::process::id()));
    let mut cargo = workspace.command("cargo");
    cargo
        .args(["install", package, "--version", &version, "--root"])
        .arg(&fresh);
    if locked {
        cargo.arg("--locked");
    }
    process::step(
        format!("{package} {version} (once, some minutes)"),
        &mut cargo,
    )?;
    files::remove(&folder)?;
    std::fs::rename(&fresh, &folder)
        .with_context(|| format!("cannot move {} into place", fresh.display()))?;
    if !is_version(&binary, &version) {
        bail!(
            "{} is not {program} {version}: remove {} and run this again",
            binary.display(),
            folder.display()
        );
    }
    Ok(binary)
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

    #[test]
    fn an_old_or_missing_node_is_named() {
        assert!(node_is_new_enough(Some("v20.1.0")).is_ok());
        assert!(node_is_new_enough(Some("v24.21.0")).is_ok());
        let old = node_is_new_enough(Some("v18.2.0")).unwrap_err().to_string();
        assert!(old.contains("v18.2.0") && old.contains("Node 20"), "{old}");
        let missing = node_is_new_enough(None).unwrap_err().to_string();
        assert!(missing.contains("no `node` was found"), "{missing}");
    }
}
