//! `cargo x db seed`, `reindex` and `clean-up`: names the database, migrates it if it is of this machine, and runs the `db-cli`
//! crate.
//! Absent: rows, and what is derived from them; the crate `db-cli` makes both.

use std::process::Stdio;

use anyhow::Result;

use super::schema::{db_cli, finish};
use super::{Amount, RemoteDatabase, Target, Use};
use crate::workspace::Workspace;
use crate::{services, tools, ui};

/// Options of `cargo x db seed`.
#[derive(clap::Args)]
pub(crate) struct SeedArgs {
    #[command(flatten)]
    amount: Amount,
    /// Print JSON: the database, and what was done.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `cargo x db reindex` and `cargo x db clean-up`.
#[derive(clap::Args)]
pub(crate) struct UpkeepArgs {
    /// Print JSON: the database, and what was done.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Runs `seed`.
pub(super) fn seed(workspace: &Workspace, args: &SeedArgs) -> Result<()> {
    if args.json {
        let arguments = args.amount.arguments();
        return as_json(workspace, &args.target, Use::Fill, "seed", &arguments);
    }
    open(workspace, &args.target, Use::Fill)?.seed(workspace, args.amount)
}

/// Runs `reindex` or `clean-up`.
pub(super) fn keep_up(
    workspace: &Workspace,
    args: &UpkeepArgs,
    command: &'static str,
) -> Result<()> {
    if args.json {
        return as_json(workspace, &args.target, Use::Change, command, &[]);
    }
    open(workspace, &args.target, Use::Change)?.keep_up(workspace, command)
}

/// The database, named for people.
fn open(workspace: &Workspace, target: &Target, uses: Use) -> Result<RemoteDatabase> {
    let database = target.open(workspace, uses, false)?;
    tools::ensure_node(workspace)?;
    // A deployed database is migrated when that is asked for, and not beside something else.
    if !target.is_deployed() {
        database.migrate(workspace)?;
    }
    let remote = database.remote()?;
    if !target.is_deployed() {
        ui::line(target.sentence(&remote));
    }
    Ok(remote)
}

/// Prints nothing but the program's JSON.
fn as_json(
    workspace: &Workspace,
    target: &Target,
    uses: Use,
    command: &str,
    arguments: &[String],
) -> Result<()> {
    if target.is_private() {
        services::start_for_tools(workspace)?;
    }
    let remote = target.open(workspace, uses, true)?.created(workspace)?;
    let program = |command: &str| {
        let mut program = db_cli(workspace, true)?;
        program
            .args([command, "--json"])
            .env("DATABASE_URL", remote.url());
        anyhow::Ok(program)
    };
    if !target.is_deployed() {
        finish(program("migrate")?.stdout(Stdio::null()))?;
    }
    finish(program(command)?.args(arguments))
}
