//! An environment of wrangler.jsonc: its database, its address, and the settings that are missing to reach them. Each
//! missing setting is one sentence that names it and says how to set it.
//! Absent: using them; see `prerender` and `deploy`.

use std::path::Path;

use anyhow::{Context, Result};
use database_url::Address;
use database_url::local_d1::BoundD1;

use crate::database::RemoteDatabase;
use crate::environment_arg::Deployed;
use crate::variables::{self, DATABASE_URL, Variables};
use crate::workspace::Workspace;
use crate::wrangler::{self, Section};

/// The beginning of ids that were not replaced by a real one.
const PLACEHOLDER_PREFIX: &str = "00000000";

/// The configuration of a deployed environment.
pub(crate) struct Environment {
    name: &'static str,
    section: Section,
    variables: Variables,
}

impl Environment {
    /// Reads it from wrangler.jsonc, and its settings from where [`Variables`] are.
    pub(crate) fn read(workspace: &Workspace, deployed: Deployed) -> Result<Self> {
        Self::read_from(&workspace.path(wrangler::CONFIG), workspace, deployed)
    }

    /// Reads it from another wrangler.jsonc.
    pub(crate) fn read_from(
        config: &Path,
        workspace: &Workspace,
        deployed: Deployed,
    ) -> Result<Self> {
        let variables = Variables::read(workspace, deployed.name())?;
        Self::parse(&wrangler::read_config_file(config)?, deployed, variables)
    }

    fn parse(text: &str, deployed: Deployed, variables: Variables) -> Result<Self> {
        let name = deployed.name();
        let section = wrangler::parse_environments(text)?.remove(name).with_context(|| {
            format!(
                "wrangler.jsonc has no environment `{name}`: add it under `env`, with its own bindings and variables"
            )
        })?;
        Ok(Self {
            name,
            section,
            variables,
        })
    }

    /// Its name: `staging` or `production`.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The site's address, without a slash at its end.
    pub(crate) fn site_url(&self) -> Result<String, String> {
        match self.worker_variable("SITE_URL") {
            Some(url) => Ok(url.trim_end_matches('/').to_owned()),
            None => Err(format!(
                "SITE_URL is missing: put the site's address, such as \"https://example.com\", into env.{}.vars of \
                 wrangler.jsonc, which the Worker reads too",
                self.name
            )),
        }
    }

    /// Its database for people, also where it cannot be reached.
    pub(crate) fn database_name(&self) -> String {
        match self.driver() {
            "d1" => {
                let name = self.d1().map_or("DB", |d1| &d1.database_name);
                format!("the D1 {name}")
            }
            driver => format!("the database of env.{} ({driver})", self.name),
        }
    }

    /// Its database, or the settings that are missing to reach it.
    pub(crate) fn database(&self) -> Result<RemoteDatabase, Vec<String>> {
        match self.driver() {
            "d1" => self.remote_d1(),
            driver @ ("hyperdrive" | "postgres" | "mysql") => {
                let setting = self.variables.get(DATABASE_URL);
                let setting = setting.ok_or_else(|| vec![self.no_database_url(driver)])?;
                let (url, place) = (&setting.value, &setting.place);
                let suits = |name: &str| driver == "hyperdrive" || driver == name;
                match Address::parse(url) {
                    Ok(Address::Server(server)) if suits(server.dialect.name()) => {
                        Ok(RemoteDatabase::named(url.clone(), server.describe()))
                    }
                    Ok(_) => Err(vec![format!(
                        "DATABASE_URL in {place} does not suit env.{}: its DB_DRIVER is {driver}",
                        self.name
                    )]),
                    Err(why) => Err(vec![format!(
                        "DATABASE_URL in {place} cannot be used: {why}"
                    )]),
                }
            }
            other => Err(vec![format!(
                "DB_DRIVER of env.{} is {other}: set it to d1, hyperdrive, postgres or mysql",
                self.name
            )]),
        }
    }

    /// Everything that is missing for a deployment.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut all = self.placeholders();
        if let Err(mut missing) = self.database() {
            // A placeholder is named once.
            missing.retain(|line| !all.contains(line));
            all.extend(missing);
        }
        all.extend(self.site_url().err());
        all
    }

    /// Bindings whose ids are placeholders.
    fn placeholders(&self) -> Vec<String> {
        let name = self.name;
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

    fn remote_d1(&self) -> Result<RemoteDatabase, Vec<String>> {
        let mut missing = Vec::new();
        let d1 = self.d1();
        match d1 {
            Some(d1) if is_placeholder(&d1.database_id) => missing.push(no_d1(self.name, d1)),
            Some(_) => {}
            None => missing.push(format!(
                "the D1 binding DB is missing: add it under d1_databases of env.{} in wrangler.jsonc",
                self.name
            )),
        }
        let account = self.variables.get("CLOUDFLARE_ACCOUNT_ID");
        if account.is_none() {
            missing.push(
                "CLOUDFLARE_ACCOUNT_ID is not set: set it to the id of the database's account, which \
                 `npx wrangler whoami` shows"
                    .to_owned(),
            );
        }
        if self.variables.get("CLOUDFLARE_API_TOKEN").is_none() {
            missing.push(
                "CLOUDFLARE_API_TOKEN is not set: make a token that may edit Workers Scripts and D1 at \
                 https://dash.cloudflare.com/profile/api-tokens, and set it"
                    .to_owned(),
            );
        }
        match (d1, account) {
            (Some(d1), Some(account)) if missing.is_empty() => {
                let (account, id) = (&account.value, &d1.database_id);
                Ok(RemoteDatabase::named(
                    format!("d1:{account}/{id}"),
                    format!("{}, {id} of account {account}", self.database_name()),
                ))
            }
            _ => Err(missing),
        }
    }

    fn no_database_url(&self, driver: &str) -> String {
        format!(
            "DATABASE_URL is not set: DB_DRIVER of env.{} is {driver}, so put the database's URL \
             (postgres://user:password@host:port/name, or mysql://…) into the environment or into {}",
            self.name,
            variables::files(self.name)[0]
        )
    }

    fn driver(&self) -> &str {
        self.worker_variable("DB_DRIVER").unwrap_or("d1")
    }

    fn worker_variable(&self, name: &str) -> Option<&str> {
        let value = self.section.vars.get(name)?.as_str()?;
        (!value.is_empty()).then_some(value)
    }

    fn d1(&self) -> Option<&BoundD1> {
        self.section
            .d1_databases
            .iter()
            .find(|d1| d1.binding == "DB")
    }
}

fn is_placeholder(id: &str) -> bool {
    id.is_empty() || id.starts_with(PLACEHOLDER_PREFIX)
}

fn no_d1(environment: &str, d1: &BoundD1) -> String {
    let name = &d1.database_name;
    format!(
        "the D1 {name} of env.{environment} has a placeholder for its id: run `npx wrangler d1 create {name}`, and put \
         the id that it prints into wrangler.jsonc"
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn environment(section: &str) -> Environment {
        let text = format!("// A comment.\n{{ \"env\": {{ \"staging\": {section}, }}, }}");
        Environment::parse(&text, Deployed::Staging, Variables::default()).unwrap()
    }

    fn d1(id: &str) -> Environment {
        environment(&format!(
            r#"{{ "d1_databases": [{{ "binding": "DB", "database_name": "site", "database_id": "{id}" }}] }}"#
        ))
    }

    impl Environment {
        /// Sets variables of the process.
        fn with(mut self, pairs: &[(&'static str, &str)]) -> Self {
            self.variables = Variables::given(pairs);
            self
        }
    }

    fn driver(name: &str) -> Environment {
        environment(&format!(
            r#"{{ "vars": {{ "DB_DRIVER": "{name}", "SITE_URL": "https://a.example/" }} }}"#
        ))
    }

    const CLOUDFLARE: [(&str, &str); 2] = [
        ("CLOUDFLARE_ACCOUNT_ID", "account"),
        ("CLOUDFLARE_API_TOKEN", "token"),
    ];

    #[test]
    fn a_d1_is_reached_by_account_and_id() {
        let source = d1("0a1b").with(&CLOUDFLARE).database().unwrap();
        assert_eq!(source.url(), "d1:account/0a1b");
        assert_eq!(source.shown(), "the D1 site, 0a1b of account account");
        assert_eq!(d1("0a1b").database_name(), "the D1 site");
    }

    #[test]
    fn each_missing_thing_is_one_sentence() {
        let missing = d1("00000000-0000-4000-8000-000000000002")
            .database()
            .unwrap_err();
        for (line, start) in missing.iter().zip([
            "the D1 site of env.staging has a placeholder for its id: run `npx wrangler d1 create site`",
            "CLOUDFLARE_ACCOUNT_ID is not set: ",
            "CLOUDFLARE_API_TOKEN is not set: ",
        ]) {
            assert!(line.starts_with(start), "{line}");
        }
        assert_eq!(missing.len(), 3);
        let missing = environment("{}").with(&CLOUDFLARE).database().unwrap_err();
        assert!(
            missing[0].starts_with("the D1 binding DB is missing"),
            "{missing:?}"
        );
        let missing = driver("mysql").database().unwrap_err();
        assert!(
            missing[0].starts_with("DATABASE_URL is not set")
                && missing[0].ends_with("into the environment or into .env.staging.local"),
            "{missing:?}"
        );
        let missing = driver("oracle").database().unwrap_err();
        assert!(
            missing[0].contains("DB_DRIVER of env.staging is oracle"),
            "{missing:?}"
        );
    }

    #[test]
    fn a_url_suits_the_driver_and_is_shown_without_its_password() {
        let postgres = [("DATABASE_URL", "postgres://u:secret@h/d")];
        for name in ["postgres", "hyperdrive"] {
            let source = driver(name).with(&postgres).database().unwrap();
            assert_eq!(source.url(), "postgres://u:secret@h/d");
            assert_eq!(source.shown(), "PostgreSQL at h:5432, database d, as u");
            let shown = format!("the database of env.staging ({name})");
            assert_eq!(driver(name).database_name(), shown);
        }
        let wrong = driver("mysql").with(&postgres).database().unwrap_err();
        assert!(wrong[0].contains("its DB_DRIVER is mysql"), "{wrong:?}");
        assert!(!wrong[0].contains("secret"), "{wrong:?}");
        let unread = [("DATABASE_URL", "postgres://u:hid?den@h/d")];
        let unread = driver("postgres").with(&unread).database().unwrap_err();
        assert!(
            unread[0].starts_with("DATABASE_URL in the environment cannot be used: "),
            "{unread:?}"
        );
        assert!(!unread[0].contains("hid"), "{unread:?}");
    }

    #[test]
    fn each_missing_thing_is_named_once() {
        let missing = d1("00000000-0000-4000-8000-000000000002")
            .with(&CLOUDFLARE)
            .missing();
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(missing[0].contains("placeholder"), "{missing:?}");
        assert!(missing[1].starts_with("SITE_URL is missing"), "{missing:?}");
        // The Worker is bound to a D1 that it does not use: Cloudflare would still refuse it.
        let bound = environment(
            r#"{ "vars": { "DB_DRIVER": "hyperdrive", "SITE_URL": "https://a.example" },
                "d1_databases": [{ "binding": "DB", "database_name": "site", "database_id": "" }],
                "hyperdrive": [{ "binding": "HYPERDRIVE_DIRECT", "id": "00000000000000000000000000000000" }] }"#,
        );
        let missing = bound.with(&[("DATABASE_URL", "mysql://u:p@h/d")]).missing();
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(
            missing[1].contains("Hyperdrive binding HYPERDRIVE_DIRECT"),
            "{missing:?}"
        );
        let none = environment("{}").with(&CLOUDFLARE).missing();
        assert!(
            none[0].starts_with("the D1 binding DB is missing"),
            "{none:?}"
        );
        assert_eq!(
            driver("postgres")
                .with(&[("DATABASE_URL", "postgres://u:p@h/d")])
                .missing(),
            [""; 0]
        );
    }

    #[test]
    fn the_sites_address_has_no_slash_at_its_end() {
        assert_eq!(driver("mysql").site_url().unwrap(), "https://a.example");
    }

    #[test]
    fn a_missing_environment_is_named() {
        let error = Environment::parse("{}", Deployed::Production, Variables::default())
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("no environment `production`"),
            "{error}"
        );
    }

    #[test]
    fn the_repositorys_own_environments_are_read() {
        let text = include_str!("../../wrangler.jsonc");
        for deployed in [Deployed::Staging, Deployed::Production] {
            Environment::parse(text, deployed, Variables::default()).unwrap();
        }
    }
}
