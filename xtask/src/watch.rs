//! Which files changed, and what that means has to be built again.
//! Absent: building; see `dev`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::build::Parts;
use crate::workspace::Workspace;

/// Editors save in several steps; a change is over when nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(80);
const FOLDERS: [&str; 4] = ["app", "server", "style", "migrations"];
/// Programs beside the Worker.
const BESIDE: [&str; 3] = ["server/db-cli", "server/example-site", "server/prerender"];
const ROOT_FILES: [&str; 3] = ["Cargo.toml", "Cargo.lock", "package.json"];

/// What has to be done about a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) parts: Parts,
    pub(crate) scripts: bool,
    pub(crate) styles: bool,
    pub(crate) migrations: bool,
}

impl Plan {
    /// What these paths, relative to the repository, ask for.
    pub(crate) fn of(paths: &BTreeSet<PathBuf>) -> Self {
        paths
            .iter()
            .fold(Self::default(), |plan, path| plan.and(Self::of_one(path)))
    }

    /// Nothing to do.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What is left to do when this plan failed and another change came.
    pub(crate) fn and(self, other: Self) -> Self {
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

    fn of_one(path: &Path) -> Self {
        let mut plan = Self::default();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_leftover = name.starts_with('.')
            || name.ends_with('~')
            || name.bytes().all(|byte| byte.is_ascii_digit());
        if is_leftover || path.starts_with(crate::worker::SERVED) {
            return plan;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let is_root_file = ROOT_FILES.iter().any(|file| path == Path::new(file));
        match extension.as_ref() {
            _ if path.starts_with("migrations") => plan.migrations = extension == "sql",
            "css" => plan.styles = true,
            _ if path.starts_with("style") || path.starts_with("app/public") => plan.scripts = true,
            "js" | "json" if path.starts_with("app/client") => plan.scripts = true,
            _ if BESIDE.iter().any(|folder| path.starts_with(folder)) => {}
            _ if path.starts_with("app/client") => plan.parts.client = true,
            _ if path.starts_with("app") || is_root_file => plan.parts = Parts::ALL,
            _ if path.starts_with("server") => plan.parts.worker = true,
            _ => {}
        }
        plan
    }
}

/// Watches the repository's sources.
pub(crate) struct Watch {
    _watcher: RecommendedWatcher,
    root: PathBuf,
    changes: Receiver<Vec<PathBuf>>,
}

impl Watch {
    /// Starts watching.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let root = workspace
            .root
            .canonicalize()
            .context("cannot watch the repository")?;
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
        for folder in FOLDERS
            .map(|folder| root.join(folder))
            .iter()
            .filter(|folder| folder.is_dir())
        {
            watcher
                .watch(folder, RecursiveMode::Recursive)
                .with_context(|| format!("cannot watch {}", folder.display()))?;
        }
        watcher
            .watch(&root, RecursiveMode::NonRecursive)
            .with_context(|| format!("cannot watch {}", root.display()))?;
        Ok(Self {
            _watcher: watcher,
            root,
            changes,
        })
    }

    /// What changed, once it is quiet again; empty when nothing did within `patience`.
    pub(crate) fn next(&self, patience: Duration) -> Result<BTreeSet<PathBuf>> {
        let mut changed = BTreeSet::new();
        let mut wait = patience;
        loop {
            match self.changes.recv_timeout(wait) {
                Ok(paths) => {
                    let relative =
                        |path: PathBuf| path.strip_prefix(&self.root).map(Path::to_owned).ok();
                    changed.extend(paths.into_iter().filter_map(relative));
                    wait = QUIET;
                }
                Err(RecvTimeoutError::Timeout) => return Ok(changed),
                Err(RecvTimeoutError::Disconnected) => {
                    anyhow::bail!("watching the repository ended")
                }
            }
        }
    }
}

/// Reading a file is an event too, and no change.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Any | EventKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Plan = Plan {
        parts: Parts {
            dev_script: false,
            client: true,
            worker: false,
        },
        scripts: false,
        styles: false,
        migrations: false,
    };
    const NOTHING: Plan = Plan {
        parts: Parts {
            dev_script: false,
            client: false,
            worker: false,
        },
        ..CLIENT
    };
    const WORKER: Plan = Plan {
        parts: Parts {
            dev_script: false,
            client: false,
            worker: true,
        },
        ..CLIENT
    };
    const ALL: Plan = Plan {
        parts: Parts::ALL,
        ..CLIENT
    };

    #[test]
    fn a_change_builds_what_depends_on_it() {
        for (path, expected) in [
            (
                "style/main.css",
                Plan {
                    styles: true,
                    ..NOTHING
                },
            ),
            (
                "style/theme.js",
                Plan {
                    scripts: true,
                    ..NOTHING
                },
            ),
            (
                "app/client/islands.js",
                Plan {
                    scripts: true,
                    ..NOTHING
                },
            ),
            (
                "app/public/favicon.svg",
                Plan {
                    scripts: true,
                    ..NOTHING
                },
            ),
            ("app/client/src/lib.rs", CLIENT),
            ("app/src/pages/home.rs", ALL),
            ("app/domain/src/lib.rs", ALL),
            ("server/src/lib.rs", WORKER),
            ("server/db/src/lib.rs", WORKER),
            ("server/db-cli/src/main.rs", NOTHING),
            ("server/build/index.js", NOTHING),
            (
                "migrations/sqlite/0002_more.sql",
                Plan {
                    migrations: true,
                    ..NOTHING
                },
            ),
            ("Cargo.toml", ALL),
            ("README.md", NOTHING),
            ("app/src/.lib.rs.swp", NOTHING),
            ("app/src/4913", NOTHING),
        ] {
            assert_eq!(Plan::of(&BTreeSet::from([path.into()])), expected, "{path}");
        }
    }

    #[test]
    fn plans_add_up() {
        let paths = BTreeSet::from(["app/client/src/lib.rs".into(), "server/src/lib.rs".into()]);
        assert_eq!(Plan::of(&paths), ALL);
        assert!(Plan::of(&BTreeSet::new()).is_empty());
    }
}
