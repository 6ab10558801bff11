//! The files that are served beside the Worker: styles, scripts, the islands' wasm, public files. Owns their names,
//! their caching and the manifest that tells the pages which names to use.
//! Absent: compiling the client (`client`) and the Worker (`worker`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::ui::Step;
use crate::workspace::{Mode, Workspace};
use crate::{client, files, process, ui};

/// The assets of the manifest, by the name that pages use.
const RELEASE: [&str; 5] = [
    "main.css",
    "theme.js",
    "islands.js",
    "client.wasm",
    "speculation.json",
];
/// Served in development only: reloads open pages and shows compile errors.
const DEV_SCRIPT: &str = "dev.js";

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

    /// Tells the next compilation of the pages what these assets are called.
    pub(crate) fn announce(&self, workspace: &Workspace) -> Result<()> {
        write_manifest(workspace, self.mode, &self.manifest)
    }

    /// Makes these assets the ones that are served; says whether that changed anything.
    pub(crate) fn publish(&self, workspace: &Workspace) -> Result<bool> {
        files::mirror(&self.folder, &workspace.path("target/site"))
    }
}

/// Writes the development manifest, whose names are the same for any content, so that checks and tests compile with one.
pub(crate) fn announce_dev(workspace: &Workspace) -> Result<()> {
    let names = RELEASE.into_iter().chain([DEV_SCRIPT]);
    let manifest = names
        .map(|name| (name.to_owned(), url(name, b"", Mode::Dev)))
        .collect();
    write_manifest(workspace, Mode::Dev, &manifest)
}

fn write_manifest(
    workspace: &Workspace,
    mode: Mode,
    manifest: &BTreeMap<String, String>,
) -> Result<()> {
    let text = serde_json::to_string_pretty(manifest)?;
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
        staged.announce(&workspace).unwrap();
        assert!(staged.publish(&workspace).unwrap());
        let manifest: BTreeMap<String, String> =
            serde_json::from_slice(&files::read(&workspace.manifest(Mode::Release)).unwrap())
                .unwrap();
        let served = root
            .join("target/site")
            .join(manifest["main.css"].trim_start_matches('/'));
        assert_eq!(files::read(&served).unwrap(), b"body{}");
        assert!(!staged.publish(&workspace).unwrap());

        announce_dev(&workspace).unwrap();
        let dev: BTreeMap<String, String> =
            serde_json::from_slice(&files::read(&workspace.manifest(Mode::Dev)).unwrap()).unwrap();
        assert_eq!(dev["islands.js"], "/assets/islands-dev.js");
        assert_eq!(dev.len(), RELEASE.len() + 1);
        files::remove(&root).unwrap();
    }
}
