//! The files that are served beside the Worker: styles, scripts, the islands' wasm, public files. Owns their names,
//! their caching and the manifest that tells the pages which names to use.
//! Absent: compiling the client (`client`) and the Worker (`worker`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::ui::Step;
use crate::workspace::{Mode, Workspace};
use crate::{client, files, process, sources, ui};

/// The assets of the manifest, by the name that pages use.
const RELEASE: [&str; 5] = [
    "main.css",
    "theme.js",
    "islands.js",
    "client.wasm",
    "speculation.json",
];
/// Served in development only: reloads open pages and shows compile errors.
pub(crate) const DEV_SCRIPT: &str = "dev.js";
/// What the manifest holds beside assets: what the pages are made from, as one short text.
const BUILD: &str = "build";

/// Names stay and content changes, so nothing may be kept. (Of two blocks for one pattern the later alone would hold.)
const DEV_HEADERS: &str = "/*
  X-Content-Type-Options: nosniff
  Cross-Origin-Resource-Policy: same-origin
  Cache-Control: no-store

/assets/*.json
  Content-Type: application/speculationrules+json
";
/// A hashed name never changes its content; a public file may, tomorrow.
const RELEASE_HEADERS: &str = "/*
  X-Content-Type-Options: nosniff
  Cross-Origin-Resource-Policy: same-origin

/assets/*
  Cache-Control: public, max-age=31536000, immutable

/assets/*.json
  Content-Type: application/speculationrules+json

/media/*
  Cache-Control: public, max-age=86400

/favicon*
  Cache-Control: public, max-age=86400
";

/// Assets that are built and not yet served.
pub(crate) struct Staged {
    pub(crate) folder: PathBuf,
    /// Name → URL path.
    manifest: BTreeMap<String, String>,
    mode: Mode,
}

/// Bundles styles and scripts around the client that was built last, and names everything.
pub(crate) fn build(workspace: &Workspace, mode: Mode, has_dev_script: bool) -> Result<Staged> {
    ui::step("styles and scripts", |step| {
        let bundled = workspace.stage(mode).join("bundled");
        files::fresh(&bundled)?;
        let mut staged = Staged {
            folder: workspace.stage(mode).join("site"),
            manifest: BTreeMap::new(),
            mode,
        };
        files::fresh(&staged.folder)?;

        let wasm = files::read(&client::folder(workspace, mode).join("client_bg.wasm"))?;
        staged.add("client.wasm", &wasm)?;
        for (name, entry, flag) in [
            (
                "main.css",
                workspace.path("style/main.css"),
                "--external:/media/*",
            ),
            (
                "theme.js",
                workspace.path("style/theme.js"),
                "--format=iife",
            ),
            (
                "islands.js",
                islands_entry(workspace, mode)?,
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
        let note = format!("{} files", files::list(&staged.folder)?.len());
        Ok((staged, note))
    })
}

impl Staged {
    fn add(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let url = url(name, content, self.mode);
        files::write(&self.folder.join(url.trim_start_matches('/')), content)?;
        self.manifest.insert(name.to_owned(), url);
        Ok(())
    }

    /// Tells the next compilation of the pages what these assets are called, and which build that is; gives the latter.
    pub(crate) fn announce(&self, workspace: &Workspace) -> Result<String> {
        let build = match self.mode {
            Mode::Dev => self.mode.name().to_owned(),
            Mode::Release => sources::hash(workspace, &self.manifest)?,
        };
        write_manifest(workspace, self.mode, &build, &self.manifest)?;
        Ok(build)
    }
}

/// What the last release was told.
pub(crate) struct Announced {
    /// The build, as the pages know it.
    pub(crate) build: String,
    /// Name → URL path.
    pub(crate) assets: BTreeMap<String, String>,
}

impl Announced {
    /// Reads the manifest, where there is one that knows its build.
    pub(crate) fn read(workspace: &Workspace) -> Option<Self> {
        let text = fs::read(workspace.manifest(Mode::Release)).ok()?;
        let mut assets: BTreeMap<String, String> = serde_json::from_slice(&text).ok()?;
        let build = assets.remove(BUILD)?;
        Some(Self { build, assets })
    }

    /// Whether the sources are still those that it was made from.
    pub(crate) fn is_current(&self, workspace: &Workspace) -> Result<bool> {
        Ok(sources::hash(workspace, &self.assets)? == self.build)
    }
}

/// Writes the development manifest, whose names are the same for any content, so that checks and tests compile with one.
pub(crate) fn announce_dev(workspace: &Workspace) -> Result<()> {
    let names = RELEASE.into_iter().chain([DEV_SCRIPT]);
    let manifest = names
        .map(|name| (name.to_owned(), url(name, b"", Mode::Dev)))
        .collect();
    write_manifest(workspace, Mode::Dev, Mode::Dev.name(), &manifest)
}

fn write_manifest(
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

/// The path an asset is served at: `/assets/main-0123456789.css`, in development `/assets/main-dev.css`.
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
    let folder = client::folder(workspace, mode);
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
    let mut esbuild = workspace.command(workspace.path("node_modules/.bin/esbuild"));
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
        let root = std::env::temp_dir().join(format!("xtask-manifest-{}", std::process::id()));
        let workspace = Workspace { root: root.clone() };
        let mut staged = Staged {
            folder: root.join("stage"),
            manifest: BTreeMap::new(),
            mode: Mode::Release,
        };
        staged.add("main.css", b"body{}").unwrap();
        for file in ["Cargo.toml", "Cargo.lock"] {
            files::write(&root.join(file), b"").unwrap();
        }
        let build = staged.announce(&workspace).unwrap();
        let announced = Announced::read(&workspace).unwrap();
        let file = staged
            .folder
            .join(announced.assets["main.css"].trim_start_matches('/'));
        assert_eq!(files::read(&file).unwrap(), b"body{}");
        assert_eq!((announced.build.len(), &announced.build), (10, &build));
        assert!(announced.is_current(&workspace).unwrap());
        files::write(&root.join("app/src/lib.rs"), b"changed").unwrap();
        assert!(!announced.is_current(&workspace).unwrap());

        announce_dev(&workspace).unwrap();
        let dev: BTreeMap<String, String> =
            serde_json::from_slice(&files::read(&workspace.manifest(Mode::Dev)).unwrap()).unwrap();
        assert_eq!(dev["islands.js"], "/assets/islands-dev.js");
        assert_eq!(dev["build"], "dev");
        assert_eq!(dev.len(), RELEASE.len() + 2);
        files::remove(&root).unwrap();
    }
}
