//! A database that a native program reaches by its address: the private servers', or any other.
//! Absent: SQL; the `db-cli` crate migrates and seeds.

use anyhow::{Result, bail};

use super::Amount;
use crate::process::{self, Failed};
use crate::services::{self, Lifetime, Service, Services};
use crate::ui::Step;
use crate::workspace::{Mode, Workspace};
use crate::{assets, ui};

/// A database with an address.
pub(crate) struct Served {
    url: String,
    /// The private server that it is in.
    own: Option<(Services, Service)>,
}

impl Served {
    /// The one in the private server, which is started when it does not run and goes on running.
    pub(super) fn private(workspace: &Workspace, service: Service) -> Result<Self> {
        let services = services::up(workspace, &[service], Lifetime::UntilDown)?;
        Ok(Self {
            // Nobody is between here and here.
            url: format!("{}?sslmode=disable", services.url(service)),
            own: Some((services, service)),
        })
    }

    /// The one at this address.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            own: None,
        }
    }

    /// Its address, password and all.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn reset(&self) -> Result<()> {
        match &self.own {
            Some((services, service)) => services.reset(*service),
            None => bail!("{} is not ours to throw away", without_password(self.url())),
        }
    }

    /// Applies the migrations that it lacks; says whether there was anything to apply.
    pub(super) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        let output = self.run(workspace, "migrations", &["migrate"])?;
        Ok(!output.contains("applied 0 "))
    }

    pub(super) fn seed(&self, workspace: &Workspace, amount: Amount) -> Result<()> {
        let arguments = amount.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(
            workspace,
            "seed",
            &[&["seed"], arguments.as_slice()].concat(),
        )
        .map(|_| ())
    }

    pub(super) fn seed_if_empty(&self, workspace: &Workspace) -> Result<()> {
        self.run(workspace, "seed", &["seed", "--if-empty"])
            .map(|_| ())
    }

    /// Its address without the password, for people.
    pub(crate) fn shown(&self) -> String {
        without_password(&self.url)
    }

    /// Runs the native commands' program; gives what it printed.
    fn run(&self, workspace: &Workspace, label: &str, arguments: &[&str]) -> Result<String> {
        assets::announce_dev(workspace)?;
        ui::step(label, |step| {
            let output = self.cli(workspace, step, arguments)?;
            let note = output.lines().last().unwrap_or_default().trim().to_owned();
            let note = note.replace(&self.url, &self.shown());
            Ok((output, note))
        })
    }

    fn cli(&self, workspace: &Workspace, step: &mut Step, arguments: &[&str]) -> Result<String> {
        let mut cargo = workspace.cargo(Mode::Dev);
        cargo
            .args(["run", "-p", "db-cli", "--profile", "native", "--"])
            .args(arguments)
            // Not an argument, which others on this machine could read.
            .env("DATABASE_URL", &self.url)
            // Its errors say enough.
            .env("RUST_LIB_BACKTRACE", "0");
        process::run(step, &mut cargo).map_err(|error| match error.downcast::<Failed>() {
            Ok(failed) => Failed {
                command: format!("db-cli {}", arguments.join(" ")),
                // The address, with its password, may be in it.
                output: failed.output.replace(&self.url, &self.shown()),
                ..failed
            }
            .into(),
            Err(other) => other,
        })
    }
}

/// `postgres://user@host/name` of `postgres://user:password@host/name?…`; options may hold secrets too.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, place)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{place}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (url, shown) in [
            ("postgres://u:p@h:5/d?sslmode=disable", "postgres://u@h:5/d"),
            ("mysql://u:p@ss:w@h/d", "mysql://u@h/d"),
            ("mysql://h/d?password=x", "mysql://h/d"),
            ("sqlite:/folder/file", "sqlite:/folder/file"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn only_a_private_database_is_thrown_away() {
        let refused = Served::at("postgres://u:p@h/d").reset();
        assert_eq!(
            refused.err().map(|error| error.to_string()).as_deref(),
            Some("postgres://u@h/d is not ours to throw away")
        );
    }
}
