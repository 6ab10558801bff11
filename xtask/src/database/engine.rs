//! The engines that a site can run on here, and the Worker's configuration for each.
//! Absent: the databases; see the module above.

use anyhow::Result;

use super::Database;
use crate::secrets;
use crate::workspace::Workspace;
use crate::wrangler::{self, WorkerConfig};

/// The database of the Worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Cloudflare D1, local.
    #[default]
    D1,
    /// A private PostgreSQL, over a socket.
    Postgres,
    /// A private MariaDB or MySQL, over a socket.
    Mysql,
    /// The private PostgreSQL through Hyperdrive's bindings, which only forward on this machine.
    Hyperdrive,
}

/// The database of a native program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Store {
    /// The file of the local D1.
    #[default]
    D1,
    /// A private PostgreSQL.
    Postgres,
    /// A private MariaDB or MySQL.
    Mysql,
}

impl Engine {
    /// The database that holds its data.
    pub(crate) fn store(self) -> Store {
        match self {
            Self::D1 => Store::D1,
            Self::Postgres | Self::Hyperdrive => Store::Postgres,
            Self::Mysql => Store::Mysql,
        }
    }

    /// Its name in the Worker's `DB_DRIVER`.
    pub(crate) fn driver(self) -> &'static str {
        match self {
            Self::D1 => "d1",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Hyperdrive => "hyperdrive",
        }
    }

    /// Configures the Worker for the database.
    pub(crate) fn configure(
        self,
        workspace: &Workspace,
        database: &Database,
    ) -> Result<WorkerConfig> {
        match self {
            Self::D1 => Ok(WorkerConfig::default()),
            Self::Postgres | Self::Mysql => {
                secrets::set_private_database(workspace, database.remote()?.url())?;
                Ok(WorkerConfig::default())
            }
            Self::Hyperdrive => wrangler::hyperdrive_config(workspace, database.remote()?.url()),
        }
    }
}
