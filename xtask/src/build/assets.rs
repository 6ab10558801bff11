//! The files that are served beside the Worker: styles, scripts, the islands' wasm, public files. Owns their names,
//! their caching and the manifest that the pages are compiled with.
//! Absent: compiling the client and the Worker; see `wasm`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{sources, wasm};
use crate::ui::Step;
use crate::workspace::{Mode, Workspace};
use crate::{files, process, ui};

/// The assets of the manifest, by the names that pages use.
const NAMES: [&str; 7] = [
    "main.css",
    "page.js",
    "islands.js",
    "passkeys.js",
    "preview.js",
    "client.wasm",
    "speculation.json",
];
/// A script of development alone: it reloads open pages and shows compile errors.
pub(super) const DEV_SCRIPT: &str = "dev.js";
/// The key in the manifest of the hash of the pages' sources.
const BUILD: &str = "build";

/// Headers for names that stay while their content changes: nothing may be cached. (Of two blocks for one pattern the later alone would hold.)
const DEV_HEADERS: &str = "/*
  X-Content-Type-Options: nosniff
  Cache-Control: no-store

/assets/*
  Cross-Origin-Resource-Policy: same-origin

/assets/*.json
  Content-Type: application/speculationrules+json

/media/*
  Cross-Origin-Resource-Policy: cross-origin

/og.png
  Cross-Origin-Resource-Policy: cross-origin

/favicon*
  Cross-Origin-Resource-Policy: cross-origin

/apple-touch-icon.png
  Cross-Origin-Resource-Policy: cross-origin
";
/// Headers for hashed names, whose content never changes, and for public files, which may change.
const RELEASE_HEADERS: &str = "/*
  X-Content-Type-Options: nosniff

/assets/*
  Cross-Origin-Resource-Policy: same-origin
  Cache-Control: public, max-age=31536000, immutable

/assets/*.json
  Content-Type: application/speculationrules+json

/media/*
  Cross-Origin-Resource-Policy: cross-origin
  Cache-Control: public, max-age=86400

/og.png
  Cross-Origin-Resource-Policy: cross-origin

/favicon*
  Cross-Origin-Resource-Policy: cross-origin
  Cache-Control: public, max-age=86400

/apple-touch-icon.png
  Cross-Origin-Resource-Policy: cross-origin
";

/// Assets that are built and not yet served.
pub(crate) struct Staged {
    pub(crate) folder: PathBuf,
    /// Name → URL path.
    manifest: BTreeMap<String, String>,
    mode: Mode,
}

/// Bundles styles and scripts around the client that was built last, and names everything.
pub(super) fn build(workspace: &Workspace, mode: Mode, has_dev_script: bool) -> Result<Staged> {
    ui::step("styles and scripts", |step| {
        let bundled = workspace.stage(mode).join("bundled");
        files::fresh(&bundled)?;
        let mut staged = Staged {
            folder: workspace.stage(mode).join("site"),
            manifest: BTreeMap::new(),
            mode,
        };
        files::fresh(&staged.folder)?;

        let client = wasm::client_folder(workspace, mode).join("client_bg.wasm");
        staged.add("client.wasm", &files::read(&client)?)?;
        for (name, entry, flag) in [
            (
                "main.css",
                workspace.path("style/main.css"),
                "--external:/media/*",
            ),
            ("page.js", workspace.path("style/page.js"), "--format=iife"),
            (
                "islands.js",
                islands_entry(workspace, mode)?,
                "--format=esm",
            ),
            (
                "passkeys.js",
                workspace.path("app/client/passkeys.js"),
                "--format=esm",
            ),
            (
                "preview.js",
                workspace.path("app/client/preview.js"),
                "--format=esm",
            ),
            (
                DEV_SCRIPT,
                workspace.path("app/client/dev.js"),
                "--format=iife",
            ),
        ] {
            if name == DEV_SCRIPT && !has_dev_script {
                continue;
            }
            let output = bundled.join(name);
            bundle(workspace, step, &entry, &output, flag)?;
            staged.add(name, &files::read(&output)?)?;
        }
        staged.add(
            "speculation.json",
            &files::read(&workspace.path("app/client/speculation.json"))?,
        )?;

        let public = workspace.path("app/public");
        for file in files::list(&public)? {
            files::write(
                &staged.folder.join(&file),
                &files::read(&public.join(&file))?,
            )?;
        }
        let headers = match mode {
            Mode::Dev => DEV_HEADERS,
            Mode::Release => RELEASE_HEADERS,
        };
        files::write(&staged.folder.join("_headers"), headers.as_bytes())?;
        step.note(format!("{} files", files::list(&staged.folder)?.len()));
        Ok(staged)
    })
}

impl Staged {
    fn add(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let url = url(name, content, self.mode);
        files::write(&self.folder.join(url.trim_start_matches('/')), content)?;
        self.manifest.insert(name.to_owned(), url);
        Ok(())
    }

    /// Writes the manifest for the next compilation of the pages; returns the hash of their sources.
    pub(super) fn write_manifest(&self, workspace: &Workspace) -> Result<String> {
        let build = match self.mode {
            Mode::Dev => self.mode.name().to_owned(),
            Mode::Release => sources::hash(workspace, &self.manifest)?,
        };
        save(workspace, self.mode, &build, &self.manifest)?;
        Ok(build)
    }
}

/// The manifest of the last release.
pub(crate) struct Manifest {
    /// The hash of the pages' sources.
    pub(crate) build: String,
    /// Name → URL path.
    pub(crate) assets: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads the manifest, if it exists and has a hash.
    pub(crate) fn read(workspace: &Workspace) -> Option<Self> {
        let text = fs::read(workspace.manifest(Mode::Release)).ok()?;
        let mut assets: BTreeMap<String, String> = serde_json::from_slice(&text).ok()?;
        let build = assets.remove(BUILD)?;
        Some(Self { build, assets })
    }

    /// Returns whether the sources are still those of the manifest.
    pub(crate) fn is_current(&self, workspace: &Workspace) -> Result<bool> {
        Ok(sources::hash(workspace, &self.assets)? == self.build)
    }
}

/// Writes the development manifest, whose names are independent of content, so that checks and tests compile with it.
pub(crate) fn write_dev_manifest(workspace: &Workspace) -> Result<()> {
    let names = NAMES.into_iter().chain([DEV_SCRIPT]);
    let manifest = names
        .map(|name| (name.to_owned(), url(name, b"", Mode::Dev)))
        .collect();
    save(workspace, Mode::Dev, Mode::Dev.name(), &manifest)
}

fn save(
    workspace: &Workspace,
    mode: Mode,
    build: &str,
    assets: &BTreeMap<String, String>,
) -> Result<()> {
    let mut manifest = assets.clone();
    manifest.insert(BUILD.to_owned(), build.to_owned());
    let text = serde_json::to_string_pretty(&manifest)?;
    files::write(&workspace.manifest(mode), format!("{text}\n").as_bytes())?;
    Ok(())
}

/// The path that an asset is served at: `/assets/main-0123456789.css`, in development `/assets/main-dev.css`.
fn url(name: &str, content: &[u8], mode: Mode) -> String {
    if name == DEV_SCRIPT {
        return format!("/assets/{name}");
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    let version = match mode {
        Mode::Dev => "dev".to_owned(),
        Mode::Release => files::hash(content),
    };
    format!("/assets/{stem}-{version}.{extension}")
}

/// Puts the hand-written modules of app/client beside the generated glue, where `./client.js` is what they import.
fn islands_entry(workspace: &Workspace, mode: Mode) -> Result<PathBuf> {
    let folder = wasm::client_folder(workspace, mode);
    let sources = workspace.path("app/client");
    for entry in fs::read_dir(&sources).context("cannot list app/client")? {
        let path = entry.context("cannot list app/client")?.path();
        let name = path.file_name().unwrap_or_default();
        if name == "client.js" {
            bail!("app/client/client.js would hide the generated module of that name: rename it");
        }
        if path.extension().is_some_and(|extension| extension == "js") {
            files::write(&folder.join(name), &files::read(&path)?)?;
        }
    }
    Ok(folder.join("islands.js"))
}

fn bundle(
    workspace: &Workspace,
    step: &mut Step,
    entry: &Path,
    output: &Path,
    flag: &str,
) -> Result<()> {
    let mut esbuild = workspace.node_tool("esbuild");
    esbuild
        .arg(entry)
        .args([
            "--bundle",
            "--minify",
            "--log-level=warning",
            "--legal-comments=none",
        ])
        .arg(format!("--outfile={}", output.display()))
        .arg(flag);
    process::run(step, &mut esbuild)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::build::sources::tests::small_workspace;

    #[test]
    fn a_name_follows_content_in_release_and_never_in_development() {
        assert_eq!(
            url("main.css", b"", Mode::Release),
            "/assets/main-e3b0c44298.css"
        );
        assert_ne!(
            url("main.css", b"a", Mode::Release),
            url("main.css", b"b", Mode::Release)
        );
        assert_eq!(url("main.css", b"a", Mode::Dev), "/assets/main-dev.css");
        assert_eq!(url("dev.js", b"a", Mode::Dev), "/assets/dev.js");
    }

    #[test]
    fn the_manifest_names_what_was_staged() {
        let workspace = small_workspace("manifest");
        let mut staged = Staged {
            folder: workspace.path("stage"),
            manifest: BTreeMap::new(),
            mode: Mode::Release,
        };
        staged.add("main.css", b"body{}").unwrap();
        let build = staged.write_manifest(&workspace).unwrap();
        let manifest = Manifest::read(&workspace).unwrap();
        let file = staged
            .folder
            .join(manifest.assets["main.css"].trim_start_matches('/'));
        assert_eq!(files::read(&file).unwrap(), b"body{}");
        assert_eq!((manifest.build.len(), &manifest.build), (10, &build));
        assert!(manifest.is_current(&workspace).unwrap());
        files::write(&workspace.path("app/src/lib.rs"), b"changed").unwrap();
        assert!(!manifest.is_current(&workspace).unwrap());

        write_dev_manifest(&workspace).unwrap();
        let dev: BTreeMap<String, String> =
            serde_json::from_slice(&files::read(&workspace.manifest(Mode::Dev)).unwrap()).unwrap();
        assert_eq!(dev["islands.js"], "/assets/islands-dev.js");
        assert_eq!(dev["build"], "dev");
        assert_eq!(dev.len(), NAMES.len() + 2);
        files::remove(&workspace.root).unwrap();
    }
}
