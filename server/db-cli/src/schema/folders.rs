//! The folders of migrations: one for each dialect, with files of the same names.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use db::Dialect;
use db::migrate::Migration;

/// The migrations of a repository.
pub(super) struct Folders {
    root: PathBuf,
    /// The files' names, in order.
    names: Vec<String>,
}

impl Folders {
    /// Lists the files.
    ///
    /// # Errors
    /// A sentence about a folder that lacks a file of another, or about two files of one number.
    pub(super) fn open(root: &Path) -> Result<Self> {
        let list = |dialect: Dialect| -> Result<Vec<String>> {
            let folder = root.join(dialect.name());
            let entries = std::fs::read_dir(&folder)
                .with_context(|| format!("{} cannot be read", folder.display()))?;
            let mut names = Vec::new();
            for entry in entries {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if name.ends_with(".sql") {
                    names.push(name);
                }
            }
            names.sort();
            Ok(names)
        };
        let names = list(Dialect::Sqlite)?;
        for dialect in [Dialect::Postgres, Dialect::MySql] {
            let others = list(dialect)?;
            let lacks = |has: &[String], all: &[String]| {
                all.iter().find(|name| !has.contains(name)).cloned()
            };
            for (folder, missing) in [
                (dialect, lacks(&others, &names)),
                (Dialect::Sqlite, lacks(&names, &others)),
            ] {
                if let Some(missing) = missing {
                    bail!(
                        "{} has no {missing}, which another folder has: each migration is one file for each engine",
                        root.join(folder.name()).display()
                    );
                }
            }
        }
        for two in names.windows(2) {
            ensure!(
                number(&two[0]) != number(&two[1]),
                "{} and {} have the same number, as two branches write them: give the later one the next number, in each folder",
                two[0],
                two[1]
            );
        }
        Ok(Self {
            root: root.to_owned(),
            names,
        })
    }

    /// The migrations of one dialect. Their texts stay in memory until the program ends.
    pub(super) fn read(&self, dialect: Dialect) -> Result<Vec<Migration>> {
        let read = |name: &String| -> Result<Migration> {
            let path = self.root.join(dialect.name()).join(name);
            let sql = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            Ok(migration(name.clone(), sql))
        };
        self.names.iter().map(read).collect()
    }

    /// The folder with the folders of migrations.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The number of migrations.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of the newest migration, without its number and its ending.
    pub(super) fn newest(&self) -> Option<&str> {
        let name = self.names.last()?.strip_suffix(".sql")?;
        Some(name.split_once('_').map_or(name, |(_, title)| title))
    }

    /// The name of the next file.
    pub(super) fn next(&self, title: &str) -> String {
        let last = self.names.iter().filter_map(|name| number(name)).max();
        format!("{:04}_{title}.sql", last.unwrap_or(0) + 1)
    }

    /// Writes a file in each folder; where one cannot be written, none is left. Returns their paths.
    pub(super) fn write(&self, name: &str, texts: &[(Dialect, String)]) -> Result<Vec<PathBuf>> {
        let mut written: Vec<PathBuf> = Vec::new();
        for (dialect, text) in texts {
            let path = self.root.join(dialect.name()).join(name);
            if let Err(error) = std::fs::write(&path, text) {
                for path in &written {
                    let _ = std::fs::remove_file(path);
                }
                let _ = std::fs::remove_file(&path);
                return Err(error).with_context(|| {
                    format!("{} cannot be written; no file was kept", path.display())
                });
            }
            written.push(path);
        }
        Ok(written)
    }
}

/// A migration that lives as long as the program.
pub(super) fn migration(name: String, sql: String) -> Migration {
    Migration {
        name: name.leak(),
        sql: sql.leak(),
    }
}

fn number(name: &str) -> Option<u32> {
    name.split('_').next()?.parse().ok()
}
