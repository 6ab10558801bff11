//! The commands that build, prerender and deploy, run as people run them. Owns what they run on: a folder and a database
//! of their own, so that the site of `cargo x dev` is left alone.
//! Absent: the tests; see end2end/commands.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Outcome, counted};
use crate::count::Runner;
use crate::database::{Amount, Database, Served};
use crate::workspace::Workspace;
use crate::{files, tools};

/// Where everything of theirs is.
const FOLDER: &str = "target/commands";

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    tools::ensure_node(workspace)?;
    let folder = workspace.path(FOLDER);
    files::fresh(&folder)?;
    let url = format!("sqlite:{}", folder.join("site.sqlite").display());
    let database = Database::Served(Served::at(&url));
    database.migrate(workspace)?;
    database.seed(workspace, Amount::default())?;

    let command = std::env::current_exe().context("cannot find this very program")?;
    let tests = workspace.path("end2end/commands");
    let tests: Vec<PathBuf> = files::list(&tests)?
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .map(|file| tests.join(file))
        .collect();
    let mut node = workspace.command(workspace.path("node_modules/.bin/node"));
    // One after the other: they share the folder.
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .args(tests)
        .env("XTASK", command)
        .env("COMMANDS_DIR", &folder)
        .env("COMMANDS_DATABASE", url);
    let count = counted("tests of the commands", Runner::Node, &mut node)?;
    if count.failed == 0 {
        files::remove(&folder)?;
    }
    Ok(Outcome::Ran(count))
}
