//! The native programs of the site: building them, and running the one that prerenders.
//! Absent: the programs; see server/native-server and server/prerender.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::database::RemoteDatabase;
use crate::process;
use crate::ui;
use crate::workspace::{Mode, Workspace};

/// All packages, which are built together: alone, each has its own features of the crates that they share, which would
/// be built twice.
const PACKAGES: [&str; 2] = ["native-server", "prerender"];

/// Builds the server, for pages that name the assets of `mode`.
pub(crate) fn build_server(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    build(workspace, mode, "native server", "native-server")
}

/// Builds the prerenderer, for the pages of the release that was built last.
pub(crate) fn build_prerenderer(workspace: &Workspace) -> Result<PathBuf> {
    build(workspace, Mode::Release, "prerenderer", "prerender")
}

fn build(workspace: &Workspace, mode: Mode, label: &str, package: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo(mode);
    cargo.args(["build", "--profile", "native"]);
    for package in PACKAGES {
        cargo.args(["-p", package]);
    }
    process::step(label, &mut cargo)?;
    Ok(workspace.cargo_target().join("native").join(package))
}

/// The pages to prerender.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pages<'a> {
    pub(crate) site_url: &'a str,
    /// The database of posts and authors; without one, only the pages that need none are made.
    pub(crate) database: Option<&'a RemoteDatabase>,
    /// At most so many posts and so many authors.
    pub(crate) limit: Option<u32>,
    pub(crate) jobs: Option<u16>,
}

/// Makes pages in an empty folder. `program` is what [`build_prerenderer`] returned.
pub(crate) fn prerender(
    workspace: &Workspace,
    program: &Path,
    out: &Path,
    pages: &Pages<'_>,
) -> Result<()> {
    let label = match pages.database {
        Some(_) => "pages",
        None => "pages without a database",
    };
    let mut command = workspace.command(program);
    command
        .arg("--out")
        .arg(out)
        .args(["--site-url", pages.site_url])
        // Variables of this process are meant for other programs.
        .env_remove("DATABASE_URL")
        .env_remove("SITE_URL");
    match pages.database {
        // Not an argument, which others on this machine could read.
        Some(database) => command.env("DATABASE_URL", database.url()),
        None => command.arg("--no-database"),
    };
    if let Some(limit) = pages.limit {
        command.args(["--limit", &limit.to_string()]);
    }
    if let Some(jobs) = pages.jobs {
        command.args(["--jobs", &jobs.to_string()]);
    }
    let redact = |text: &str| match pages.database {
        Some(database) => database.redact(text),
        None => text.to_owned(),
    };
    ui::step(label, |step| {
        let output =
            process::run(step, &mut command).map_err(|error| process::map_output(error, redact))?;
        step.note(redact(output.lines().last().unwrap_or_default().trim()));
        Ok(())
    })
}
