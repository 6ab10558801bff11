//! Ports and the password, chosen once, in a file that only its owner can read. Owns the lock that keeps two commands from
//! starting the same server.
//! Absent: whether a server runs; see `daemon`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Service;
use crate::workspace::Workspace;
use crate::{files, ports, secrets, ui};

/// The settings of the servers of one checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// The password of the user `site_user` on both engines. It needs no escape in a URL or in SQL.
    pub(super) password: String,
    postgres: u16,
    mysql: u16,
}

/// The folder of all files of servers.
pub(super) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.path("target/services")
}

fn file(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("state.json")
}

/// Waits until no other command starts or ends servers; until the returned file is dropped, none does.
pub(super) fn lock(workspace: &Workspace) -> Result<File> {
    files::lock(
        &folder(workspace).join("lock"),
        "starting or ending servers",
    )
}

impl State {
    /// Reads the settings, if there are any.
    pub(super) fn load(workspace: &Workspace) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file(workspace)).ok()?).ok()
    }

    /// Reads the settings, or chooses and writes them.
    pub(super) fn load_or_choose(workspace: &Workspace) -> Result<Self> {
        if let Some(state) = Self::load(workspace) {
            return Ok(state);
        }
        let postgres = ports::free()?;
        let mut state = Self {
            password: secrets::random()?[..32].to_owned(),
            postgres,
            mysql: postgres,
        };
        while state.mysql == state.postgres {
            state.mysql = ports::free()?;
        }
        state.save(workspace)?;
        Ok(state)
    }

    pub(super) fn port(&self, service: Service) -> u16 {
        match service {
            Service::Postgres => self.postgres,
            Service::Mysql => self.mysql,
        }
    }

    /// Chooses another port if another program uses this one. Called only while the server does not run.
    pub(super) fn ensure_port(&mut self, workspace: &Workspace, service: Service) -> Result<()> {
        let port = self.port(service);
        if ports::ensure_free(port).is_ok() {
            return Ok(());
        }
        let other = ports::free()?;
        match service {
            Service::Postgres => self.postgres = other,
            Service::Mysql => self.mysql = other,
        }
        ui::line(format_args!(
            "port {port} is in use; from now on {} is at {other}",
            service.name()
        ));
        self.save(workspace)
    }

    /// The URL of a database, without options.
    pub(super) fn url(&self, service: Service, database: &str) -> String {
        let Self { password, .. } = self;
        let (scheme, port) = (service.scheme(), self.port(service));
        format!("{scheme}://site_user:{password}@127.0.0.1:{port}/{database}")
    }

    fn save(&self, workspace: &Workspace) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("cannot write the state")?;
        files::write_private(&file(workspace), text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::net::{Ipv4Addr, TcpListener};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn settings_are_kept_and_private() {
        let root = scratch("state");
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        assert_eq!(State::load(&workspace), None);
        let mut state = State::load_or_choose(&workspace).unwrap();
        assert_eq!(State::load_or_choose(&workspace).unwrap(), state);
        assert_eq!(state.password.len(), 32);
        let mode = file(&workspace).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            state.url(Service::Mysql, "site"),
            format!(
                "mysql://site_user:{}@127.0.0.1:{}/site",
                state.password, state.mysql
            )
        );

        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, state.postgres)).unwrap();
        let before = state.clone();
        state.ensure_port(&workspace, Service::Postgres).unwrap();
        assert_ne!(state.postgres, before.postgres);
        assert_eq!(State::load(&workspace), Some(state));
        drop(taken);
    }
}
