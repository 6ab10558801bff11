//! `cargo x db migrate` and `cargo x db renumber`: names the database, and runs the `db-cli` crate.
//! Absent: applying a migration, and renaming its files; the crates `db` and `db-cli` do both.

use anyhow::Result;

use super::schema::{db_cli, finish};
use super::{Database, RemoteDatabase, Target, Use, remote};
use crate::workspace::Workspace;
use crate::{services, tools, ui};

/// Options of `cargo x db migrate`.
#[derive(clap::Args)]
pub(crate) struct MigrateArgs {
    /// Print the SQL of what is pending; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Wait so many seconds for a database that is still starting.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Do not note the way back before production is changed: neither an export into backups/ nor a D1's bookmark.
    #[arg(long)]
    no_export: bool,
    /// Print JSON: the database, and the files that were applied, or that are pending with their SQL.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `cargo x db renumber`.
#[derive(clap::Args)]
pub(crate) struct RenumberArgs {
    /// The migration to give the next number; by default what the database does not have, and comes too early.
    name: Option<String>,
    /// Print JSON: the files that were renamed.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Runs `migrate`.
pub(super) fn migrate(workspace: &Workspace, args: &MigrateArgs) -> Result<()> {
    let uses = if args.dry_run { Use::Read } else { Use::Change };
    let is_quiet = args.dry_run || args.json;
    if args.json {
        quiet_servers(workspace, &args.target)?;
    }
    let database = args.target.open(workspace, uses, is_quiet)?;
    if args.dry_run {
        let remote = database.remote().unwrap_or_else(|_| nothing());
        let mut program = db_cli(workspace, true)?;
        program
            .args(["migrate", "--dry-run", "--wait"])
            .arg(args.wait.to_string())
            .args(args.json.then_some("--json"))
            .env("DATABASE_URL", remote.url());
        return finish(&mut program);
    }
    if args.json {
        let is_noted = args.target.is_production() && !args.no_export;
        let remote = database.created(workspace)?;
        let mut program = db_cli(workspace, true)?;
        program
            .args(remote::migrate_arguments(workspace, args.wait, is_noted))
            .arg("--json")
            .env("DATABASE_URL", remote.url());
        return finish(&mut program);
    }
    tools::ensure_node(workspace)?;
    let is_changed = match &database {
        Database::Remote(remote) => {
            let is_noted = args.target.is_production() && !args.no_export;
            remote.migrate_after(workspace, args.wait, is_noted)?
        }
        Database::D1(_) | Database::Private(..) => database.migrate(workspace)?,
    };
    if !is_changed {
        ui::line("the database has every migration already");
    }
    if !args.target.is_deployed() {
        ui::line(args.target.sentence(&database.remote()?));
    }
    Ok(())
}

/// Starts the private server that a database is in, without a word.
fn quiet_servers(workspace: &Workspace, target: &Target) -> Result<()> {
    match target.is_private() {
        true => services::start_for_tools(workspace),
        false => Ok(()),
    }
}

/// The local D1 before its first migration: an empty database.
fn nothing() -> RemoteDatabase {
    RemoteDatabase::named("sqlite:memory".to_owned(), "an empty database".to_owned())
}

/// Runs `renumber`: changes no database.
pub(super) fn renumber(workspace: &Workspace, args: &RenumberArgs) -> Result<()> {
    if args.json {
        quiet_servers(workspace, &args.target)?;
    }
    let database = args.target.open(workspace, Use::Read, args.json)?;
    let mut program = db_cli(workspace, args.json)?;
    program.arg("renumber").args(&args.name);
    program.args(args.json.then_some("--json"));
    program.arg("--folder").arg(workspace.path("migrations"));
    program.env_remove("DATABASE_URL");
    // The local D1 before its first migration has nothing.
    if let Ok(remote) = database.remote() {
        if !args.target.is_deployed() && !args.json {
            ui::line(args.target.sentence(&remote));
        }
        program.env("DATABASE_URL", remote.url());
    }
    finish(&mut program)
}
