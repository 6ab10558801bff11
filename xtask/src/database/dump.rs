//! `cargo x db export` and `cargo x db restore`: names the database and the file, and runs the `db-cli` crate.
//! Absent: the dump itself; the `db-cli` crate writes and reads it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::schema::{finish, optimised_db_cli};
use super::{Target, Use};
use crate::workspace::Workspace;
use crate::{services, ui};

/// Options of `cargo x db export`.
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// The file to write, which must not exist, or a folder; by default a name with the time, in this folder.
    file: Option<PathBuf>,
    /// Write INSERT statements in the database's own dialect, instead of a dump.
    #[arg(long)]
    sql: bool,
    /// Replace names, addresses and everything that people wrote; leave out sessions and tokens.
    #[arg(long)]
    anonymise: bool,
    /// Print only JSON; progress goes to standard error.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `cargo x db restore`.
#[derive(clap::Args)]
pub(crate) struct RestoreArgs {
    /// The dump that `cargo x db export` wrote.
    file: PathBuf,
    /// Delete all rows that the database has, in the same transaction.
    #[arg(long)]
    replace: bool,
    /// Go on with an interrupted restore of the same dump into a remote D1.
    #[arg(long, conflicts_with = "replace")]
    resume: bool,
    /// Print only JSON; progress goes to standard error.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl ExportArgs {
    /// The arguments of the `db-cli` crate, which runs in another folder.
    fn arguments(&self, here: &Path) -> Vec<PathBuf> {
        let file = self
            .file
            .as_ref()
            .map_or(here.to_owned(), |file| here.join(file));
        let flags = [
            ("--sql", self.sql),
            ("--anonymise", self.anonymise),
            ("--json", self.json),
        ];
        arguments("export", file, &flags)
    }
}

impl RestoreArgs {
    /// The arguments of the `db-cli` crate, which runs in another folder.
    fn arguments(&self, here: &Path) -> Vec<PathBuf> {
        let flags = [
            ("--replace", self.replace),
            ("--resume", self.resume),
            ("--json", self.json),
        ];
        arguments("restore", here.join(&self.file), &flags)
    }
}

fn arguments(command: &str, file: PathBuf, flags: &[(&str, bool)]) -> Vec<PathBuf> {
    let given = flags.iter().filter(|(_, is_given)| *is_given);
    let flags = given.map(|(flag, _)| PathBuf::from(flag));
    [PathBuf::from(command), file]
        .into_iter()
        .chain(flags)
        .collect()
}

/// Runs `export`: changes nothing in the database.
pub(super) fn export(workspace: &Workspace, args: &ExportArgs) -> Result<()> {
    let here = current_folder()?;
    let given = args.arguments(&here);
    run(workspace, &args.target, Use::Read, args.json, &given)
}

/// Runs `restore`.
pub(super) fn restore(workspace: &Workspace, args: &RestoreArgs) -> Result<()> {
    let here = current_folder()?;
    let given = args.arguments(&here);
    run(workspace, &args.target, Use::Change, args.json, &given)
}

fn current_folder() -> Result<PathBuf> {
    std::env::current_dir().context("the current folder is gone")
}

fn run(
    workspace: &Workspace,
    target: &Target,
    uses: Use,
    is_json: bool,
    arguments: &[PathBuf],
) -> Result<()> {
    if is_json && target.is_private() {
        services::start_for_tools(workspace)?;
    }
    let remote = target.open(workspace, uses, is_json)?.remote()?;
    let mut program = optimised_db_cli(workspace, is_json)?;
    program.args(arguments).env("DATABASE_URL", remote.url());
    if !is_json && !target.is_deployed() {
        ui::line(target.sentence(&remote));
    }
    finish(&mut program)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Export {
        #[command(flatten)]
        args: ExportArgs,
    }

    #[derive(Parser)]
    struct Restore {
        #[command(flatten)]
        args: RestoreArgs,
    }

    fn shown(arguments: Vec<PathBuf>) -> String {
        let all = arguments.iter().map(|one| one.display().to_string());
        all.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn files_are_those_of_the_folder_that_the_command_is_given_in() {
        let here = Path::new("/here");
        let export = |line: &str| shown(Export::parse_from(line.split(' ')).args.arguments(here));
        assert_eq!(export("export"), "export /here");
        assert_eq!(
            export("export ../a.zip --anonymise --json"),
            "export /here/../a.zip --anonymise --json"
        );
        assert_eq!(export("export /b/a.sql --sql"), "export /b/a.sql --sql");
        let restore = |line: &str| {
            let parsed = Restore::try_parse_from(line.split(' '));
            parsed.map(|line| shown(line.args.arguments(here))).ok()
        };
        let expected = "restore /here/a.zip --replace --json";
        assert_eq!(
            restore("restore a.zip --replace --json").as_deref(),
            Some(expected)
        );
        assert_eq!(restore("restore"), None);
        assert_eq!(restore("restore a.zip --replace --resume"), None);
    }
}
