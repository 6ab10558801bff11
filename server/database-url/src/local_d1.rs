//! The local D1: the database that wrangler.jsonc binds, and the file in which Miniflare keeps it.
//!
//! Absent: reading files, and other environments than the top level of wrangler.jsonc, which is the site on this machine.

use hmac::{Hmac, KeyInit, Mac};
use jsonc_parser::ParseOptions;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The folder of the databases in wrangler's state.
pub const FOLDER: &str = "v3/d1/miniflare-D1DatabaseObject";
/// The binding of the site's database.
const BINDING: &str = "DB";
/// The variable by which wrangler takes another environment.
pub const ENVIRONMENT: &str = "CLOUDFLARE_ENV";

/// A D1 as wrangler.jsonc binds it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct BoundD1 {
    /// The name of the binding.
    pub binding: String,
    /// The name for people.
    #[serde(default)]
    pub database_name: String,
    /// The id at Cloudflare.
    #[serde(default)]
    pub database_id: String,
    /// The id of the database for development, if it is another one.
    #[serde(default)]
    pub preview_database_id: String,
}

/// wrangler.jsonc, as far as it is read here.
#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    d1_databases: Vec<BoundD1>,
}

/// Fails where the value of [`ENVIRONMENT`] is another environment than that of the site on this machine.
///
/// # Errors
/// A sentence that says what to mend.
pub fn check_environment(value: Option<String>) -> Result<(), String> {
    match value.filter(|name| !name.is_empty()) {
        None => Ok(()),
        Some(name) => Err(format!(
            "{ENVIRONMENT} is `{name}`, but a site on this machine is that of the top level of wrangler.jsonc: unset it. \
             `cargo x deploy --env` and `cargo x prerender --env` name an environment"
        )),
    }
}

impl BoundD1 {
    /// Finds the site's database in the text of wrangler.jsonc. `environment` is the value of [`ENVIRONMENT`].
    ///
    /// # Errors
    /// A sentence that says what to mend.
    pub fn find(config: &str, environment: Option<String>) -> Result<Self, String> {
        check_environment(environment)?;
        let config: Config = jsonc_parser::parse_to_serde_value(config, &ParseOptions::default())
            .map_err(|error| format!("wrangler.jsonc cannot be read: {error}"))?;
        let mut databases = config.d1_databases.into_iter();
        databases.find(|d1| d1.binding == BINDING).ok_or_else(|| {
            format!(
                "wrangler.jsonc has no D1 with the binding {BINDING}: add it under d1_databases"
            )
        })
    }

    /// The id by which wrangler knows the local database.
    fn local_id(&self) -> &str {
        [&self.preview_database_id, &self.database_id]
            .into_iter()
            .find(|id| !id.is_empty())
            .unwrap_or(&self.binding)
    }

    /// The name of its file in [`FOLDER`] without the ending `.sqlite`: that of a Durable Object of a fixed class.
    pub fn object_id(&self) -> String {
        let key = Sha256::digest("miniflare-D1DatabaseObject");
        let half = |of: &[u8]| {
            let mut hmac = Hmac::<Sha256>::new_from_slice(&key).expect("a key may have any length");
            hmac.update(of);
            hmac.finalize().into_bytes()[..16].to_vec()
        };
        let mut bytes = half(self.local_id().as_bytes());
        bytes.extend(half(&bytes));
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{
        // As people write it.
        "d1_databases": [
            { "binding": "OTHER", "database_id": "o" },
            { "binding": "DB", "database_name": "site", "database_id": "a" },
        ],
        "env": { "staging": { "d1_databases": [{ "binding": "DB", "database_id": "b" }] } },
    }"#;

    #[test]
    fn the_local_d1_is_that_of_the_top_level() {
        let found = BoundD1::find(CONFIG, None).expect("a database");
        assert_eq!(
            (found.local_id(), found.database_name.as_str()),
            ("a", "site")
        );
        assert_eq!(BoundD1::find(CONFIG, Some(String::new())), Ok(found));
        for (config, environment, why) in [
            (
                CONFIG,
                Some("staging".to_owned()),
                "CLOUDFLARE_ENV is `staging`",
            ),
            ("{}", None, "wrangler.jsonc has no D1 with the binding DB"),
            ("{", None, "wrangler.jsonc cannot be read: "),
        ] {
            let refused = BoundD1::find(config, environment).expect_err(why);
            assert!(refused.starts_with(why), "{refused}");
        }
    }

    #[test]
    fn its_file_is_named_as_miniflare_names_it() {
        let with = |preview: &str, id: &str| BoundD1 {
            binding: "DB".to_owned(),
            database_id: id.to_owned(),
            preview_database_id: preview.to_owned(),
            ..BoundD1::default()
        };
        let id = "00000000-0000-4000-8000-000000000001";
        let name = "37202af4a48e51a6f9bf1676145f85cdbaaf76a4a51b95f5120b328bf5460e72";
        assert_eq!(with("", id).object_id(), name);
        assert_eq!(with(id, "other").object_id(), name);
        assert_ne!(with("", "").object_id(), name);
        assert_eq!(with("", "").local_id(), "DB");
    }
}
