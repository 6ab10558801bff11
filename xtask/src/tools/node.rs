//! The Node tools: everything that package.json names, installed from the lock file by `npm ci`, which leaves both files
//! as they are.
//! Absent: their use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::beside::Beside;
use crate::ui::{self, Step};
use crate::workspace::Workspace;
use crate::{files, process};

/// The lowest version of Node whose npm can install the pinned one. The pinned one runs everything else.
const MIN_NODE_VERSION: u32 = 20;
/// Arguments for npm, so that its own settings and variables leave nothing out. No package needs its scripts.
const INSTALL: [&str; 11] = [
    "ci",
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--bin-links",
    "--package-lock",
    "--package-lock-only=false",
    "--global=false",
    "--dry-run=false",
    "--no-audit",
    "--no-fund",
];

/// package.json, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    dev_dependencies: BTreeMap<String, String>,
    /// Node itself, for one platform each.
    optional_dependencies: BTreeMap<String, String>,
}

/// The label of the step.
const LABEL: &str = "Node tools (npm ci)";

/// Installs the Node tools, where they are missing.
pub(crate) fn ensure_node(workspace: &Workspace) -> Result<()> {
    match Missing::find(workspace)? {
        Some(missing) => ui::step(LABEL, |step| missing.install(step, workspace)),
        None => Ok(()),
    }
}

/// Node tools that are missing, or are others than those of the lock file.
pub(super) struct Missing {
    package: Manifest,
    /// The text of the stamp that says they are installed.
    wanted: String,
}

impl Missing {
    /// Returns nothing where they are installed.
    pub(super) fn find(workspace: &Workspace) -> Result<Option<Self>> {
        let package = files::read(&workspace.path("package.json"))?;
        let mut wanted = package.clone();
        wanted.extend(files::read(&workspace.path("package-lock.json"))?);
        // A container may share the folder with a machine of another kind.
        wanted.extend(
            [std::env::consts::OS, std::env::consts::ARCH]
                .concat()
                .bytes(),
        );
        let wanted = files::hash(&wanted);
        if std::fs::read_to_string(stamp(workspace)).is_ok_and(|present| present == wanted)
            && workspace.path("node_modules/.bin/node").exists()
        {
            return Ok(None);
        }
        let version = process::output(Command::new("node").arg("--version"));
        is_new_enough(version.as_deref())?;
        let package = serde_json::from_slice(&package).context("package.json cannot be read")?;
        Ok(Some(Self { package, wanted }))
    }

    /// Installs them beside other steps.
    pub(super) fn install_beside(self, workspace: &Workspace) -> Beside<()> {
        let workspace = workspace.clone();
        Beside::start(LABEL, move |step| self.install(step, &workspace))
    }

    fn install(&self, step: &mut Step, workspace: &Workspace) -> Result<()> {
        // By the Node outside of node_modules, which may hold one that does not run.
        let mut npm = Command::new("npm");
        process::run(step, npm.args(INSTALL).current_dir(&workspace.root))?;
        link_node(workspace, &self.package)?;
        ensure_complete(workspace, &self.package)?;
        files::write(&stamp(workspace), self.wanted.as_bytes()).map(|_| ())
    }
}

fn stamp(workspace: &Workspace) -> PathBuf {
    workspace.path("node_modules/.installed")
}

/// Makes the installed Node the one in `.bin`: where several packages have a program of one name, npm 10 links none.
fn link_node(workspace: &Workspace, package: &Manifest) -> Result<()> {
    let modules = workspace.path("node_modules");
    let has_program = |name: &&String| modules.join(name).join("bin/node").is_file();
    if let Some(name) = package.optional_dependencies.keys().find(has_program) {
        let link = modules.join(".bin/node");
        files::create(&modules.join(".bin"))?;
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(Path::new("..").join(name).join("bin/node"), &link)
            .with_context(|| format!("cannot link {}", link.display()))?;
    }
    Ok(())
}

/// Fails where npm succeeded and something is missing, which its settings can bring about.
fn ensure_complete(workspace: &Workspace, package: &Manifest) -> Result<()> {
    let modules = workspace.path("node_modules");
    let is_missing = |name: &&String| !modules.join(name).join("package.json").is_file();
    let runs = |tool| process::output(workspace.node_tool(tool).arg("--version")).is_some();
    let missing = match package.dev_dependencies.keys().find(is_missing) {
        Some(name) => format!("{name} is missing"),
        None if !runs("node") => "the Node in it does not run on this machine".to_owned(),
        None if !runs("esbuild") => "the esbuild in it does not run on this machine".to_owned(),
        None => return Ok(()),
    };
    let set = settings(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    bail!(
        "`npm ci` succeeded, but node_modules is not complete: {missing}. One of npm's settings does that: {set}"
    )
}

/// The variables of the environment that npm reads, for a sentence. Their values may be secrets.
fn settings(names: impl Iterator<Item = String>) -> String {
    let is_read =
        |name: &String| name == "NODE_ENV" || name.to_ascii_lowercase().starts_with("npm_config_");
    let mut names: Vec<String> = names.filter(is_read).collect();
    names.sort();
    match names.as_slice() {
        [] => "look for it in `npm config list`".to_owned(),
        names => format!("unset {}, or see `npm config list`", names.join(", ")),
    }
}

fn is_new_enough(version: Option<&str>) -> Result<()> {
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_old_or_missing_node_is_named() {
        assert!(is_new_enough(Some("v20.1.0")).is_ok());
        assert!(is_new_enough(Some("v24.21.0")).is_ok());
        let old = is_new_enough(Some("v18.2.0")).unwrap_err().to_string();
        assert!(old.contains("v18.2.0") && old.contains("Node 20"), "{old}");
        let missing = is_new_enough(None).unwrap_err().to_string();
        assert!(missing.contains("no `node` was found"), "{missing}");
    }

    #[test]
    fn settings_of_npm_are_named_without_their_values() {
        let names = [
            "PATH",
            "npm_config_os",
            "NPM_CONFIG_CPU",
            "NODE_ENV",
            "NODE",
        ];
        let found = settings(names.map(str::to_owned).into_iter());
        assert_eq!(
            found,
            "unset NODE_ENV, NPM_CONFIG_CPU, npm_config_os, or see `npm config list`"
        );
        assert!(settings(std::iter::empty()).contains("npm config list"));
    }
}
