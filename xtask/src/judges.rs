//! The programs of others that judge what the site serves: installed once for each list of versions, beside the other
//! tools. Owns their place; the versions are in end2end/judges.
//! Absent: what they judge; see end2end/judges.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::tools::apt;
use crate::workspace::Workspace;
use crate::{files, process, tools, ui};

/// The folder of the lists.
const LISTS: &str = "end2end/judges";
/// The lists, which decide about the installation.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "requirements.txt"];
/// The programs that run them, with the packages of Debian that have these.
const RUNTIMES: [(&str, &[&str], &str); 2] = [
    (
        "python3",
        &[
            "-c",
            "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))",
        ],
        "python3-venv",
    ),
    ("java", &["-version"], "default-jre-headless"),
];

/// The folder of the installed judges; or the sentence that says what is missing.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Result<PathBuf, String>> {
    for (program, check, package) in RUNTIMES {
        let runs = || process::output(Command::new(program).args(check)).is_some();
        if !runs() && apt::is_allowed() {
            ui::step(format!("{package} (apt-get install)"), |step| {
                apt::update(step)?;
                apt::install(step, &[package])
            })?;
        }
        if !runs() {
            return Ok(Err(format!(
                "{program} was not found, or is too old: install it, on Debian or Ubuntu by `sudo apt-get install {package}`"
            )));
        }
    }
    let lists = workspace.path(LISTS);
    let mut wanted = Vec::new();
    for file in FILES {
        wanted.extend(files::read(&lists.join(file))?);
    }
    let folder = tools::folder()?.join(format!("judges-{}", files::hash(&wanted)));
    let stamp = folder.join("installed");
    if stamp.is_file() {
        return Ok(Ok(folder));
    }
    ui::step("judges of HTML and OpenAPI (once)", |step| {
        files::fresh(&folder)?;
        for file in FILES {
            files::write(&folder.join(file), &files::read(&lists.join(file))?)?;
        }
        // No package may run a program of its own: one would fetch a Java.
        let mut npm = workspace.command("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        process::run(step, npm.current_dir(&folder))?;
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(folder.join("python"));
        process::run(step, &mut venv)?;
        let mut pip = Command::new(folder.join("python/bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--require-hashes"])
            .arg("--requirement")
            .arg(folder.join("requirements.txt"));
        process::run(step, &mut pip).map(drop)
    })?;
    files::write(&stamp, b"").context("cannot note that the judges are installed")?;
    Ok(Ok(folder))
}
