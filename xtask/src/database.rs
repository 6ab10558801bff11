//! The databases that a site is run on here: the local D1, with its file, and those that have an address.
//! Absent: SQL; wrangler applies D1's migrations, and the `db-cli` crate does everything else.

mod engine;
mod served;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::workspace::{Mode, Workspace};
use crate::{assets, files, process, ui, wrangler};
pub(crate) use engine::{Engine, Store, Told};
pub(crate) use served::Served;

/// Where the migrations are that D1 takes.
pub(crate) const MIGRATIONS: &str = "migrations/sqlite";
const OBJECTS: &str = "v3/d1/miniflare-D1DatabaseObject";
/// Answers whether the database named on the command line has no user yet.
const HAS_NO_USERS: &str = "const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.argv[1], { readOnly: true });
console.log(database.prepare('SELECT NOT EXISTS (SELECT 1 FROM users) AS empty').get().empty);";

/// A local D1, as wrangler keeps it.
pub(crate) struct Local {
    folder: PathBuf,
    is_default: bool,
}

/// How much to seed; the `db-cli` crate's own numbers where none is given.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Amount {
    /// How many users.
    #[arg(long)]
    pub(crate) users: Option<u32>,
    /// How many posts.
    #[arg(long)]
    pub(crate) posts: Option<u32>,
}

impl Amount {
    /// As the `db-cli` crate takes it.
    fn arguments(self) -> Vec<String> {
        [("--users", self.users), ("--posts", self.posts)]
            .into_iter()
            .filter_map(|(name, number)| Some([name.to_owned(), number?.to_string()]))
            .flatten()
            .collect()
    }
}

/// Where a site's data is.
pub(crate) enum Database {
    /// The local D1.
    D1(Local),
    /// One that has an address.
    Served(Served),
}

impl Database {
    /// Removes all that is in it.
    pub(crate) fn reset(&self) -> Result<()> {
        match self {
            Self::D1(local) => local.reset(),
            Self::Served(served) => served.reset(),
        }
    }

    /// Applies the migrations that it lacks; says whether there was anything to apply.
    pub(crate) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        match self {
            Self::D1(local) => local.migrate(workspace),
            Self::Served(served) => served.migrate(workspace),
        }
    }

    /// Fills it with the example site.
    pub(crate) fn seed(&self, workspace: &Workspace, amount: Amount) -> Result<()> {
        match self {
            Self::D1(local) => local.seed(workspace, amount),
            Self::Served(served) => served.seed(workspace, amount),
        }
    }

    /// Migrates it, and fills it unless somebody has written to it.
    pub(crate) fn prepare(&self, workspace: &Workspace) -> Result<()> {
        self.migrate(workspace)?;
        match self {
            Self::D1(local) if local.is_empty(workspace)? => {
                local.seed(workspace, Amount::default())
            }
            Self::D1(_) => Ok(()),
            Self::Served(served) => served.seed_if_empty(workspace),
        }
    }

    /// How a native program finds it; a D1 only after its first migration.
    pub(crate) fn url(&self) -> Result<String> {
        match self {
            Self::D1(local) => Ok(format!("sqlite:{}", local.existing()?.display())),
            Self::Served(served) => Ok(served.url().to_owned()),
        }
    }

    /// Where it is, for people.
    pub(crate) fn shown(&self) -> Result<String> {
        match self {
            Self::D1(local) => Ok(local.existing()?.display().to_string()),
            Self::Served(served) => Ok(served.shown()),
        }
    }
}

impl Local {
    /// The one that `cargo x dev` serves from.
    pub(crate) fn usual(workspace: &Workspace) -> Self {
        Self {
            folder: workspace.path(".wrangler/state"),
            is_default: true,
        }
    }

    /// One in another folder, for tests.
    pub(crate) fn inside(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            is_default: false,
        }
    }

    /// Removes it with all its data.
    pub(crate) fn reset(&self) -> Result<()> {
        files::remove(&self.folder.join("v3/d1"))?;
        files::remove(&self.stamp())
    }

    /// The database's file; there is none before the first migration.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let folder = self.folder.join(OBJECTS);
        let databases = std::fs::read_dir(&folder).ok()?.filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_database = path.extension()? == "sqlite" && path.file_stem()? != "metadata";
            let changed = path.metadata().and_then(|file| file.modified());
            is_database.then(|| (changed.unwrap_or(SystemTime::UNIX_EPOCH), path))
        });
        databases.max().map(|(_, path)| path)
    }

    /// The file, which must be there by now.
    fn existing(&self) -> Result<PathBuf> {
        self.file()
            .context("no local database: run `cargo x db migrate`")
    }

    /// Applies the migrations that it lacks; says whether there was anything to apply.
    pub(crate) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        let state = migrations_hash(workspace)?;
        let stamp = self.stamp().join("migrations");
        let is_current = std::fs::read_to_string(&stamp).is_ok_and(|present| present == state);
        if is_current && self.file().is_some() {
            return Ok(false);
        }
        ui::step("migrations", |step| {
            let mut wrangler =
                wrangler::command(workspace, &["d1", "migrations", "apply", "DB", "--local"]);
            if !self.is_default {
                wrangler.arg("--persist-to").arg(&self.folder);
            }
            process::run(step, &mut wrangler)?;
            Ok(((), String::new()))
        })?;
        files::write(&stamp, state.as_bytes())?;
        Ok(true)
    }

    /// Whether nobody has written to it.
    pub(crate) fn is_empty(&self, workspace: &Workspace) -> Result<bool> {
        let file = self.existing()?;
        let mut node = workspace.command(workspace.path("node_modules/.bin/node"));
        node.args(["--no-warnings", "--eval", HAS_NO_USERS, "--"])
            .arg(&file);
        let answer = process::answer(&mut node).with_context(|| {
            format!(
                "no table `users` in {}: run `cargo x db migrate`",
                file.display()
            )
        })?;
        Ok(answer == "1")
    }

    /// Fills it with the example site.
    pub(crate) fn seed(&self, workspace: &Workspace, amount: Amount) -> Result<()> {
        let file = self.existing()?;
        assets::announce_dev(workspace)?;
        ui::step("seed", |step| {
            let mut cargo = workspace.cargo(Mode::Dev);
            cargo
                .args([
                    "run",
                    "-p",
                    "db-cli",
                    "--profile",
                    "native",
                    "--",
                    "seed",
                    "--database",
                ])
                .arg(&file)
                .args(amount.arguments())
                // Its errors say enough.
                .env("RUST_LIB_BACKTRACE", "0");
            let output = process::run(step, &mut cargo)?;
            let note = output.lines().last().unwrap_or_default().trim();
            Ok(((), note.to_owned()))
        })
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
    fn an_amount_is_told_as_far_as_it_is_given() {
        let posts = Amount {
            users: None,
            posts: Some(9),
        };
        assert_eq!(posts.arguments(), ["--posts", "9"]);
        assert!(Amount::default().arguments().is_empty());
    }

    #[test]
    fn the_database_is_the_file_that_is_not_metadata() {
        let folder = std::env::temp_dir().join(format!("xtask-database-{}", std::process::id()));
        let local = Local::inside(&folder);
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
