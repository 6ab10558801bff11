//! The settings of a deployed environment that are in no repository: from this process's environment, else from files.
//! Absent: what they mean; see `environment`. The settings of a site on this machine; see `secrets` and `settings`.

use std::io::ErrorKind;

use anyhow::{Context, Result};

use crate::dotenv;
use crate::workspace::Workspace;

/// The URL of the database; files may have it too.
pub(crate) const DATABASE_URL: &str = "DATABASE_URL";
/// The settings that only the process's environment has.
const OF_PROCESS: [&str; 2] = ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"];

/// A variable of this process; an empty one counts as not set.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The files that may have the database's URL, in the order in which they are asked.
pub(crate) fn files(environment: &str) -> [String; 3] {
    [
        format!(".env.{environment}.local"),
        ".env.local".to_owned(),
        ".env".to_owned(),
    ]
}

/// A value, and where it is from.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    name: &'static str,
    pub(crate) value: String,
    /// `the environment`, or a file's name.
    pub(crate) place: String,
}

/// The settings that are set, the deciding one of each name first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(Vec<Setting>);

impl Variables {
    /// Reads those of this process, then the files of the environment with this name.
    ///
    /// # Errors
    /// Names a file that exists and cannot be read.
    pub(crate) fn read(workspace: &Workspace, environment: &str) -> Result<Self> {
        let process = [DATABASE_URL].into_iter().chain(OF_PROCESS);
        let process = process.filter_map(|name| Some(Self::of_process(name, variable(name)?)));
        let mut all: Vec<Setting> = process.collect();
        for file in files(environment) {
            let text = match std::fs::read_to_string(workspace.path(&file)) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                text => text.with_context(|| format!("{file} cannot be read"))?,
            };
            all.extend(dotenv::value(&text, DATABASE_URL).map(|value| Setting {
                name: DATABASE_URL,
                value,
                place: file,
            }));
        }
        Ok(Self(all))
    }

    /// The setting of this name that counts.
    pub(crate) fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.name == name)
    }

    fn of_process(name: &'static str, value: String) -> Setting {
        let place = "the environment".to_owned();
        Setting { name, value, place }
    }

    /// Variables of a process, for tests.
    #[cfg(test)]
    pub(crate) fn given(pairs: &[(&'static str, &str)]) -> Self {
        let all = pairs.iter();
        Self(
            all.map(|(name, value)| Self::of_process(name, (*value).to_owned()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;
    use crate::files::write;

    #[test]
    fn the_nearest_file_decides_and_each_value_knows_where_it_is_from() {
        let root = scratch("variables");
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        let found = |environment: &str| {
            let all = Variables::read(&workspace, environment).unwrap();
            // Whoever runs the tests may have one in the environment, which comes first.
            let of_files = |one: &&Setting| one.name == DATABASE_URL && one.place.starts_with('.');
            let first = all.0.iter().find(of_files).cloned();
            first.map(|one| format!("{} from {}", one.value, one.place))
        };
        assert_eq!(found("staging"), None);
        write(&root.join(".env"), b"DATABASE_URL=one").unwrap();
        assert_eq!(found("staging").unwrap(), "one from .env");
        write(&root.join(".env.local"), b"DATABASE_URL='two'\n").unwrap();
        assert_eq!(found("staging").unwrap(), "two from .env.local");
        let near = b"CLOUDFLARE_API_TOKEN=x\nDATABASE_URL=three";
        write(&root.join(".env.staging.local"), near).unwrap();
        assert_eq!(found("staging").unwrap(), "three from .env.staging.local");
        assert_eq!(found("production").unwrap(), "two from .env.local");
        // An empty one is as good as none.
        write(&root.join(".env.staging.local"), b"DATABASE_URL=\n").unwrap();
        assert_eq!(found("staging").unwrap(), "two from .env.local");
        write(&root.join(".env.local"), b"\xff").unwrap();
        let error = Variables::read(&workspace, "staging").unwrap_err();
        assert_eq!(error.to_string(), ".env.local cannot be read");
    }
}
