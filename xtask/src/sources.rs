//! What the pages are made from, as one short text that changes when a page could. The Worker and the program that
//! prerenders are compiled with it, so that the one can tell pages of another build from its own.
//! Absent: where it is written down; see `assets`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::files;
use crate::worker::SERVED;
use crate::workspace::Workspace;

const FOLDERS: [&str; 2] = ["app", "server"];
const FILES: [&str; 2] = ["Cargo.toml", "Cargo.lock"];
/// What is among them and in no page: what is built, programs that make no page, the example site.
const OTHERS: [&str; 4] = [
    SERVED,
    "server/db-cli",
    "server/native-server",
    "server/example-site",
];
/// Folders of tests, wherever they are.
const TESTS: [&str; 2] = ["tests", "snapshots"];

/// Hashes the sources of the pages and the addresses of their assets.
pub(crate) fn hash(workspace: &Workspace, assets: &BTreeMap<String, String>) -> Result<String> {
    let mut all = Sha256::new();
    // Lengths go in too: what stands where must not be a matter of guessing.
    let mut add = |part: &[u8]| {
        all.update((part.len() as u64).to_le_bytes());
        all.update(part);
    };
    for file in list(workspace)? {
        add(file.to_string_lossy().as_bytes());
        add(&files::read(&workspace.path(file))?);
    }
    for (name, address) in assets {
        add(name.as_bytes());
        add(address.as_bytes());
    }
    Ok(files::hash(&all.finalize()))
}

/// The sources of the pages, sorted.
fn list(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = FILES.map(PathBuf::from).into();
    for folder in FOLDERS {
        let below = files::list(&workspace.path(folder))?;
        let paths = below.into_iter().map(|file| Path::new(folder).join(file));
        found.extend(paths.filter(|path| is_source(path)));
    }
    Ok(found)
}

fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_leftover = name.starts_with('.') || name.ends_with('~');
    let is_test = path
        .components()
        .any(|part| TESTS.iter().any(|folder| part.as_os_str() == *folder));
    !is_leftover && !is_test && !OTHERS.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn it_changes_with_what_a_page_is_made_from_and_with_nothing_else() {
        let root = std::env::temp_dir().join(format!("xtask-sources-{}", std::process::id()));
        let workspace = Workspace { root: root.clone() };
        let write = |path: &str, content: &str| {
            files::write(&root.join(path), content.as_bytes()).unwrap();
        };
        write("Cargo.toml", "");
        write("Cargo.lock", "");
        write("app/src/lib.rs", "1");
        let mut assets = BTreeMap::from([("main.css".to_owned(), "/assets/main-1.css".to_owned())]);
        let mut last = hash(&workspace, &assets).unwrap();
        assert_eq!(last, hash(&workspace, &assets).unwrap());

        for path in [
            "app/src/lib.rs",
            "app/Cargo.toml",
            "server/db/src/lib.rs",
            "server/prerender/src/main.rs",
            "Cargo.lock",
        ] {
            write(path, "changed");
            let next = hash(&workspace, &assets).unwrap();
            assert_ne!(next, last, "{path}");
            last = next;
        }
        for path in [
            "server/build/index.js",
            "server/db-cli/src/main.rs",
            "server/db/tests/contract.rs",
            "server/db/src/queries/snapshots/a.snap",
            "app/src/.lib.rs.swp",
            "style/main.css",
        ] {
            write(path, "changed");
            assert_eq!(hash(&workspace, &assets).unwrap(), last, "{path}");
        }
        assets.insert("main.css".to_owned(), "/assets/main-2.css".to_owned());
        assert_ne!(hash(&workspace, &assets).unwrap(), last);
        files::remove(&root).unwrap();
    }
}
