//! `cargo x check`: rustfmt, clippy, tidy, and migrations for all that is declared. Owns the table of the builds that really exist, which tests use too.
//! Absent: the rules. rustfmt and clippy are configured in Cargo.toml, tidy in tidy.toml.

use std::process::Command;

use anyhow::Result;

use crate::build::write_dev_manifest;
use crate::count::Count;
use crate::database::{self, sqlite_cli};
use crate::tools::{self, WASM_TARGET};
use crate::workspace::{Mode, Workspace};
use crate::{process, tidy, ui};

/// Run rustfmt, clippy over each real build, and tidy; fail if a declared table was not generated as a migration.
///
/// Migrations are compared on SQLite, which needs no server. `cargo x test` compares those of PostgreSQL and MySQL too.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo x check\n  cargo x check --fix    let rustfmt and clippy mend what they can"
)]
pub(crate) struct Args {
    /// Let rustfmt and clippy mend what they can.
    #[arg(long)]
    fix: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut count = all(workspace, args.fix)?;
    count.add(database::ensure_generated(workspace));
    count.ensure_passed("checks")?;
    ui::line(format_args!("{} checks passed", count.passed));
    Ok(())
}

/// Runs every check that no test does, also after one failed.
pub(crate) fn all(workspace: &Workspace, fix: bool) -> Result<Count> {
    tools::ensure_wasm_target(workspace)?;
    write_dev_manifest(workspace)?;
    let mut count = Count::default();
    let mut fmt = workspace.command("cargo");
    fmt.args(["fmt", "--all"]);
    if !fix {
        fmt.arg("--check");
    }
    count.add(process::step("rustfmt", &mut fmt));
    let (native, others): (Vec<&Build>, Vec<&Build>) = BUILDS
        .iter()
        .partition(|build| build.platform == Platform::Native);
    let mut clippy = cargo_together(workspace, "clippy", &native);
    clippy.arg("--all-targets");
    count.add(lint(&mut clippy, "of all that is native", fix));
    for build in others {
        let mut clippy = build.cargo(workspace, "clippy");
        count.add(lint(&mut clippy, build.name, fix));
    }
    // The Worker for D1 alone, as it is deployed where wrangler.jsonc names no server.
    let mut clippy = workspace.cargo(Mode::Dev);
    clippy.args(["clippy", "-p", "server", "--no-default-features"]);
    clippy.args(["--target", WASM_TARGET]);
    count.add(lint(&mut clippy, "Worker for D1", fix));
    // The db-cli crate without its features.
    let mut clippy = sqlite_cli(workspace, "clippy");
    count.add(lint(&mut clippy, "sqlite-cli", fix));
    count.add(tidy::run(workspace));
    Ok(count)
}

fn lint(clippy: &mut Command, name: &str, fix: bool) -> Result<String> {
    if fix {
        clippy.args(["--fix", "--allow-dirty", "--allow-staged"]);
    }
    clippy.args(["--", "-D", "warnings"]);
    process::step(format!("clippy {name}"), clippy)
}

/// A package with one set of features, for one platform. A workspace-wide build would unify features that never meet.
pub(crate) struct Build {
    pub(crate) name: &'static str,
    package: &'static str,
    features: &'static str,
    pub(crate) platform: Platform,
}

/// The platform that a build runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    /// This machine, with tests.
    Native,
    Workerd,
    Browser,
}

/// Every build that really exists.
pub(crate) const BUILDS: &[Build] = &[
    native("domain", ""),
    native("database-url", "local-d1"),
    native("db", "contract,mysql,native"),
    native("mysql-wire", ""),
    native("markdown", ""),
    native("example-site", ""),
    native("app", "ssr"),
    native("accounts", ""),
    native("webauthn", "authenticator"),
    native("server", "test_routes"),
    native("schema-diff", ""),
    native("db-cli", ""),
    native("native-server", ""),
    native("fuzz", ""),
    native("prerender", ""),
    native("hyperdrive-standin", ""),
    native("xtask", ""),
    Build {
        name: "Worker",
        package: "server",
        features: "",
        platform: Platform::Workerd,
    },
    Build {
        name: "client",
        package: "client",
        features: "",
        platform: Platform::Browser,
    },
];

const fn native(package: &'static str, features: &'static str) -> Build {
    Build {
        name: package,
        package,
        features,
        platform: Platform::Native,
    }
}

impl Build {
    /// `cargo` with this subcommand, for this build.
    pub(crate) fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut cargo = match self.platform {
            Platform::Native | Platform::Workerd => workspace.cargo(Mode::Dev),
            Platform::Browser => workspace.command("cargo"),
        };
        cargo.args([subcommand, "-p", self.package]);
        if !self.features.is_empty() {
            cargo.args(["--features", self.features]);
        }
        if self.platform != Platform::Native {
            cargo.args(["--target", WASM_TARGET]);
        }
        cargo
    }
}

/// `cargo` with this subcommand, for several native builds at once: what they share is compiled once, with the features that
/// any of them needs. Programs that people run are built apart (`build::native`), so that each has what it needs itself.
pub(crate) fn cargo_together(
    workspace: &Workspace,
    subcommand: &str,
    builds: &[&Build],
) -> Command {
    let mut cargo = workspace.cargo(Mode::Dev);
    cargo.arg(subcommand);
    for build in builds {
        cargo.args(["-p", build.package]);
        for feature in build.features.split(',').filter(|name| !name.is_empty()) {
            cargo.args(["--features", &format!("{}/{feature}", build.package)]);
        }
    }
    cargo
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeSet;

    use super::*;
    use crate::build::Packages;

    #[test]
    fn builds_together_have_the_features_of_each() {
        let workspace = Workspace {
            root: "/site".into(),
        };
        let [one, other] = [native("db", "contract,mysql"), native("domain", "")];
        let cargo = cargo_together(&workspace, "test", &[&one, &other]);
        let words: Vec<_> = cargo
            .get_args()
            .map(|word| word.to_string_lossy())
            .collect();
        let expected = "test -p db --features db/contract --features db/mysql -p domain";
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn every_package_has_a_build() {
        let packages = Packages::read(&Workspace::find().unwrap()).unwrap();
        let built: BTreeSet<&str> = BUILDS.iter().map(|build| build.package).collect();
        assert_eq!(packages.names(), built);
    }
}
