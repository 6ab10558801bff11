//! The tools a build needs, installed once a user and version, and found by absolute path. Owns what is pinned where:
//! the wasm tools follow `Cargo.lock`, the Node tools `package.json`.
//! Absent: what the tools are used for.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{files, process, ui};

/// The oldest Node whose npm can install the pinned one; that one runs everything else.
const OLDEST_NODE: u32 = 20;
const WASM: &str = "wasm32-unknown-unknown";

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

/// Makes every tool of a build available.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Tools> {
    wasm_target(workspace)?;
    let lock = std::fs::read_to_string(workspace.path("Cargo.lock"))
        .context("Cargo.lock is missing: run `cargo generate-lockfile`")?;
    let tools = Tools {
        wasm_bindgen: install(workspace, &WASM_BINDGEN, &lock)?,
        worker_build: install(workspace, &WORKER_BUILD, &lock)?,
    };
    ensure_node(workspace)?;
    Ok(tools)
}

/// Makes the Node tools alone available.
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
    let version = process::answer(Command::new("node").arg("--version"));
    node_is_new_enough(version.as_deref())?;
    ui::step("Node tools (npm install)", |step| {
        let mut npm = workspace.command("npm");
        // Unlike `npm ci` it also works where a mirror lacks other platforms' optional packages.
        npm.args(["install", "--no-audit", "--no-fund"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        process::run(step, &mut npm)?;
        Ok(((), String::new()))
    })?;
    files::write(&stamp, wanted.as_bytes())?;
    Ok(())
}

fn node_is_new_enough(version: Option<&str>) -> Result<()> {
    let how = "install it with `apt-get install nodejs npm`, `brew install node` or from https://nodejs.org";
    let Some(version) = version else {
        bail!("Node {OLDEST_NODE} or newer is needed and no `node` was found: {how}");
    };
    let major = version.trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("Node {OLDEST_NODE} or newer is needed and this is {version}: {how}"),
    }
}

/// Makes rustc able to compile for the browser and the Worker.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let library = || {
        let mut rustc = workspace.command("rustc");
        process::answer(rustc.args(["--print", "target-libdir", "--target", WASM]))
    };
    if library().is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    if process::answer(Command::new("rustup").arg("--version")).is_none() {
        bail!(
            "Rust's {WASM} target is missing: install rustup (https://rustup.rs), then run `rustup target add {WASM}`"
        );
    }
    ui::step(format!("Rust target {WASM}"), |step| {
        process::run(
            step,
            workspace.command("rustup").args(["target", "add", WASM]),
        )?;
        Ok(((), String::new()))
    })
}

/// The per-user cache, so that a fresh clone does not build the tools again.
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
    let tools = cache()?.join("tools");
    let folder = tools.join(format!("{program}-{version}"));
    let binary = folder.join("bin").join(program);
    if is_version(&binary, &version) {
        return Ok(binary);
    }
    let fresh = tools.join(format!("{program}-{version}.{}", std::process::id()));
    ui::step(
        format!("{package} {version} (once, some minutes)"),
        |step| {
            let mut cargo = workspace.command("cargo");
            cargo
                .args(["install", package, "--version", &version, "--root"])
                .arg(&fresh);
            if locked {
                cargo.arg("--locked");
            }
            process::run(step, &mut cargo)?;
            Ok(((), String::new()))
        },
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
    process::answer(Command::new(binary).arg("--version"))
        .is_some_and(|answer| stated_version(&answer) == Some(version))
}

/// The version in what a tool answers to `--version`: `wasm-bindgen 0.2.130`, `0.8.7`.
fn stated_version(answer: &str) -> Option<&str> {
    answer
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
    fn versions_are_read_as_tools_state_them() {
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
