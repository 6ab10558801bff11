//! `cargo x db generate` and `cargo x db check`: starts what they need, and runs the `db-cli` crate.
//! Absent: SQL, and the comparison; the crates `schema-diff` and `db-cli` do both.

use std::process::{Command as Program, Stdio};

use anyhow::{Context, Result, bail};

use super::{Database, RemoteDatabase, Target};
use crate::services::{self, Lifetime, Service};
use crate::workspace::Workspace;
use crate::{process, tools, ui};

/// Options of `cargo x db generate`.
#[derive(clap::Args)]
pub(crate) struct GenerateArgs {
    /// The migration's name, in small letters; by default after its first change.
    name: Option<String>,
    /// A rename that would else be a removal and an addition: `table:new` or `table.column:new`.
    #[arg(long, value_name = "OLD:NEW")]
    rename: Vec<String>,
    /// Write steps that lose rows or values.
    #[arg(long)]
    allow_destructive: bool,
    /// Remove what was kept for the version that was served before; refused while that version is served.
    #[arg(long, conflicts_with_all = ["custom", "undo"])]
    contract: bool,
    /// Fail if something is not generated; write nothing.
    #[arg(long, conflicts_with_all = ["custom", "undo", "explain"])]
    check: bool,
    /// Print the SQL; write nothing.
    #[arg(long)]
    explain: bool,
    /// Write empty files, for SQL of your own.
    #[arg(long, requires = "name", conflicts_with_all = ["undo", "rename", "explain"])]
    custom: bool,
    /// Write the reverse of the newest migration, as a new one.
    #[arg(long, conflicts_with = "rename")]
    undo: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
}

/// Options of `cargo x db check`.
#[derive(clap::Args)]
pub(crate) struct CheckArgs {
    /// Print the SQL that would bring the database to the declared schema, for review.
    #[arg(long, conflicts_with = "json")]
    sql: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `cargo x db push`.
#[derive(clap::Args)]
pub(crate) struct PushArgs {
    /// A rename that would else be a removal and an addition: `table:new` or `table.column:new`.
    #[arg(long, value_name = "OLD:NEW")]
    rename: Vec<String>,
    /// Make steps that lose rows or values.
    #[arg(long)]
    allow_destructive: bool,
    /// Print the SQL; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `cargo x db pull`.
#[derive(clap::Args)]
pub(crate) struct PullArgs {
    /// Declare by what the database says alone, without the words and comments of present declarations.
    #[arg(long)]
    fresh: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `cargo x db baseline`.
#[derive(clap::Args)]
pub(crate) struct BaselineArgs {
    /// The last migration that the database has, by its name or number. Needed only where the tables do not tell.
    #[arg(long, value_name = "MIGRATION")]
    to: Option<String>,
    /// Say what would be noted; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl GenerateArgs {
    /// The arguments of the `db-cli` crate.
    fn arguments(&self) -> Vec<String> {
        let mut all: Vec<String> = self.name.iter().cloned().collect();
        for rename in &self.rename {
            all.extend(["--rename".to_owned(), rename.clone()]);
        }
        let flags = [
            ("--allow-destructive", self.allow_destructive),
            ("--contract", self.contract),
            ("--check", self.check),
            ("--explain", self.explain),
            ("--custom", self.custom),
            ("--undo", self.undo),
            ("--json", self.json),
        ];
        all.extend(given(flags).map(str::to_owned));
        all
    }
}

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

/// Notes that the present version is served now, so that what it reads is kept until the next one is. Returns the file.
pub(crate) fn note_released(workspace: &Workspace) -> Result<String> {
    let mut program = db_cli(workspace, true)?;
    program.args(["released", "--folder", "migrations"]);
    process::output(&mut program).context(
        "what the site reads now could not be noted: run `cargo run -p db-cli -- released`, and commit migrations/released.json",
    )
}

/// Runs `check`: changes nothing.
pub(super) fn check(workspace: &Workspace, args: &CheckArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, args.json, args.target.is_private())?;
    let remote = args.target.open(workspace)?.remote()?;
    let flags = [("--sql", args.sql), ("--json", args.json)];
    let mut program = is_quiet.on(workspace, &remote, !args.sql)?;
    program.arg("check").args(given(flags));
    finish(program.arg("--folder").arg(workspace.path("migrations")))
}

/// Runs `push`; a local D1 is created if it does not exist.
pub(super) fn push(workspace: &Workspace, args: &PushArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, args.json, args.target.is_private())?;
    let database = args.target.open(workspace)?;
    if !args.json {
        tools::ensure_node(workspace)?;
    }
    let remote = database.created(workspace)?;
    let flags = [
        ("--allow-destructive", args.allow_destructive),
        ("--dry-run", args.dry_run),
        ("--json", args.json),
    ];
    let mut program = is_quiet.on(workspace, &remote, !args.dry_run)?;
    program.arg("push").args(given(flags));
    for rename in &args.rename {
        program.args(["--rename", rename]);
    }
    finish(&mut program)
}

/// Runs `pull`: standard output is the source alone.
pub(super) fn pull(workspace: &Workspace, args: &PullArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, true, args.target.is_private())?;
    let remote = args.target.open(workspace)?.remote()?;
    let flags = [("--fresh", args.fresh), ("--json", args.json)];
    let mut program = is_quiet.on(workspace, &remote, false)?;
    finish(program.arg("pull").args(given(flags)))
}

/// Runs `baseline`: migrations are replayed in a scratch database, one of a server in the private one.
pub(super) fn baseline(workspace: &Workspace, args: &BaselineArgs) -> Result<()> {
    let is_quiet = Quiet::new(workspace, args.json, !args.target.is_local_d1())?;
    let remote = args.target.open(workspace)?.remote()?;
    let flags = [("--dry-run", args.dry_run), ("--json", args.json)];
    let mut program = is_quiet.on(workspace, &remote, true)?;
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

/// The flags that were given.
fn given<const N: usize>(flags: [(&str, bool); N]) -> impl Iterator<Item = &str> {
    let given = flags.into_iter().filter(|(_, is_given)| *is_given);
    given.map(|(flag, _)| flag)
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

    /// The program of the `db-cli` crate for a database, which is named first if the output is for people.
    fn on(
        &self,
        workspace: &Workspace,
        remote: &RemoteDatabase,
        is_named: bool,
    ) -> Result<Program> {
        let mut program = db_cli(workspace, self.0)?;
        program.env("DATABASE_URL", remote.url());
        if is_named && !self.0 {
            ui::line(format_args!("database: {}", remote.shown()));
        }
        Ok(program)
    }
}

/// The program of the `db-cli` crate, compiled if it has to be. With `is_quiet`, nothing is printed.
fn db_cli(workspace: &Workspace, is_quiet: bool) -> Result<Program> {
    let mut build = workspace.command("cargo");
    build.args(["build", "-p", "db-cli", "--profile", "native"]);
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
        .args([
            "run",
            "--quiet",
            "-p",
            "db-cli",
            "--profile",
            "native",
            "--",
        ])
        // Its errors say enough.
        .env("RUST_LIB_BACKTRACE", "0");
    Ok(program)
}

/// Runs a program to its end; its output is this one's, and so is its exit code.
fn finish(program: &mut Program) -> Result<()> {
    let status = program
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: GenerateArgs,
    }

    #[test]
    fn given_options_are_passed_on_and_no_others() {
        let line =
            "generate add_site --rename users.bio:about --rename tags:labels --explain --json";
        let given = Line::parse_from(line.split(' ')).args.arguments();
        assert_eq!(
            given.join(" "),
            line.split_once(' ').map_or("", |(_, rest)| rest)
        );
        assert!(Line::parse_from(["generate"]).args.arguments().is_empty());
        for wrong in [
            "generate --check --undo",
            "generate --custom",
            "generate a --custom --explain",
        ] {
            assert!(Line::try_parse_from(wrong.split(' ')).is_err(), "{wrong}");
        }
    }
}
