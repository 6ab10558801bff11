//! The engines that a site can be run on here, and how the Worker learns which one it is.
//! Absent: the databases; see the module above.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Database, Local, Served};
use crate::services::Service;
use crate::workspace::Workspace;
use crate::{files, secrets};

/// Hyperdrive's bindings, in front of one and the same database.
const BINDINGS: &str = "  \"hyperdrive\": [
    { \"binding\": \"HYPERDRIVE_CACHED\", \"id\": \"local\" },
    { \"binding\": \"HYPERDRIVE_DIRECT\", \"id\": \"local\" }
  ],
";

/// Which database the Worker uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Cloudflare D1, local.
    #[default]
    D1,
    /// A private PostgreSQL, over a socket.
    Postgres,
    /// A private MariaDB or MySQL, over a socket.
    Mysql,
    /// The private PostgreSQL through Hyperdrive's bindings, which locally pass everything on.
    Hyperdrive,
}

/// Which database a native program uses.
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

impl Store {
    /// Gets at the database; its server is started when it does not run.
    pub(crate) fn open(self, workspace: &Workspace) -> Result<Database> {
        Ok(match self {
            Self::D1 => Database::D1(Local::usual(workspace)),
            Self::Postgres => Database::Served(Served::private(workspace, Service::Postgres)?),
            Self::Mysql => Database::Served(Served::private(workspace, Service::Mysql)?),
        })
    }
}

/// What wrangler has to be told beside wrangler.jsonc.
#[derive(Default)]
pub(crate) struct Told {
    /// In its environment.
    pub(crate) env: Vec<(&'static str, String)>,
    /// A configuration in the place of wrangler.jsonc.
    pub(crate) config: Option<PathBuf>,
}

impl Engine {
    /// Where its data is.
    pub(crate) fn store(self) -> Store {
        match self {
            Self::D1 => Store::D1,
            Self::Postgres | Self::Hyperdrive => Store::Postgres,
            Self::Mysql => Store::Mysql,
        }
    }

    /// What the Worker calls it in `DB_DRIVER`.
    pub(crate) fn driver(self) -> &'static str {
        match self {
            Self::D1 => "d1",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Hyperdrive => "hyperdrive",
        }
    }

    /// Makes the database known to the Worker.
    pub(crate) fn tell(self, workspace: &Workspace, database: &Database) -> Result<Told> {
        let url = match database {
            Database::D1(_) => return Ok(Told::default()),
            Database::Served(served) => served.url(),
        };
        if self != Self::Hyperdrive {
            secrets::set(workspace, "DATABASE_URL", url)?;
            return Ok(Told::default());
        }
        let env = [
            "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE_CACHED",
            "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE_DIRECT",
        ];
        Ok(Told {
            env: env.map(|name| (name, url.to_owned())).to_vec(),
            config: config(workspace)?,
        })
    }
}

/// wrangler.jsonc with Hyperdrive's bindings, in a file of its own; none where it has them already.
fn config(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let text = files::read(&workspace.path("wrangler.jsonc"))?;
    let text = String::from_utf8(text).context("wrangler.jsonc is not UTF-8")?;
    let Some(text) = with_bindings(&text)? else {
        return Ok(None);
    };
    let path = workspace.path(".wrangler/dev/hyperdrive.jsonc");
    files::write(&path, text.as_bytes())?;
    Ok(Some(path))
}

fn with_bindings(text: &str) -> Result<Option<String>> {
    let has_them = |line: &str| line.trim_start().starts_with("\"hyperdrive\"");
    if text.lines().any(has_them) {
        return Ok(None);
    }
    let mut lines = String::new();
    let mut is_open = false;
    for line in text.split_inclusive('\n') {
        lines.push_str(line);
        if !is_open && line.trim_end() == "{" {
            is_open = true;
            lines.push_str(BINDINGS);
        }
    }
    is_open
        .then_some(Some(lines))
        .context("no line of wrangler.jsonc is its opening `{`")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn bindings_are_added_where_there_are_none() {
        let added = with_bindings("// {\n{\n  \"env\": {\n  }\n}\n")
            .unwrap()
            .unwrap();
        assert_eq!(
            added,
            format!("// {{\n{{\n{BINDINGS}  \"env\": {{\n  }}\n}}\n")
        );
        assert_eq!(with_bindings("{\n  \"hyperdrive\": []\n}").unwrap(), None);
        assert!(with_bindings("{}").is_err());
    }
}
