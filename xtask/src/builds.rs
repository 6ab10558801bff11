//! The builds that really exist, each a package with one set of features. Everything that lints or tests goes through
//! this table; a workspace-wide build would unify features that never meet.
//! Absent: running them; see `check` and `test`.

use std::process::Command;

use crate::workspace::{Mode, Workspace};

/// One real build.
pub(crate) struct Build {
    pub(crate) name: &'static str,
    /// What cargo is told to select it.
    select: &'static [&'static str],
    pub(crate) place: Place,
}

/// Where a build runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine, with its tests.
    Native,
    /// In workerd.
    Worker,
    /// In a browser.
    Browser,
}

const WASM: &str = "wasm32-unknown-unknown";

/// Every real build.
pub(crate) const BUILDS: &[Build] = &[
    build("domain", Place::Native, &["-p", "domain"]),
    build(
        "db",
        Place::Native,
        &["-p", "db", "--features", "contract,mysql,native"],
    ),
    build("mysql-wire", Place::Native, &["-p", "mysql-wire"]),
    build("markdown", Place::Native, &["-p", "markdown"]),
    build("example-site", Place::Native, &["-p", "example-site"]),
    build("app", Place::Native, &["-p", "app", "--features", "ssr"]),
    build(
        "server",
        Place::Native,
        &["-p", "server", "--features", "test_routes"],
    ),
    build("cli", Place::Native, &["-p", "db-cli"]),
    build("native-server", Place::Native, &["-p", "native-server"]),
    build("prerender", Place::Native, &["-p", "prerender"]),
    build(
        "hyperdrive-standin",
        Place::Native,
        &["-p", "hyperdrive-standin"],
    ),
    build("xtask", Place::Native, &["-p", "xtask"]),
    build("Worker", Place::Worker, &["-p", "server", "--target", WASM]),
    build(
        "client",
        Place::Browser,
        &["-p", "client", "--target", WASM],
    ),
];

const fn build(name: &'static str, place: Place, select: &'static [&'static str]) -> Build {
    Build {
        name,
        select,
        place,
    }
}

impl Build {
    /// `cargo` with this subcommand, for this build.
    pub(crate) fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut cargo = match self.place {
            Place::Native | Place::Worker => workspace.cargo(Mode::Dev),
            Place::Browser => workspace.command("cargo"),
        };
        cargo.arg(subcommand).args(self.select);
        cargo
    }
}
