//! Tests against the built Worker, in workerd.
//! Absent: the tests; see end2end/workerd.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::{Outcome, counted};
use crate::build::{self, Parts};
use crate::count::Runner;
use crate::services::Services;
use crate::workspace::{Mode, Workspace};
use crate::{files, native};

pub(super) fn run(workspace: &Workspace, services: &Services) -> Result<Outcome> {
    let tests: Vec<PathBuf> = files::list(&workspace.path("end2end/workerd"))?
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .map(|file| workspace.path("end2end/workerd").join(file))
        .collect();
    if tests.is_empty() {
        bail!("no end2end/workerd/*.test.mjs");
    }
    let built = build::stage(workspace, Mode::Release, Some("test_routes"), Parts::ALL)?;
    let worker = built.worker.context("no Worker was built")?;
    let prerender = native::prerender(workspace)?;
    let mut node = workspace.command(workspace.path("node_modules/.bin/node"));
    node.args(["--test", "--test-reporter=spec"])
        .args(tests)
        .envs(services.environment())
        // Miniflare has workerd trust it too.
        .env("NODE_EXTRA_CA_CERTS", services.ca())
        .env("WORKER_DIR", worker)
        .env("PRERENDER", prerender)
        .env("SITE_DIR", built.assets.folder);
    Ok(Outcome::Ran(counted(
        "workerd tests",
        Runner::Node,
        &mut node,
    )?))
}
