//! The cargo features with which the Worker is compiled: clients for servers, as wrangler.jsonc names them, and what tests
//! add.

use std::collections::BTreeSet;

use anyhow::Result;
use database_url::{Address, ServerDialect};
use serde_json::Value;

use crate::workspace::{Mode, Workspace};
use crate::wrangler::{self, Section};

/// Every server that the Worker can speak to. Their names are features of the crate `server`, on by default.
const SERVERS: [ServerDialect; 2] = [ServerDialect::MySql, ServerDialect::Postgres];

/// Cargo features of the Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkerFeatures {
    /// The servers that it has clients for, by their names.
    servers: BTreeSet<&'static str>,
    /// Features beside those, separated by commas.
    more: Option<String>,
    /// A release is optimised. What only tests run is not worth those minutes.
    is_optimised: bool,
}

impl WorkerFeatures {
    /// A client for every server.
    pub(crate) fn all() -> Self {
        Self {
            servers: SERVERS.map(ServerDialect::name).into(),
            more: None,
            is_optimised: true,
        }
    }

    /// Clients for the servers that wrangler.jsonc names: nobody's first request waits for others to be compiled.
    pub(crate) fn deployed(workspace: &Workspace) -> Result<Self> {
        let sections = wrangler::parse_sections(&wrangler::read_config(workspace)?)?;
        Ok(Self {
            servers: sections.iter().flat_map(servers).collect(),
            more: None,
            is_optimised: true,
        })
    }

    /// The Worker that tests run.
    pub(crate) fn for_tests() -> Self {
        Self {
            is_optimised: false,
            ..Self::all().with(Some("test_routes"))
        }
    }

    /// True if this mode is a release, and yet not worth the optimiser's minutes.
    pub(super) fn is_quick(&self, mode: Mode) -> bool {
        mode == Mode::Release && !self.is_optimised
    }

    /// Adds these features.
    pub(crate) fn with(mut self, more: Option<&str>) -> Self {
        self.more = more.map(str::to_owned);
        self
    }

    /// The arguments of cargo.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut features: Vec<_> = self.more.iter().map(String::as_str).collect();
        if self.servers.len() < SERVERS.len() {
            arguments.push("--no-default-features".to_owned());
            features.extend(&self.servers);
        }
        if !features.is_empty() {
            arguments.extend(["--features".to_owned(), features.join(",")]);
        }
        arguments
    }

    /// The words for people after the Worker's name, if it is not for D1 alone.
    pub(super) fn label(&self) -> String {
        let all: Vec<_> = self
            .servers
            .iter()
            .copied()
            .chain(self.more.as_deref())
            .collect();
        match all.is_empty() {
            true => "Worker".to_owned(),
            false => format!("Worker with {}", all.join(", ")),
        }
    }
}

/// The servers that one environment may need.
fn servers(section: &Section) -> Vec<&'static str> {
    let name = |dialect: ServerDialect| dialect.name();
    match section.vars.get("DB_DRIVER").and_then(Value::as_str) {
        Some("postgres") => vec![name(ServerDialect::Postgres)],
        Some("mysql") => vec![name(ServerDialect::MySql)],
        // Its server is known to Cloudflare; the URL of the local one may tell.
        Some("hyperdrive") => {
            let local = |binding: &wrangler::Hyperdrive| match Address::parse(&binding.local) {
                Ok(Address::Server(server)) => Some(name(server.dialect)),
                Ok(_) | Err(_) => None,
            };
            let all: Option<Vec<_>> = section.hyperdrive.iter().map(local).collect();
            match all {
                Some(named) if !named.is_empty() => named,
                _ => SERVERS.map(name).to_vec(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployed(config: &str) -> Vec<String> {
        let sections = wrangler::parse_sections(config).expect("it can be read");
        let servers = sections.iter().flat_map(servers).collect();
        WorkerFeatures {
            servers,
            ..WorkerFeatures::all()
        }
        .arguments()
    }

    #[test]
    fn the_worker_has_clients_for_the_servers_that_an_environment_names() {
        let none: &[&str] = &["--no-default-features"];
        let postgres: &[&str] = &["--no-default-features", "--features", "postgres"];
        let mysql: &[&str] = &["--no-default-features", "--features", "mysql"];
        for (config, expected) in [
            (r"{}", none),
            (
                r#"{ "vars": { "DB_DRIVER": "d1" }, "env": { "a": {} } }"#,
                none,
            ),
            (r#"{ "vars": { "DB_DRIVER": "postgres" } }"#, postgres),
            (
                r#"{ "env": { "a": { "vars": { "DB_DRIVER": "mysql" } }, "b": {} } }"#,
                mysql,
            ),
            (
                r#"{ "vars": { "DB_DRIVER": "mysql" }, "env": { "a": { "vars": { "DB_DRIVER": "postgres" } } } }"#,
                &[],
            ),
            (
                r#"{ "vars": { "DB_DRIVER": "hyperdrive" }, "hyperdrive": [{ "binding": "A", "id": "1" }] }"#,
                &[],
            ),
            (
                r#"{ "vars": { "DB_DRIVER": "hyperdrive" },
                     "hyperdrive": [{ "binding": "A", "localConnectionString": "mysql://u:p@127.0.0.1/db" }] }"#,
                mysql,
            ),
            // Not every binding tells.
            (
                r#"{ "vars": { "DB_DRIVER": "hyperdrive" }, "hyperdrive": [
                     { "binding": "A", "localConnectionString": "mysql://u:p@127.0.0.1/db" }, { "binding": "B" }] }"#,
                &[],
            ),
        ] {
            assert_eq!(deployed(config), expected, "{config}");
        }
    }

    #[test]
    fn tests_have_every_client() {
        assert_eq!(WorkerFeatures::all().arguments(), [] as [&str; 0]);
        assert_eq!(
            WorkerFeatures::for_tests().arguments(),
            ["--features", "test_routes"]
        );
    }
}
