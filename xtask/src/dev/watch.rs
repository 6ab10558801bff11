//! Changed files, and the parts that have to be built again for them.
//! Absent: building; see `dev`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::build::{Packages, Parts, WORKER_FOLDER, is_leftover};
use crate::workspace::Workspace;

/// The pause after which a change is complete: editors save in several steps.
const DEBOUNCE: Duration = Duration::from_millis(80);
/// Folders that are watched beside those of packages.
const FOLDERS: [&str; 2] = ["style", "migrations"];
const ROOT_FILES: [&str; 3] = ["Cargo.toml", "Cargo.lock", "package.json"];

/// The work for a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) parts: Parts,
    pub(super) scripts: bool,
    pub(super) styles: bool,
    pub(super) migrations: bool,
}

impl Plan {
    /// The work for changes of these paths, which are relative to the repository.
    fn new(packages: &Packages, paths: &BTreeSet<PathBuf>) -> Self {
        paths.iter().fold(Self::default(), |plan, path| {
            plan.and(Self::for_path(packages, path))
        })
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The work of both plans.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            parts: Parts {
                dev_script: false,
                client: self.parts.client || other.parts.client,
                worker: self.parts.worker || other.parts.worker,
            },
            scripts: self.scripts || other.scripts,
            styles: self.styles || other.styles,
            migrations: self.migrations || other.migrations,
        }
    }

    fn for_path(packages: &Packages, path: &Path) -> Self {
        let mut plan = Self::default();
        if is_leftover(path) || path.starts_with(WORKER_FOLDER) {
            return plan;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        match extension.as_ref() {
            _ if path.starts_with("migrations") => plan.migrations = extension == "sql",
            "css" => plan.styles = true,
            _ if path.starts_with("style") || path.starts_with("app/public") => plan.scripts = true,
            "js" | "json" if path.starts_with("app/client") => plan.scripts = true,
            _ if ROOT_FILES.iter().any(|file| path == Path::new(file)) => plan.parts = Parts::ALL,
            _ => {
                let owner = packages.owner(path);
                let is_in = |name| {
                    owner.is_some_and(|owner| packages.compiled_with(&[name]).contains(owner))
                };
                plan.parts.client = is_in("client");
                plan.parts.worker = is_in("server");
            }
        }
        plan
    }
}

/// A watch over the repository's sources.
pub(super) struct Watch {
    _watcher: RecommendedWatcher,
    workspace: Workspace,
    packages: Packages,
    changes: Receiver<Vec<PathBuf>>,
}

impl Watch {
    /// Starts watching.
    pub(super) fn start(workspace: &Workspace) -> Result<Self> {
        let root = workspace
            .root
            .canonicalize()
            .context("cannot watch the repository")?;
        let workspace = Workspace { root };
        let packages = Packages::read(&workspace)?;
        let (sender, changes) = channel();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if let Ok(event) = event
                    && is_change(event.kind)
                {
                    let _ = sender.send(event.paths);
                }
            })
            .context("cannot watch the repository")?;
        let mut watch = |folder: &Path, mode| {
            watcher
                .watch(folder, mode)
                .with_context(|| format!("cannot watch {}", folder.display()))
        };
        // Whole top-level folders, so that a new package in one of them is watched too.
        let packages_folders = packages.compiled_with(&["client", "server"]);
        let mut folders: BTreeSet<&Path> = FOLDERS.map(Path::new).into();
        folders.extend(
            packages_folders
                .iter()
                .filter_map(|folder| folder.iter().next())
                .map(Path::new),
        );
        for folder in folders.iter().map(|folder| workspace.path(folder)) {
            if folder.is_dir() {
                watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        watch(&workspace.root, RecursiveMode::NonRecursive)?;
        Ok(Self {
            _watcher: watcher,
            workspace,
            packages,
            changes,
        })
    }

    /// The work for the next change; none when nothing changed within `timeout`.
    pub(super) fn next(&mut self, timeout: Duration) -> Result<Plan> {
        let changed = self.changed(timeout)?;
        if changed.iter().any(|path| path.ends_with("Cargo.toml")) {
            // A manifest that is being edited may be wrong: the build reports it.
            self.packages =
                Packages::read(&self.workspace).unwrap_or_else(|_| self.packages.clone());
        }
        Ok(Plan::new(&self.packages, &changed))
    }

    fn changed(&self, timeout: Duration) -> Result<BTreeSet<PathBuf>> {
        let root = &self.workspace.root;
        let mut changed = BTreeSet::new();
        let mut wait = timeout;
        loop {
            match self.changes.recv_timeout(wait) {
                Ok(paths) => {
                    let relative = |path: PathBuf| path.strip_prefix(root).map(Path::to_owned).ok();
                    changed.extend(paths.into_iter().filter_map(relative));
                    wait = DEBOUNCE;
                }
                Err(RecvTimeoutError::Timeout) => return Ok(changed),
                Err(RecvTimeoutError::Disconnected) => bail!("watching the repository ended"),
            }
        }
    }
}

/// Returns whether an event is a change; reading a file is an event too.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Any | EventKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const NOTHING: Plan = Plan {
        parts: Parts {
            dev_script: false,
            client: false,
            worker: false,
        },
        scripts: false,
        styles: false,
        migrations: false,
    };
    const ALL: Plan = Plan {
        parts: Parts::ALL,
        ..NOTHING
    };
    const CLIENT: Plan = Plan {
        parts: Parts {
            worker: false,
            ..Parts::ALL
        },
        ..NOTHING
    };
    const WORKER: Plan = Plan {
        parts: Parts {
            client: false,
            ..Parts::ALL
        },
        ..NOTHING
    };
    const SCRIPTS: Plan = Plan {
        scripts: true,
        ..NOTHING
    };
    const STYLES: Plan = Plan {
        styles: true,
        ..NOTHING
    };
    const MIGRATIONS: Plan = Plan {
        migrations: true,
        ..NOTHING
    };

    fn plan(paths: &[&str]) -> Plan {
        let packages = Packages::read(&Workspace::find().unwrap()).unwrap();
        Plan::new(&packages, &paths.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn a_change_builds_what_depends_on_it() {
        for (path, expected) in [
            ("style/main.css", STYLES),
            ("style/page.js", SCRIPTS),
            ("app/client/islands.js", SCRIPTS),
            ("app/client/passkeys.js", SCRIPTS),
            ("app/client/preview.js", SCRIPTS),
            ("app/public/favicon.svg", SCRIPTS),
            ("app/client/src/lib.rs", CLIENT),
            ("app/src/pages/home.rs", ALL),
            ("app/domain/src/lib.rs", ALL),
            ("server/src/lib.rs", WORKER),
            ("server/entry.js", WORKER),
            ("server/db/src/lib.rs", WORKER),
            ("server/db-cli/src/main.rs", NOTHING),
            ("server/native-server/src/main.rs", NOTHING),
            ("server/prerender/src/main.rs", NOTHING),
            ("server/build/index.js", NOTHING),
            ("migrations/sqlite/0002_more.sql", MIGRATIONS),
            ("Cargo.toml", ALL),
            ("README.md", NOTHING),
            ("app/src/.lib.rs.swp", NOTHING),
            ("app/src/4913", NOTHING),
        ] {
            assert_eq!(plan(&[path]), expected, "{path}");
        }
    }

    #[test]
    fn plans_add_up() {
        assert_eq!(plan(&["app/client/src/lib.rs", "server/src/lib.rs"]), ALL);
        assert!(plan(&[]).is_empty());
    }
}
