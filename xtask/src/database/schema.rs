//! `cargo x db generate` and `cargo x db check`: starts what they need, and runs the `db-cli` crate.
//! Absent: SQL, and the comparison; the crates `schema-diff` and `db-cli` do both.

use std::path::Path;
use std::process::{Command as Program, Stdio};

use anyhow::{Context, Result, bail};

use super::options::{BaselineArgs, CheckArgs, GenerateArgs, PullArgs, PushArgs, given};
use super::{Database, RemoteDatabase, Target, Use};
use crate::services::{self, Lifetime, Service};
use crate::workspace::Workspace;
use crate::{process, tools, ui};

/// Runs `generate`: migrations are replayed in scratch databases, those of servers in the private ones.
pub(super) fn generate(workspace: &Workspace, args: &GenerateArgs) -> Result<()> {
    let mut program = db_cli(workspace, args.json)?;
    program
        .arg("generate")
        .arg("--folder")
        .arg(workspace.path("migrations"))
        .args(args.arguments());
    if !args.custom {
        if args.json {
            services::start_for_tools(workspace)?;
        }
        name_scratch(workspace, &mut program, &Service::ALL)?;
        // Its rows are counted, if there are any.
        program.env_remove("DATABASE_URL");
        if let Ok(local) = Database::open(workspace, super::Store::D1).and_then(|one| one.remote())
        {
            program.env("DATABASE_URL", local.url());
        }
        return finish(&mut program);
    }
    finish(&mut program)
}

/// Fails if the declared schema is not that of the migrations. SQLite's only, which needs no server; `cargo x test` compares
/// the others.
pub(crate) fn ensure_generated(workspace: &Workspace) -> Result<()> {
    let mut program = workspace.command("cargo");
    program
        // In the profile of tests, which the other checks and `cargo x test` compile for.
        .args(["run", "--quiet", "-p", "db-cli", "--"])
        .args(["generate", "--check", "--engine", "sqlite"])
        .arg("--folder")
        .arg(workspace.path("migrations"))
        .env("RUST_LIB_BACKTRACE", "0");
    process::step("migrations (SQLite)", &mut program).map(|_| ())
}

/// Notes in this folder that the present version is served now, so that what it reads is kept until the next one is. Returns the
/// file.
pub(crate) fn note_released(workspace: &Workspace, folder: &Path) -> Result<String> {
    let mut program = db_cli(workspace, true)?;
    program.args(["released", "--folder"]).arg(folder);
    process::output(&mut program).context(
        "what the site reads now could not be noted: run `cargo run -p db-cli -- released`, and commit migrations/released.json",
    )
}

/// Runs `check`: changes nothing.
pub(super) fn check(workspace: &Workspace, args: &CheckArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, args.json, args.target.is_private())?;
    let database = args.target.open(workspace, Use::Read, args.json)?;
    let remote = database.remote()?;
    let flags = [("--sql", args.sql), ("--json", args.json)];
    let mut program = is_quiet.on(workspace, &args.target, &remote, !args.sql)?;
    program.arg("check").args(given(flags));
    finish(program.arg("--folder").arg(workspace.path("migrations")))
}

/// Runs `push`; a local D1 is created if it does not exist.
pub(super) fn push(workspace: &Workspace, args: &PushArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, args.json, args.target.is_private())?;
    let uses = Use::Develop("push");
    let database = args.target.open(workspace, uses, args.json)?;
    if !args.json {
        tools::ensure_node(workspace)?;
    }
    let remote = database.created(workspace)?;
    let flags = [
        ("--allow-destructive", args.allow_destructive),
        ("--dry-run", args.dry_run),
        ("--json", args.json),
    ];
    let mut program = is_quiet.on(workspace, &args.target, &remote, !args.dry_run)?;
    program.arg("push").args(given(flags));
    for rename in &args.rename {
        program.args(["--rename", rename]);
    }
    finish(&mut program)
}

/// Runs `pull`: standard output is the source alone.
pub(super) fn pull(workspace: &Workspace, args: &PullArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, true, args.target.is_private())?;
    let database = args.target.open(workspace, Use::Read, true)?;
    let remote = database.remote()?;
    let flags = [("--fresh", args.fresh), ("--json", args.json)];
    let mut program = is_quiet.on(workspace, &args.target, &remote, false)?;
    finish(program.arg("pull").args(given(flags)))
}

/// Runs `baseline`: migrations are replayed in a scratch database, one of a server in the private one.
pub(super) fn baseline(workspace: &Workspace, args: &BaselineArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, args.json, !args.target.is_local_d1())?;
    let uses = if args.dry_run { Use::Read } else { Use::Change };
    let database = args.target.open(workspace, uses, args.json)?;
    let remote = database.remote()?;
    let flags = [("--dry-run", args.dry_run), ("--json", args.json)];
    let mut program = is_quiet.on(workspace, &args.target, &remote, true)?;
    let service = match remote.url().split(':').next() {
        Some("postgres" | "postgresql") => Some(Service::Postgres),
        Some("mysql" | "mariadb") => Some(Service::Mysql),
        _ => None,
    };
    if let Some(service) = service {
        name_scratch(workspace, &mut program, &[service])?;
    }
    program.arg("baseline").args(given(flags));
    if let Some(to) = &args.to {
        program.args(["--to", to]);
    }
    finish(&mut program)
}

/// Starts private servers for scratch databases, and tells a program their URLs.
fn name_scratch(workspace: &Workspace, program: &mut Program, all: &[Service]) -> Result<()> {
    let services = services::up(workspace, all, Lifetime::UntilDown).context(
        "migrations are compared in scratch databases of PostgreSQL and MariaDB: `cargo x services up` starts them",
    )?;
    for service in all {
        let variable = match service {
            Service::Postgres => "SCRATCH_POSTGRES_URL",
            Service::Mysql => "SCRATCH_MYSQL_URL",
        };
        // TLS would protect nothing on one machine.
        program.env(
            variable,
            format!("{}?sslmode=disable", services.url(*service)),
        );
    }
    Ok(())
}

/// True if nothing but JSON is printed.
struct Quiet(bool);

impl Quiet {
    /// Servers that are needed start before, without a word.
    fn new(workspace: &Workspace, is_json: bool, needs_servers: bool) -> Result<Self> {
        if is_json && needs_servers {
            services::start_for_tools(workspace)?;
        }
        Ok(Self(is_json))
    }

    /// The program of the `db-cli` crate for a database, which is named first if the output is for people. A deployed one
    /// was named already.
    fn on(
        &self,
        workspace: &Workspace,
        target: &Target,
        remote: &RemoteDatabase,
        is_named: bool,
    ) -> Result<Program> {
        let mut program = db_cli(workspace, self.0)?;
        program.env("DATABASE_URL", remote.url());
        if is_named && !self.0 && !target.is_deployed() {
            ui::line(target.sentence(remote));
        }
        Ok(program)
    }
}

/// The program of the `db-cli` crate, compiled if it has to be. With `is_quiet`, nothing is printed.
pub(super) fn db_cli(workspace: &Workspace, is_quiet: bool) -> Result<Program> {
    compiled_db_cli(workspace, is_quiet, "dev")
}

/// The optimised program of the `db-cli` crate, for what goes through every row of a database.
pub(super) fn optimised_db_cli(workspace: &Workspace, is_quiet: bool) -> Result<Program> {
    compiled_db_cli(workspace, is_quiet, "shipped")
}

fn compiled_db_cli(workspace: &Workspace, is_quiet: bool, profile: &str) -> Result<Program> {
    let mut build = workspace.command("cargo");
    build.args(["build", "-p", "db-cli", "--profile", profile]);
    process::hide_cargo_run(&mut build);
    if is_quiet {
        let output = build
            .stdin(Stdio::null())
            .output()
            .context("cannot run cargo")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
    } else {
        process::step("db-cli", &mut build)?;
    }
    let mut program = workspace.command("cargo");
    program
        .args(["run", "--quiet", "-p", "db-cli"])
        .args(["--profile", profile, "--"])
        // Its errors say enough.
        .env("RUST_LIB_BACKTRACE", "0");
    process::hide_cargo_run(&mut program);
    Ok(program)
}

/// Runs a program to its end; its output is this one's, and so is its exit code.
pub(super) fn finish(program: &mut Program) -> Result<()> {
    let status = program
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}
