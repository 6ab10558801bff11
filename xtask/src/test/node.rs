//! Tests that Node runs: of the built Worker, in workerd; and of the commands that build, prerender and deploy, which get
//! a folder and a database of their own.
//! Absent: the tests; see end2end/workerd and end2end/commands.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::slowest::Times;
use super::{Outcome, counted};
use crate::build::{self, Parts, WorkerFeatures, native};
use crate::count::Runner;
use crate::database::{Amount, Database, RemoteDatabase};
use crate::services::Services;
use crate::workspace::{Mode, Workspace};
use crate::{files, tools};

/// The folder of everything that the commands under test make.
const COMMANDS_FOLDER: &str = "target/commands";

pub(super) fn workerd(
    workspace: &Workspace,
    services: &Services,
    times: &Times,
) -> Result<Outcome> {
    let built = build::stage(
        workspace,
        Mode::Release,
        &WorkerFeatures::for_tests(),
        Parts::ALL,
    )?;
    let [_, prerender, db_cli, stand_in] = native::build_all(workspace)?;
    let mut node = tests(workspace, "end2end/workerd", 2)?;
    node.envs(services.environment())
        // Miniflare has workerd trust it too.
        .env("NODE_EXTRA_CA_CERTS", services.ca())
        .env("WORKER_DIR", built.worker()?)
        .env("PRERENDER", prerender)
        .env("DB_CLI", db_cli)
        .env("HYPERDRIVE_STANDIN", stand_in)
        .env("SITE_DIR", built.assets);
    let count = counted("workerd tests", Runner::Node, &mut node, times)?;
    Ok(Outcome::Ran(count))
}

pub(super) fn commands(
    workspace: &Workspace,
    services: &Services,
    times: &Times,
) -> Result<Outcome> {
    tools::ensure_node(workspace)?;
    let chromium = match tools::ensure_chromium()? {
        Ok(path) => path,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let folder = workspace.path(COMMANDS_FOLDER);
    files::fresh(&folder)?;
    let url = format!("sqlite:{}", folder.join("site.sqlite").display());
    let database = Database::Remote(RemoteDatabase::parse(&url)?);
    database.migrate(workspace)?;
    database.seed(workspace, Amount::default())?;

    let command = std::env::current_exe().context("cannot find this program")?;
    // One after the other: they share the folder.
    let mut node = tests(workspace, "end2end/commands", 1)?;
    node.envs(services.environment())
        .env("CHROMIUM", chromium)
        .env("XTASK", command)
        .env("COMMANDS_DIR", &folder)
        .env("COMMANDS_DATABASE", url);
    let count = counted("tests of the commands", Runner::Node, &mut node, times)?;
    if count.failed == 0 {
        files::remove(&folder)?;
    }
    Ok(Outcome::Ran(count))
}

/// Node, with every test of this folder, so many files at a time.
pub(super) fn tests(workspace: &Workspace, folder: &str, files_at_once: u8) -> Result<Command> {
    let files: Vec<_> = files::list(&workspace.path(folder))?
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .map(|file| workspace.path(folder).join(file))
        .collect();
    ensure!(!files.is_empty(), "no {folder}/*.test.mjs");
    let mut node = workspace.node_tool("node");
    node.args(["--test", "--test-reporter=spec"])
        .arg(format!("--test-concurrency={files_at_once}"))
        .args(files);
    Ok(node)
}
