//! Rust tests on this machine. All crates are built together but this one, which is running.
//! Absent: the tests; see each crate.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::slowest::Times;
use super::{Outcome, counted};
use crate::build::write_dev_manifest;
use crate::check::{BUILDS, Build, Platform, cargo_together};
use crate::count::{Count, Runner};
use crate::services::Services;
use crate::workspace::Workspace;
use crate::{files, ui};

/// The build of this program.
const COMMANDS: &str = "xtask";

pub(super) fn run(workspace: &Workspace, services: &Services, times: &Times) -> Result<Outcome> {
    write_dev_manifest(workspace)?;
    let references = workspace.path("target/snapshots-used");
    if references.exists() {
        std::fs::remove_file(&references).context("cannot remove the list of used snapshots")?;
    }
    let native = |build: &&Build| build.platform == Platform::Native;
    let (commands, site): (Vec<&Build>, Vec<&Build>) = BUILDS
        .iter()
        .filter(native)
        .partition(|build| build.name == COMMANDS);
    let mut count = Count::default();
    for (label, builds) in [("the site and its tools", site), ("the commands", commands)] {
        let mut cargo = cargo_together(workspace, "test", &builds);
        cargo
            .arg("--no-fail-fast")
            .envs(services.environment())
            .env("INSTA_UPDATE", "no")
            .env("INSTA_WORKSPACE_ROOT", &workspace.root)
            .env("INSTA_SNAPSHOT_REFERENCES_FILE", &references);
        times.configure(workspace, &mut cargo)?;
        count = count.and(counted(label, Runner::Cargo, &mut cargo, times)?);
    }
    count.add(ui::step("snapshots in use", |step| {
        let used = std::fs::read_to_string(&references).unwrap_or_default();
        step.note(check_snapshots(workspace, &used)?);
        Ok(())
    }));
    Ok(Outcome::Ran(count))
}

/// Fails if no test uses a snapshot file any more. `used` is insta's list of paths.
fn check_snapshots(workspace: &Workspace, used: &str) -> Result<String> {
    let resolve = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let used: BTreeSet<PathBuf> = used
        .lines()
        .map(|line| resolve(workspace.path(line)))
        .collect();
    let mut unused = Vec::new();
    let mut all = 0;
    for folder in ["app", "server"] {
        for file in files::list(&workspace.path(folder))? {
            if file
                .extension()
                .is_some_and(|extension| extension == "snap")
            {
                all += 1;
                let path = Path::new(folder).join(file);
                if !used.contains(&resolve(workspace.path(&path))) {
                    unused.push(path.display().to_string());
                }
            }
        }
    }
    if !unused.is_empty() {
        bail!(
            "no test uses these snapshots any more; delete them:\n{}",
            unused.join("\n")
        );
    }
    Ok(format!("{all} files"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_snapshot_without_a_test_is_named() {
        let root = scratch("snapshots");
        let workspace = Workspace {
            root: root.to_path_buf(),
        };
        let used = workspace.path("server/src/snapshots/a.snap");
        files::write(&used, b"").unwrap();
        let listed = format!("{}\n", used.display());
        assert_eq!(check_snapshots(&workspace, &listed).unwrap(), "1 files");
        assert_eq!(
            check_snapshots(&workspace, "server/src/snapshots/a.snap\n").unwrap(),
            "1 files"
        );

        files::write(&workspace.path("server/src/snapshots/b.snap"), b"").unwrap();
        let message = check_snapshots(&workspace, &listed)
            .unwrap_err()
            .to_string();
        assert!(
            message.ends_with("\nserver/src/snapshots/b.snap"),
            "{message}"
        );
    }
}
