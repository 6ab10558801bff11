//! The local D1: a SQLite file in wrangler's state.
//! Absent: SQL; see the module above.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use database_url::local_d1::{BoundD1, FOLDER};

use super::remote::RemoteDatabase;
use crate::workspace::Workspace;
use crate::{files, process, wrangler};

/// The folder of D1's migrations.
const MIGRATIONS: &str = "migrations/sqlite";
/// A script that prints whether the database named on the command line has no user.
const HAS_NO_USERS: &str = "const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.argv[1], { readOnly: true });
console.log(database.prepare('SELECT NOT EXISTS (SELECT 1 FROM users) AS empty').get().empty);";

/// A local D1, as wrangler keeps it.
pub(crate) struct LocalD1 {
    /// The database that wrangler.jsonc binds.
    bound: BoundD1,
    /// The folder of wrangler's state.
    folder: PathBuf,
    is_default: bool,
}

impl LocalD1 {
    /// The database of `cargo x dev`.
    pub(super) fn new(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            bound: wrangler::local_d1(workspace)?,
            folder: workspace.path(".wrangler/state"),
            is_default: true,
        })
    }

    /// A database in another folder, for tests.
    pub(crate) fn inside(workspace: &Workspace, folder: &Path) -> Result<Self> {
        Ok(Self {
            bound: wrangler::local_d1(workspace)?,
            folder: folder.to_owned(),
            is_default: false,
        })
    }

    pub(super) fn reset(&self) -> Result<()> {
        files::remove(&self.folder.join("v3/d1"))?;
        files::remove(&self.stamp())
    }

    /// The database's file; there is none before the first migration. Those of databases that were bound earlier may be
    /// beside it.
    fn file(&self) -> Option<PathBuf> {
        let name = self.bound.object_id();
        let file = self.folder.join(FOLDER).join(format!("{name}.sqlite"));
        file.is_file().then_some(file)
    }

    fn existing(&self) -> Result<PathBuf> {
        self.file().with_context(|| {
            format!(
                "the local D1 {} is not made yet: run `cargo x db migrate`",
                self.bound.database_name
            )
        })
    }

    pub(super) fn remote(&self) -> Result<RemoteDatabase> {
        let file = self.existing()?;
        let file = file.display();
        Ok(RemoteDatabase::named(
            format!("sqlite:{file}"),
            format!("the local D1 {}, {file}", self.bound.database_name),
        ))
    }

    /// Applies the migrations that it lacks; returns whether there were any.
    pub(super) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        let state = migrations_hash(workspace)?;
        let stamp = self.stamp().join(self.bound.object_id());
        let is_current = std::fs::read_to_string(&stamp).is_ok_and(|present| present == state);
        if is_current && self.file().is_some() {
            return Ok(false);
        }
        self.ensure_created(workspace)?;
        let is_changed = self.remote()?.migrate(workspace)?;
        files::write(&stamp, state.as_bytes())?;
        Ok(is_changed)
    }

    /// Creates it, empty, unless it exists: only wrangler knows under which name workerd looks for it.
    pub(super) fn ensure_created(&self, workspace: &Workspace) -> Result<()> {
        if self.file().is_some() {
            return Ok(());
        }
        let arguments = ["d1", "execute", "DB", "--local", "--command", "SELECT 1"];
        let mut wrangler = wrangler::local(workspace, &arguments);
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
        self.folder.join("cargo-x")
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
    use crate::files::tests::scratch;

    fn bound(id: &str, folder: &Path) -> LocalD1 {
        LocalD1 {
            bound: BoundD1 {
                database_id: id.to_owned(),
                ..BoundD1::default()
            },
            folder: folder.to_owned(),
            is_default: false,
        }
    }

    #[test]
    fn the_database_is_that_of_the_bound_id_and_no_other_one() {
        let id = "00000000-0000-4000-8000-000000000001";
        let name = "37202af4a48e51a6f9bf1676145f85cdbaaf76a4a51b95f5120b328bf5460e72";
        let folder = scratch("database");
        let (local, other) = (bound(id, &folder), bound("other", &folder));
        assert_eq!(local.file(), None);
        let database = folder.join(FOLDER).join(format!("{name}.sqlite"));
        files::write(&database, b"").unwrap();
        assert_eq!(local.file(), Some(database));
        assert_eq!(other.file(), None);
        local.reset().unwrap();
        assert_eq!(local.file(), None);
    }
}
