//! An environment of wrangler.jsonc, as the commands see it that reach a deployed site: its database, its address, and
//! what is missing to use them. Each missing thing is one sentence that names it and says what to do.
//! Absent: using them; see `prerender` and `deploy`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::database::Served;
use crate::files;
use crate::workspace::Workspace;

/// What ids begin with that stand for nothing yet.
const PLACEHOLDER: &str = "00000000";

/// Environments that are deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Deployed {
    /// Where changes are tried.
    Staging,
    /// What readers see.
    Production,
}

impl Deployed {
    /// As wrangler.jsonc calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// The parts of wrangler.jsonc that matter here.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    env: BTreeMap<String, Section>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Section {
    vars: BTreeMap<String, Value>,
    d1_databases: Vec<D1>,
    hyperdrive: Vec<Hyperdrive>,
}

#[derive(Deserialize)]
struct D1 {
    binding: String,
    database_name: String,
    #[serde(default)]
    database_id: String,
}

#[derive(Deserialize)]
struct Hyperdrive {
    binding: String,
    #[serde(default)]
    id: String,
}

/// The environment of this process, or a test's own.
pub(crate) type Settings<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process; what is empty is not set.
pub(crate) fn settings(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A database that pages are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its address, password and all.
    pub(crate) url: String,
    /// What people are told that it is.
    pub(crate) shown: String,
}

impl Source {
    /// The database at this address.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            shown: Served::at(url).shown(),
        }
    }
}

/// How an environment's migrations are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Migration {
    /// By wrangler, to the D1 of this name.
    D1(String),
    /// By the `db-cli` crate, to the database at `DATABASE_URL`.
    Served,
}

/// A deployed environment.
pub(crate) struct Environment {
    which: Deployed,
    section: Section,
}

impl Environment {
    /// Reads it from wrangler.jsonc.
    pub(crate) fn read(workspace: &Workspace, which: Deployed) -> Result<Self> {
        let text = files::read(&workspace.path("wrangler.jsonc"))?;
        let text = String::from_utf8(text).context("wrangler.jsonc is not UTF-8")?;
        Self::parse(&text, which)
    }

    fn parse(text: &str, which: Deployed) -> Result<Self> {
        let mut file: File =
            jsonc_parser::parse_to_serde_value(text, &jsonc_parser::ParseOptions::default())
                .context("wrangler.jsonc cannot be read")?;
        let Some(section) = file.env.remove(which.name()) else {
            bail!(
                "wrangler.jsonc has no environment `{0}`: add it under `env`, with its own bindings and variables",
                which.name()
            );
        };
        Ok(Self { which, section })
    }

    /// `staging` or `production`.
    pub(crate) fn name(&self) -> &'static str {
        self.which.name()
    }

    /// The site's address, without a slash at its end.
    pub(crate) fn site_url(&self) -> Result<String, String> {
        match self.variable("SITE_URL") {
            Some(url) => Ok(url.trim_end_matches('/').to_owned()),
            None => Err(format!(
                "SITE_URL is missing: put the site's address, such as \"https://example.com\", into env.{}.vars of \
                 wrangler.jsonc, where the Worker finds it too",
                self.name()
            )),
        }
    }

    /// Where its migrations go.
    pub(crate) fn migration(&self) -> Migration {
        match self.driver() {
            "d1" => Migration::D1(
                self.d1()
                    .map_or_else(|| "DB".to_owned(), |d1| d1.database_name.clone()),
            ),
            _ => Migration::Served,
        }
    }

    /// What people call its database, without asking whether it can be reached.
    pub(crate) fn database_shown(&self) -> String {
        match self.migration() {
            Migration::D1(name) => format!("the D1 {name}"),
            Migration::Served => format!("the database of env.{} ({})", self.name(), self.driver()),
        }
    }

    /// Its database, or what is missing to reach it.
    pub(crate) fn database(&self, get: Settings<'_>) -> Result<Source, Vec<String>> {
        match self.driver() {
            "d1" => self.d1_source(get),
            driver @ ("hyperdrive" | "postgres" | "mysql") => {
                let url = get("DATABASE_URL").ok_or_else(|| vec![self.no_database_url(driver)])?;
                let schemes: &[&str] = match driver {
                    "postgres" => &["postgres://", "postgresql://"],
                    "mysql" => &["mysql://"],
                    _ => &["postgres://", "postgresql://", "mysql://"],
                };
                if !schemes.iter().any(|scheme| url.starts_with(scheme)) {
                    return Err(vec![format!(
                        "DATABASE_URL is not the address that env.{} needs: its DB_DRIVER is {driver}, so it begins \
                         with {}",
                        self.name(),
                        schemes.join(" or ")
                    )]);
                }
                Ok(Source::at(&url))
            }
            other => Err(vec![format!(
                "DB_DRIVER of env.{} is {other}: it is d1, hyperdrive, postgres or mysql",
                self.name()
            )]),
        }
    }

    /// What keeps a real deployment from beginning.
    pub(crate) fn refusals(&self, get: Settings<'_>) -> Vec<String> {
        let mut why = self.placeholders();
        if let Err(mut missing) = self.database(get) {
            // A placeholder is one reason, not two.
            missing.retain(|line| !why.contains(line));
            why.extend(missing);
        }
        why.extend(self.site_url().err());
        why
    }

    /// Bindings that stand for nothing yet.
    fn placeholders(&self) -> Vec<String> {
        let name = self.name();
        let d1 = self
            .section
            .d1_databases
            .iter()
            .filter(|d1| is_placeholder(&d1.database_id));
        let hyperdrive = self
            .section
            .hyperdrive
            .iter()
            .filter(|binding| is_placeholder(&binding.id));
        d1.map(|d1| no_d1(name, d1))
            .chain(hyperdrive.map(|hyperdrive| {
                format!(
                    "the Hyperdrive binding {} of env.{name} has a placeholder for its id: run `npx wrangler \
                     hyperdrive create`, and put the id that it prints into wrangler.jsonc",
                    hyperdrive.binding
                )
            }))
            .collect()
    }

    fn d1_source(&self, get: Settings<'_>) -> Result<Source, Vec<String>> {
        let mut missing = Vec::new();
        let d1 = self.d1();
        match d1 {
            Some(d1) if is_placeholder(&d1.database_id) => missing.push(no_d1(self.name(), d1)),
            Some(_) => {}
            None => missing.push(format!(
                "the D1 binding DB is missing: env.{} of wrangler.jsonc has none under d1_databases",
                self.name()
            )),
        }
        let account = get("CLOUDFLARE_ACCOUNT_ID");
        if account.is_none() {
            missing.push(
                "CLOUDFLARE_ACCOUNT_ID is not set: set it to the id of the account that the database is in, which \
                 `npx wrangler whoami` shows"
                    .to_owned(),
            );
        }
        if get("CLOUDFLARE_API_TOKEN").is_none() {
            missing.push(
                "CLOUDFLARE_API_TOKEN is not set: make a token that may edit Workers Scripts and D1 at \
                 https://dash.cloudflare.com/profile/api-tokens, and set it"
                    .to_owned(),
            );
        }
        match (d1, account) {
            (Some(d1), Some(account)) if missing.is_empty() => Ok(Source {
                url: format!("d1:{account}/{}", d1.database_id),
                shown: self.database_shown(),
            }),
            _ => Err(missing),
        }
    }

    fn no_database_url(&self, driver: &str) -> String {
        format!(
            "DATABASE_URL is not set: the database of env.{} is reached by {driver}, so set it to the address \
             (postgres://user:password@host:port/name, or mysql://…)",
            self.name()
        )
    }

    fn driver(&self) -> &str {
        self.variable("DB_DRIVER").unwrap_or("d1")
    }

    fn variable(&self, name: &str) -> Option<&str> {
        let value = self.section.vars.get(name)?.as_str()?;
        (!value.is_empty()).then_some(value)
    }

    fn d1(&self) -> Option<&D1> {
        self.section
            .d1_databases
            .iter()
            .find(|d1| d1.binding == "DB")
    }
}

fn is_placeholder(id: &str) -> bool {
    id.is_empty() || id.starts_with(PLACEHOLDER)
}

fn no_d1(environment: &str, d1: &D1) -> String {
    let name = &d1.database_name;
    format!(
        "the D1 {name} of env.{environment} has a placeholder for its id: run `npx wrangler d1 create {name}`, and put \
         the id that it prints into wrangler.jsonc"
    )
}

#[cfg(test)]
mod tests;
