//! A database as native programs reach it: by its URL.
//! Absent: SQL; the `db-cli` crate migrates and seeds.

use std::process::Command as Program;

use anyhow::{Error, Result};
use database_url::Address;

use crate::process::{self, Failed};
use crate::ui;
use crate::workspace::Workspace;

/// The folder of exports that are made before production is changed.
const BACKUPS: &str = "backups";

/// A database that has a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteDatabase {
    /// With the password.
    url: String,
    shown: String,
}

/// The amount of data to seed; where a number is missing, the `db-cli` crate's own.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Amount {
    /// The number of users.
    #[arg(long)]
    users: Option<u32>,
    /// The number of posts.
    #[arg(long)]
    posts: Option<u32>,
}

impl Amount {
    /// The arguments of the `db-cli` crate.
    pub(super) fn arguments(self) -> Vec<String> {
        [("--users", self.users), ("--posts", self.posts)]
            .into_iter()
            .filter_map(|(name, number)| Some([name.to_owned(), number?.to_string()]))
            .flatten()
            .collect()
    }
}

impl RemoteDatabase {
    /// The database at this URL.
    ///
    /// # Errors
    /// Says what is wrong with the URL, without its password.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let address = Address::parse(url).map_err(Error::msg)?;
        Ok(Self::named(url.to_owned(), address.describe()))
    }

    /// A database that people know by another name than its URL.
    pub(crate) fn named(url: String, shown: String) -> Self {
        Self { url, shown }
    }

    /// The URL, with the password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The database for people, without the password.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Removes the password from a program's output.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&self.url, &self.shown)
    }

    /// Applies the migrations that it lacks; returns whether there were any.
    pub(crate) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        self.migrate_after(workspace, 0, false)
    }

    /// Applies the migrations that the public site's database lacks. The way back is noted first, and printed.
    pub(crate) fn migrate_production(&self, workspace: &Workspace) -> Result<bool> {
        self.migrate_after(workspace, 0, true)
    }

    /// Applies the migrations that it lacks, after waiting at most so many seconds for it to start. If `is_noted`, the way back is
    /// noted first.
    pub(super) fn migrate_after(
        &self,
        workspace: &Workspace,
        seconds: u64,
        is_noted: bool,
    ) -> Result<bool> {
        let arguments = migrate_arguments(workspace, seconds, is_noted);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = self.run(workspace, "migrations", &arguments)?;
        output
            .lines()
            .filter(|line| is_lasting(line))
            .for_each(ui::line);
        Ok(!output.contains("applied 0 "))
    }

    pub(super) fn seed(&self, workspace: &Workspace, amount: Amount) -> Result<()> {
        let arguments = amount.arguments();
        let arguments = arguments.iter().map(String::as_str);
        let arguments: Vec<&str> = ["seed"].into_iter().chain(arguments).collect();
        self.run(workspace, "seed", &arguments).map(|_| ())
    }

    pub(super) fn seed_if_empty(&self, workspace: &Workspace) -> Result<()> {
        self.run(workspace, "seed", &["seed", "--if-empty"])
            .map(|_| ())
    }

    /// Runs `reindex` or `clean-up`.
    pub(super) fn keep_up(&self, workspace: &Workspace, command: &'static str) -> Result<()> {
        self.run(workspace, command, &[command]).map(|_| ())
    }

    /// Prints the link to the first administrator, at the site's address, if there is none. The site is served without it: a failure is
    /// said, and nothing else.
    pub(crate) fn print_set_up_link(&self, workspace: &Workspace, site_url: &str) {
        match self.run(workspace, "administrator", &["admin"]) {
            Ok(output) => {
                if let Some(path) = set_up_path(&output) {
                    ui::line(format_args!(
                        "\nwhoever opens this link first is the site's administrator (good once, for a day):\n  {}\n",
                        ui::bold(&format!("{site_url}{path}"))
                    ));
                }
            }
            Err(error) => ui::error(&format!(
                "{error:#}\nno link to the first administrator was made; `cargo x db admin` makes one"
            )),
        }
    }

    /// The program that does this, optimised only to make up many rows.
    fn program(&self, workspace: &Workspace, arguments: &[&str]) -> Program {
        let is_small = matches!(
            arguments,
            ["migrate"] | ["seed"] | ["seed", "--if-empty"] | ["admin"]
        );
        if let Ok(Address::SqliteFile(file)) = Address::parse(&self.url)
            && is_small
        {
            let mut cargo = sqlite_cli(workspace, "run");
            cargo.arg("--").args(arguments).arg(file);
            return cargo;
        }
        let mut cargo = workspace.command("cargo");
        cargo.args(["run", "-p", "db-cli"]);
        if arguments.iter().any(|word| word.starts_with("--posts")) {
            cargo.args(["--profile", "shipped"]);
        }
        cargo
            .arg("--")
            .args(arguments)
            // Not an argument, which others on this machine could read.
            .env("DATABASE_URL", &self.url);
        cargo
    }

    /// Runs a program of the `db-cli` crate; returns its output.
    fn run(&self, workspace: &Workspace, label: &str, arguments: &[&str]) -> Result<String> {
        let mut cargo = self.program(workspace, arguments);
        // Its errors say enough.
        cargo.env("RUST_LIB_BACKTRACE", "0");
        ui::step(label, |step| {
            let output = process::run(step, &mut cargo).map_err(|error| {
                match error.downcast::<Failed>() {
                    Ok(failed) => Failed {
                        command: format!("db-cli {}", arguments.join(" ")),
                        output: self.redact(&failed.output),
                        ..failed
                    }
                    .into(),
                    Err(other) => other,
                }
            })?;
            let mut lines = output.lines().filter(|line| set_up_path(line).is_none());
            step.note(self.redact(lines.next_back().unwrap_or_default().trim()));
            Ok(output)
        })
    }
}

/// Compiles the program for SQLite files.
pub(super) fn compile_sqlite_cli(workspace: &Workspace) -> Result<()> {
    process::step("sqlite-cli", &mut sqlite_cli(workspace, "build")).map(|_| ())
}

/// `cargo` with this subcommand for the program for SQLite files, which is compiled without the drivers of servers.
pub(crate) fn sqlite_cli(workspace: &Workspace, subcommand: &str) -> Program {
    let mut cargo = workspace.command("cargo");
    cargo.args([subcommand, "-p", "db-cli", "--no-default-features"]);
    cargo.args(["--bin", "sqlite-cli"]);
    cargo
}

/// The arguments that migrate, after waiting so many seconds; if `is_noted`, with the folder of the way back.
pub(super) fn migrate_arguments(
    workspace: &Workspace,
    seconds: u64,
    is_noted: bool,
) -> Vec<String> {
    let folder = is_noted.then(|| workspace.path(BACKUPS).display().to_string());
    arguments(seconds, folder)
}

/// None of those that say nothing: the program for SQLite files takes none.
fn arguments(seconds: u64, restore_point: Option<String>) -> Vec<String> {
    let mut all = vec!["migrate".to_owned()];
    if seconds > 0 {
        all.extend(["--wait".to_owned(), seconds.to_string()]);
    }
    all.extend(
        restore_point
            .into_iter()
            .flat_map(|folder| ["--restore-point".to_owned(), folder]),
    );
    all
}

/// The path of the link that `db-cli admin` has printed.
fn set_up_path(output: &str) -> Option<&str> {
    output
        .split_whitespace()
        .find(|word| word.starts_with("/setup?token="))
}

/// True for a line of `db-cli migrate` about what a person may have to do later.
fn is_lasting(line: &str) -> bool {
    let kinds = ["restore point: ", "way back: ", "resumed: "];
    kinds.iter().any(|kind| line.starts_with(kind))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            (
                "postgres://u:p@h:5/d?sslmode=disable",
                "PostgreSQL at h:5, database d, as u",
            ),
            ("sqlite:/folder/file", "SQLite in /folder/file"),
        ] {
            let database = RemoteDatabase::parse(url).unwrap();
            assert_eq!(database.shown(), shown);
            let output = format!("error: {url} is away");
            assert_eq!(database.redact(&output), format!("error: {shown} is away"));
        }
        for wrong in ["postgres://u:hid?den@h/d", "mysql:u:hidden@h/d", "hidden"] {
            let why = RemoteDatabase::parse(wrong).unwrap_err().to_string();
            assert!(!why.contains("hid") && !why.contains("den@"), "{why}");
        }
    }

    #[test]
    fn a_sqlite_file_is_migrated_and_seeded_without_the_drivers_of_servers() {
        let workspace = Workspace {
            root: "/site".into(),
        };
        let migrate = arguments(0, None).join(" ");
        let wait = arguments(9, Some("/b".to_owned())).join(" ");
        for (url, arguments, expected) in [
            ("sqlite:/d1", migrate.as_str(), "sqlite-cli -- migrate /d1"),
            (
                "sqlite:/d1",
                &wait,
                "db-cli -- migrate --wait 9 --restore-point /b",
            ),
            ("sqlite:/d1", "seed", "sqlite-cli -- seed /d1"),
            (
                "sqlite:/d1",
                "seed --if-empty",
                "sqlite-cli -- seed --if-empty /d1",
            ),
            ("sqlite:/d1", "admin", "sqlite-cli -- admin /d1"),
            ("sqlite:/d1", "seed --posts 9", "shipped -- seed --posts 9"),
            ("sqlite:/d1", "reindex", "db-cli -- reindex"),
            ("sqlite:/d1", "clean-up", "db-cli -- clean-up"),
            ("mysql://u:p@h/d", &migrate, "db-cli -- migrate"),
            ("mysql://u:p@h/d", "reindex", "db-cli -- reindex"),
        ] {
            let words: Vec<&str> = arguments.split(' ').collect();
            let program = RemoteDatabase::parse(url)
                .unwrap()
                .program(&workspace, &words);
            let given: Vec<_> = program
                .get_args()
                .map(|word| word.to_string_lossy())
                .collect();
            let given = given.join(" ");
            assert!(given.ends_with(expected), "{url} {arguments}: {given}");
        }
    }

    #[test]
    fn the_path_of_a_link_is_found() {
        let output = "SQLite in /d1: there is no administrator yet: the first one is made by the link\nlink: /setup?token=abc\n";
        assert_eq!(set_up_path(output), Some("/setup?token=abc"));
        let output = "d1: there is an administrator; nothing was changed\n";
        assert_eq!(set_up_path(output), None);
    }

    #[test]
    fn only_given_amounts_are_arguments() {
        let posts = Amount {
            users: None,
            posts: Some(9),
        };
        assert_eq!(posts.arguments(), ["--posts", "9"]);
        assert!(Amount::default().arguments().is_empty());
    }
}
