//! The files: pages by version where the Worker looks for them, fixed pages by their path, and the manifest.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use app::assets::BUILD;
use app::prerender::{BUILD_FILE, error_file, manifest_file, page_file};

use crate::render::RenderedPage;

/// Headers that the assets' own `_headers` rules give every file.
const ASSET_HEADERS: [&str; 1] = ["x-content-type-options"];

/// A folder that is being filled.
pub struct Output {
    folder: PathBuf,
    created: HashSet<PathBuf>,
    /// File of the manifest → path → version.
    manifest: BTreeMap<String, BTreeMap<String, String>>,
    /// The paths of fixed pages.
    fixed: Vec<String>,
}

impl Output {
    /// Creates the folder, or takes an empty one.
    ///
    /// # Errors
    /// When there is something in it already, or it cannot be created.
    pub fn create(folder: &Path) -> Result<Self> {
        let is_empty = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(error).context(folder.display().to_string()),
        };
        ensure!(
            is_empty,
            "{} is not empty: pages of another run would stay in it",
            folder.display()
        );
        Ok(Self {
            folder: folder.to_owned(),
            created: HashSet::new(),
            manifest: BTreeMap::new(),
            fixed: Vec::new(),
        })
    }

    /// Writes a page.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn page(&mut self, path: &str, page: &RenderedPage) -> Result<()> {
        let Some(version) = page.version else {
            self.fixed.push(path.to_owned());
            return self.write(path, &page.bytes);
        };
        let part = self.manifest.entry(manifest_file(path)).or_default();
        part.insert(path.to_owned(), version.to_string());
        self.write(&page_file(path, version), &page.bytes)
    }

    /// Writes an error page.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn error(&mut self, status: u16, page: &[u8]) -> Result<()> {
        self.write(&error_file(status), page)
    }

    /// Writes the manifest, the headers of fixed pages, which no Worker adds, and last the build, without which the Worker
    /// looks at no other file.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(mut self, headers: Vec<(&'static str, String)>) -> Result<()> {
        for (part, versions) in std::mem::take(&mut self.manifest) {
            self.write(&part, &serde_json::to_vec(&versions)?)?;
        }
        let mut rules = String::new();
        for path in std::mem::take(&mut self.fixed) {
            rules.push_str(&format!(
                "\n{path}\n  Content-Type: text/html; charset=utf-8\n"
            ));
            for (name, value) in headers
                .iter()
                .filter(|(name, _)| !ASSET_HEADERS.contains(name))
            {
                rules.push_str(&format!("  {name}: {value}\n"));
            }
        }
        self.write("/_headers", rules.as_bytes())?;
        self.write(BUILD_FILE, BUILD.as_bytes())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let file = self.folder.join(path.trim_start_matches('/'));
        let folder = file.parent().unwrap_or(&self.folder);
        if self.created.insert(folder.to_owned()) {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::write(&file, bytes).with_context(|| file.display().to_string())
    }
}
