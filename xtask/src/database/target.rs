//! The database that a command is given: on this machine, of a deployed environment, or any other by its URL. Owns what is
//! said before it is touched, and what has to be typed before production is changed.
//! Absent: the databases; see the module above.

use std::io::{self, IsTerminal, Write};

use anyhow::{Error, Result, bail, ensure};

use super::{Database, RemoteDatabase, Store};
use crate::build::LOCAL_URL;
use crate::environment::Environment;
use crate::environment_arg::{Deployed, EnvironmentArg};
use crate::settings;
use crate::workspace::Workspace;

/// The database of a command.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Target {
    /// The environment of the database. That of staging and production is named by wrangler.jsonc and, unless it is a D1,
    /// by DATABASE_URL: in the environment, or in .env.ENVIRONMENT.local, .env.local or .env.
    #[arg(long, value_enum, default_value_t)]
    env: EnvironmentArg,
    /// The database engine, on this machine [default: d1].
    #[arg(long, value_enum)]
    db: Option<Store>,
    /// Any other database, by its URL.
    #[arg(long, value_name = "URL", conflicts_with_all = ["db", "env"])]
    database_url: Option<String>,
    /// Change production without being asked for its name.
    #[arg(long)]
    yes_production: bool,
}

/// The use that a command makes of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Reads it.
    Read,
    /// Changes it, as a release does.
    Change,
    /// Fills it with what is made up.
    Fill,
    /// Changes it as only developers do, by the command of this name.
    Develop(&'static str),
}

impl Target {
    /// The deployed environment; none for this machine and for a URL.
    fn deployed(&self) -> Option<Deployed> {
        self.env.deployed()
    }

    /// True if the database is in a deployed environment.
    pub(super) fn is_deployed(&self) -> bool {
        self.deployed().is_some()
    }

    /// True if the database is the public site's.
    pub(super) fn is_production(&self) -> bool {
        self.deployed() == Some(Deployed::Production)
    }

    /// True if the database is the file of the local D1.
    pub(super) fn is_local_d1(&self) -> bool {
        self.is_local() && self.store() == Store::D1
    }

    /// True if the database is in a private server.
    pub(super) fn is_private(&self) -> bool {
        self.is_local() && self.store() != Store::D1
    }

    fn is_local(&self) -> bool {
        self.database_url.is_none() && !self.is_deployed()
    }

    fn store(&self) -> Store {
        self.db.unwrap_or_default()
    }

    /// Finds the database. One that is not on this machine is named, and the command is permitted, before anything is begun.
    ///
    /// # Errors
    /// Says which setting is missing or wrong, or that the command is not permitted there.
    pub(super) fn open(
        &self,
        workspace: &Workspace,
        uses: Use,
        is_quiet: bool,
    ) -> Result<Database> {
        let Some(deployed) = self.deployed() else {
            let Some(url) = &self.database_url else {
                if !is_quiet {
                    settings::report_database_url(workspace);
                }
                return Database::open(workspace, self.store());
            };
            return RemoteDatabase::parse(url).map(Database::Remote);
        };
        let name = deployed.name();
        if let Use::Develop(command) = uses {
            bail!(
                "`{command}` is for databases of this machine, and {name} is refused: write a migration with \
                 `cargo x db generate`, and apply it with `cargo x db migrate --env {name}`"
            );
        }
        ensure!(
            self.db.is_none(),
            "--db names a database of this machine; that of {name} is named in wrangler.jsonc"
        );
        let environment = Environment::read(workspace, deployed)?;
        let database = match environment.database() {
            Ok(database) => database,
            Err(missing) => bail!(
                "the database of {name} is not known, and nothing was done:\n  {}",
                missing.join("\n  ")
            ),
        };
        note(&self.sentence(&database));
        if let Some(what) = self.asks(deployed, uses) {
            confirm(name, what, io::stdin().is_terminal(), &mut read_line)?;
        }
        Ok(Database::Remote(database))
    }

    /// The address of the site that has the database; empty where that is not known.
    ///
    /// # Errors
    /// Says that the environment does not name it.
    pub(super) fn site_url(&self, workspace: &Workspace) -> Result<String> {
        match self.deployed() {
            Some(deployed) => Environment::read(workspace, deployed)?
                .site_url()
                .map_err(Error::msg),
            None if self.is_local() => Ok(LOCAL_URL.to_owned()),
            None => Ok(String::new()),
        }
    }

    /// The database, its engine and its environment for people.
    pub(super) fn sentence(&self, database: &RemoteDatabase) -> String {
        let shown = database.shown();
        match self.deployed() {
            Some(deployed) => format!("{} database: {shown}", deployed.name()),
            None if self.is_local() => format!("local database: {shown}"),
            None => format!("database: {shown}"),
        }
    }

    /// The harm to name when the environment's name has to be typed.
    fn asks(&self, deployed: Deployed, uses: Use) -> Option<&'static str> {
        match (uses, deployed) {
            (Use::Read | Use::Develop(_), _) | (Use::Change, Deployed::Staging) => None,
            (_, Deployed::Production) if self.yes_production => None,
            (Use::Change, Deployed::Production) => Some("changes the database of"),
            (Use::Fill, _) => Some("writes made-up people and posts into the database of"),
        }
    }
}

/// Asks for the environment's name; fails unless it is typed.
fn confirm(
    name: &str,
    what: &str,
    is_terminal: bool,
    read: &mut dyn FnMut(&str) -> Result<String>,
) -> Result<()> {
    let flag = match name {
        "production" => ", or with --yes-production",
        _ => "",
    };
    ensure!(
        is_terminal,
        "this {what} {name}, which is done only when `{name}` is typed at a terminal{flag}: nothing was changed"
    );
    let typed = read(&format!("this {what} {name}. Type `{name}` to go on: "))?;
    ensure!(
        typed.trim() == name,
        "`{name}` was not typed: nothing was changed"
    );
    Ok(())
}

fn read_line(question: &str) -> Result<String> {
    let mut error = io::stderr();
    write!(error, "{question}")?;
    error.flush()?;
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    Ok(typed)
}

/// Prints a line beside the output, which may be for a program.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        target: Target,
    }

    fn target(line: &str) -> Target {
        Line::parse_from(line.split(' ')).target
    }

    #[test]
    fn production_is_changed_only_when_its_name_is_typed() {
        let asks = |line: &str, uses| {
            let target = target(line);
            target.asks(target.deployed().unwrap(), uses).is_some()
        };
        for (line, uses, expected) in [
            ("db --env production", Use::Read, false),
            ("db --env production", Use::Change, true),
            ("db --env production", Use::Fill, true),
            ("db --env production --yes-production", Use::Change, false),
            ("db --env production --yes-production", Use::Fill, false),
            ("db --env staging", Use::Read, false),
            ("db --env staging", Use::Change, false),
            ("db --env staging", Use::Fill, true),
            // The flag is for production alone.
            ("db --env staging --yes-production", Use::Fill, true),
        ] {
            assert_eq!(asks(line, uses), expected, "{line}, {uses:?}");
        }
    }

    #[test]
    fn anything_but_the_name_changes_nothing() {
        let typed = |text: &str, is_terminal| {
            let mut asked = String::new();
            let done = confirm(
                "production",
                "changes the database of",
                is_terminal,
                &mut |question| {
                    asked = question.to_owned();
                    Ok(text.to_owned())
                },
            );
            (done.map_err(|error| error.to_string()), asked)
        };
        let (done, asked) = typed("production\n", true);
        assert_eq!(done, Ok(()));
        assert_eq!(
            asked,
            "this changes the database of production. Type `production` to go on: "
        );
        for wrong in ["", "\n", "y\n", "yes\n", "Production\n", "staging\n"] {
            let (done, _) = typed(wrong, true);
            let expected = "`production` was not typed: nothing was changed";
            assert_eq!(done.unwrap_err(), expected, "{wrong:?}");
        }
        let (done, asked) = typed("production", false);
        assert_eq!(
            done.unwrap_err(),
            "this changes the database of production, which is done only when `production` is typed at a terminal, or with \
             --yes-production: nothing was changed"
        );
        assert_eq!(asked, "");
    }

    #[test]
    fn what_only_developers_do_is_refused_by_name() {
        let workspace = Workspace::find().unwrap();
        for name in ["staging", "production"] {
            let line = format!("db --env {name} --yes-production");
            let refused = target(&line).open(&workspace, Use::Develop("push"), true);
            let error = refused.err().unwrap().to_string();
            assert!(
                error.starts_with(&format!(
                    "`push` is for databases of this machine, and {name} is refused: "
                )),
                "{error}"
            );
        }
    }

    #[test]
    fn a_database_of_this_machine_and_one_elsewhere_are_not_mixed() {
        let workspace = Workspace::find().unwrap();
        let mixed = target("db --env staging --db postgres").open(&workspace, Use::Read, true);
        assert_eq!(
            mixed.err().unwrap().to_string(),
            "--db names a database of this machine; that of staging is named in wrangler.jsonc"
        );
        for wrong in [
            "db --env staging --database-url sqlite:a",
            "db --db mysql --database-url sqlite:a",
            "db --env somewhere",
        ] {
            assert!(Line::try_parse_from(wrong.split(' ')).is_err(), "{wrong}");
        }
        assert!(target("db").is_local_d1());
        assert!(target("db --db mysql").is_private());
        assert!(!target("db --env staging").is_local_d1());
        assert!(!target("db --database-url sqlite:a").is_local_d1());
    }

    #[test]
    fn the_environment_stands_before_the_database() {
        let database = RemoteDatabase::parse("postgres://u:hidden@h/d").unwrap();
        for (line, shown) in [
            ("db", "local database: "),
            ("db --env production", "production database: "),
            ("db --database-url sqlite:a", "database: "),
        ] {
            let expected = format!("{shown}PostgreSQL at h:5432, database d, as u");
            assert_eq!(target(line).sentence(&database), expected);
        }
    }
}
