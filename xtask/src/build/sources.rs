//! The packages of the workspace and their dependencies, as cargo knows them; and a hash of the sources of the pages,
//! which tells pages of another build from one's own.
//! Absent: writing the hash down; see `assets`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::wasm::WORKER_FOLDER;
use crate::files;
use crate::workspace::Workspace;

/// The packages that render pages. Both are compiled with the hash.
const RENDERERS: [&str; 2] = ["server", "prerender"];
/// Files that decide about all packages.
const ROOT_FILES: [&str; 2] = ["Cargo.toml", "Cargo.lock"];
/// Folders of tests, wherever they are.
const TEST_FOLDERS: [&str; 2] = ["tests", "snapshots"];

/// The packages of the workspace, as `cargo metadata` prints them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Packages {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    /// The features that each feature turns on.
    features: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    /// `dev` and `build`; none for those of the package itself.
    kind: Option<String>,
    /// The folder, for packages of the workspace.
    path: Option<PathBuf>,
    optional: bool,
    features: Vec<String>,
    uses_default_features: bool,
}

impl Packages {
    /// Runs `cargo metadata`.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        serde_json::from_str(&workspace.metadata()?)
            .context("`cargo metadata` prints something unexpected")
    }

    /// The names of all packages.
    #[cfg(test)]
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.packages
            .iter()
            .map(|package| package.name.as_str())
            .collect()
    }

    /// The folders of these packages and of all that they are compiled with, by their default features.
    pub(crate) fn compiled_with(&self, names: &[&str]) -> BTreeSet<&Path> {
        let is_named = |package: &&Package| names.contains(&package.name.as_str());
        let named = self.packages.iter().filter(is_named);
        let mut found: BTreeMap<&Path, BTreeSet<&str>> = named
            .map(|package| (package.folder(), BTreeSet::from(["default"])))
            .collect();
        loop {
            let before = found.clone();
            for package in &self.packages {
                let Some(features) = before.get(package.folder()) else {
                    continue;
                };
                let features = package.all_features(features);
                for dependency in &package.dependencies {
                    if let Some(folder) = &dependency.path
                        && dependency.is_compiled(&features)
                    {
                        let own = found.entry(folder).or_default();
                        own.extend(dependency.features.iter().map(String::as_str));
                        own.extend(
                            features
                                .iter()
                                .filter_map(|feature| dependency.feature(feature)),
                        );
                        own.extend(dependency.uses_default_features.then_some("default"));
                    }
                }
            }
            if found == before {
                let root = &self.workspace_root;
                let folders = found.into_keys();
                return folders
                    .filter_map(|folder| folder.strip_prefix(root).ok())
                    .collect();
            }
        }
    }

    /// The folder of the package that this path belongs to.
    pub(crate) fn owner<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        path.ancestors().find(|folder| {
            let folder = self.workspace_root.join(folder);
            self.packages
                .iter()
                .any(|package| package.folder() == folder)
        })
    }
}

impl Package {
    fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }

    /// These features and all that they turn on.
    fn all_features<'a>(&'a self, features: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let mut all = features.clone();
        loop {
            let more = all
                .iter()
                .filter_map(|feature| self.features.get(*feature))
                .flatten();
            let more: BTreeSet<&str> = more.map(String::as_str).collect();
            if more.is_subset(&all) {
                return all;
            }
            all.extend(more);
        }
    }
}

impl Dependency {
    fn is_compiled(&self, features: &BTreeSet<&str>) -> bool {
        let name = self.rename.as_ref().unwrap_or(&self.name);
        let turns_on = |feature: &&str| {
            feature.strip_prefix("dep:") == Some(name) || self.feature(feature).is_some()
        };
        self.kind.as_deref() != Some("dev") && (!self.optional || features.iter().any(turns_on))
    }

    /// The dependency's feature in `name/feature`.
    fn feature<'a>(&self, feature: &'a str) -> Option<&'a str> {
        let (name, feature) = feature.split_once('/')?;
        (name == self.rename.as_ref().unwrap_or(&self.name)).then_some(feature)
    }
}

/// Hashes the sources of the pages and the addresses of their assets.
pub(super) fn hash(workspace: &Workspace, assets: &BTreeMap<String, String>) -> Result<String> {
    let mut all = Sha256::new();
    // With lengths: the same bytes, divided otherwise, are other sources.
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
fn list(workspace: &Workspace) -> Result<BTreeSet<PathBuf>> {
    let packages = Packages::read(workspace)?;
    let mut found: BTreeSet<PathBuf> = ROOT_FILES.map(PathBuf::from).into();
    for folder in packages.compiled_with(&RENDERERS) {
        let below = files::list(&workspace.path(folder))?;
        let paths = below.into_iter().map(|file| folder.join(file));
        found.extend(paths.filter(|path| packages.owner(path) == Some(folder) && is_source(path)));
    }
    Ok(found)
}

fn is_source(path: &Path) -> bool {
    let is_test = path.components().any(|part| {
        TEST_FOLDERS
            .iter()
            .any(|folder| part.as_os_str() == *folder)
    });
    !is_leftover(path) && !is_test && !path.starts_with(WORKER_FOLDER)
}

/// Returns whether an editor left the file for a moment.
pub(crate) fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || name.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// A small workspace for one test: folder, package, and the folders that it depends on.
    const PACKAGES: [(&str, &str, &[&str]); 7] = [
        ("app", "app", &["app/domain"]),
        ("app/domain", "domain", &[]),
        ("app/client", "client", &["app"]),
        ("server", "server", &["app", "server/db"]),
        ("server/db", "db", &["app/domain"]),
        ("server/db-cli", "db-cli", &["server/db"]),
        ("server/prerender", "prerender", &["server"]),
    ];

    /// Writes it into a folder of its own.
    pub(crate) fn small_workspace(name: &str) -> Workspace {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        files::fresh(&root).unwrap();
        let root = root.canonicalize().unwrap();
        let members = PACKAGES.map(|(folder, ..)| folder);
        let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
        files::write(&root.join("Cargo.toml"), manifest.as_bytes()).unwrap();
        files::write(&root.join("Cargo.lock"), b"").unwrap();
        for (folder, name, dependencies) in PACKAGES {
            let mut manifest =
                format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n");
            for dependency in dependencies {
                let (_, name, _) = PACKAGES
                    .iter()
                    .find(|(folder, ..)| folder == dependency)
                    .unwrap();
                let path = root.join(dependency);
                manifest.push_str(&format!("{name} = {{ path = {path:?} }}\n"));
            }
            files::write(&root.join(folder).join("Cargo.toml"), manifest.as_bytes()).unwrap();
            files::write(&root.join(folder).join("src/lib.rs"), b"").unwrap();
        }
        Workspace { root }
    }

    #[test]
    fn the_hash_changes_with_the_sources_of_pages_and_with_nothing_else() {
        let workspace = small_workspace("sources");
        let write = |path: &str| {
            files::write(&workspace.path(path), b"# changed").unwrap();
        };
        let mut assets = BTreeMap::from([("main.css".to_owned(), "/assets/main-1.css".to_owned())]);
        let mut last = hash(&workspace, &assets).unwrap();
        assert_eq!(last, hash(&workspace, &assets).unwrap());

        for path in [
            "app/src/lib.rs",
            "app/build.rs",
            "app/domain/src/lib.rs",
            "server/db/src/lib.rs",
            "server/prerender/src/main.rs",
            "Cargo.lock",
        ] {
            write(path);
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
            // Its wasm is among the assets.
            "app/client/src/lib.rs",
            "style/main.css",
        ] {
            write(path);
            assert_eq!(hash(&workspace, &assets).unwrap(), last, "{path}");
        }
        assets.insert("main.css".to_owned(), "/assets/main-2.css".to_owned());
        assert_ne!(hash(&workspace, &assets).unwrap(), last);
        files::remove(&workspace.root).unwrap();
    }

    #[test]
    fn the_repositorys_own_pages_are_made_of_these_packages() {
        let workspace = Workspace::find().unwrap();
        let packages = Packages::read(&workspace).unwrap();
        let folders = packages.compiled_with(&RENDERERS);
        for (folder, expected) in [
            ("app", true),
            ("app/domain", true),
            ("server/db", true),
            ("server/mysql-wire", true),
            ("server/prerender", true),
            ("server/db-cli", false),
            ("server/native-server", false),
            ("server/example-site", false),
            ("xtask", false),
        ] {
            assert_eq!(folders.contains(Path::new(folder)), expected, "{folder}");
        }
    }
}
