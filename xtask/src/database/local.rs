//! The local D1: a SQLite file in wrangler's state.
//! Absent: SQL; see the module above.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::remote::RemoteDatabase;
use crate::workspace::Workspace;
use crate::{files, process, wrangler};

/// The folder of D1's migrations.
const MIGRATIONS: &str = "migrations/sqlite";
const OBJECTS: &str = "v3/d1/miniflare-D1DatabaseObject";
/// A script that prints whether the database named on the command line has no user.
const HAS_NO_USERS: &str = "const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.argv[1], { readOnly: true });
console.log(database.prepare('SELECT NOT EXISTS (SELECT 1 FROM users) AS empty').get().empty);";

/// A local D1, as wrangler keeps it.
pub(crate) struct LocalD1 {
    /// The folder of wrangler's state.
    folder: PathBuf,
    is_default: bool,
}

impl LocalD1 {
    /// The database of `cargo x dev`.
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self {
            folder: workspace.path(".wrangler/state"),
            is_default: true,
        }
    }

    /// A database in another folder, for tests.
    pub(crate) fn inside(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            is_default: false,
        }
    }

    pub(super) fn reset(&self) -> Result<()> {
        files::remove(&self.folder.join("v3/d1"))?;
        files::remove(&self.stamp())
    }

    /// The database's file; there is none before the first migration.
    fn file(&self) -> Option<PathBuf> {
        let folder = self.folder.join(OBJECTS);
        let databases = std::fs::read_dir(&folder).ok()?.filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_database = path.extension()? == "sqlite" && path.file_stem()? != "metadata";
            let changed = path.metadata().and_then(|file| file.modified());
            is_database.then(|| (changed.unwrap_or(SystemTime::UNIX_EPOCH), path))
        });
        databases.max().map(|(_, path)| path)
    }

    fn existing(&self) -> Result<PathBuf> {
        self.file()
            .context("no local database: run `cargo x db migrate`")
    }

    pub(super) fn remote(&self) -> Result<RemoteDatabase> {
        let file = self.existing()?;
        let file = file.display();
        Ok(RemoteDatabase::named(
            format!("sqlite:{file}"),
            file.to_string(),
        ))
    }

    /// Applies the migrations that it lacks; returns whether there were any.
    pub(super) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        let state = migrations_hash(workspace)?;
        let stamp = self.stamp().join("applied");
        let is_current = std::fs::read_to_string(&stamp).is_ok_and(|present| present == state);
        if is_current && self.file().is_some() {
            return Ok(false);
        }
        if self.file().is_none() {
            self.create(workspace)?;
        }
        let is_changed = self.remote()?.migrate(workspace)?;
        files::write(&stamp, state.as_bytes())?;
        Ok(is_changed)
    }

    /// Creates it, empty: only wrangler knows under which name workerd looks for it.
    fn create(&self, workspace: &Workspace) -> Result<()> {
        let arguments = ["d1", "execute", "DB", "--local", "--command", "SELECT 1"];
        let mut wrangler = wrangler::command(workspace, &arguments);
        if !self.is_default {
            wrangler.arg("--persist-to").arg(&self.folder);
        }
        process::step("local D1", &mut wrangler).map(|_| ())
    }

    /// Returns whether it has no users.
    pub(super) fn is_empty(&self, workspace: &Workspace) -> Result<bool> {
        let file = self.existing()?;
        let mut node = workspace.node_tool("node");
        node.args(["--no-warnings", "--eval", HAS_NO_USERS, "--"])
            .arg(&file);
        let output = process::output(&mut node).with_context(|| {
            format!(
                "no table `users` in {}: run `cargo x db migrate`",
                file.display()
            )
        })?;
        Ok(output == "1")
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("waypost")
    }
}

fn migrations_hash(workspace: &Workspace) -> Result<String> {
    let folder = workspace.path(MIGRATIONS);
    let mut all = Vec::new();
    for file in files::list(&folder)? {
        all.extend_from_slice(file.to_string_lossy().as_bytes());
        all.extend(files::read(&folder.join(file))?);
    }
    Ok(files::hash(&all))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_database_is_the_file_that_is_not_metadata() {
        let folder = std::env::temp_dir().join(format!("xtask-database-{}", std::process::id()));
        let local = LocalD1::inside(&folder);
        assert_eq!(local.file(), None);
        files::write(&folder.join(OBJECTS).join("metadata.sqlite"), b"").unwrap();
        files::write(&folder.join(OBJECTS).join("0a1b.sqlite-wal"), b"").unwrap();
        assert_eq!(local.file(), None);
        let database = folder.join(OBJECTS).join("0a1b.sqlite");
        files::write(&database, b"").unwrap();
        assert_eq!(local.file(), Some(database));
        local.reset().unwrap();
        assert_eq!(local.file(), None);
        files::remove(&folder).unwrap();
    }
}
