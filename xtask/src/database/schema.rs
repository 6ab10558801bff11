//! `cargo x db generate` and `cargo x db check`: starts what they need, and runs the `db-cli` crate.
//! Absent: SQL, and the comparison; the crates `schema-diff` and `db-cli` do both.

use std::process::{Command as Program, Stdio};

use anyhow::{Context, Result, bail};

use super::{Database, Target};
use crate::services::{self, Lifetime, Service};
use crate::workspace::Workspace;
use crate::{process, ui};

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

impl GenerateArgs {
    /// The arguments of the `db-cli` crate.
    fn arguments(&self) -> Vec<String> {
        let mut all: Vec<String> = self.name.iter().cloned().collect();
        for rename in &self.rename {
            all.extend(["--rename".to_owned(), rename.clone()]);
        }
        let flags = [
            ("--allow-destructive", self.allow_destructive),
            ("--check", self.check),
            ("--explain", self.explain),
            ("--custom", self.custom),
            ("--undo", self.undo),
            ("--json", self.json),
        ];
        let given = flags.into_iter().filter(|(_, is_given)| *is_given);
        all.extend(given.map(|(flag, _)| flag.to_owned()));
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
        let services = services::up(workspace, &Service::ALL, Lifetime::UntilDown).context(
            "migrations are compared in scratch databases of PostgreSQL and MariaDB: `cargo x services up` starts them",
        )?;
        for (variable, service) in [
            ("SCRATCH_POSTGRES_URL", Service::Postgres),
            ("SCRATCH_MYSQL_URL", Service::Mysql),
        ] {
            // TLS would protect nothing on one machine.
            let url = format!("{}?sslmode=disable", services.url(service));
            program.env(variable, url);
        }
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

/// Runs `check`: changes nothing.
pub(super) fn check(workspace: &Workspace, args: &CheckArgs) -> Result<()> {
    if args.json {
        services::start_for_tools(workspace)?;
    }
    let remote = args.target.open(workspace)?.remote()?;
    let mut program = db_cli(workspace, args.json)?;
    program.arg("check").env("DATABASE_URL", remote.url());
    if args.sql {
        program.arg("--sql");
    }
    if args.json {
        program.arg("--json");
    } else if !args.sql {
        ui::line(format_args!("database: {}", remote.shown()));
    }
    finish(&mut program)
}

/// The program of the `db-cli` crate, compiled if it has to be. With `is_quiet`, nothing is printed.
pub(super) fn db_cli(workspace: &Workspace, is_quiet: bool) -> Result<Program> {
    let mut build = workspace.command("cargo");
    build.args(["build", "-p", "db-cli", "--profile", "native"]);
    if is_quiet {
        process::hide_cargo_run(&mut build);
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
