//! Where a built site stands, complete, for wrangler to serve or upload: its files, its Worker, and a note of what they
//! are. Owns exchanging all files at once, and putting right what an interrupted command left.
//! Absent: making the files; see `assets`, `worker` and `prerender`.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::workspace::Workspace;
use crate::{files, ui, worker};

/// The rules for the headers of files, which Cloudflare reads and does not serve.
pub(crate) const HEADERS: &str = "_headers";
/// How often a folder is removed again that somebody who was cut off is still writing to.
const ATTEMPTS: u32 = 20;

/// A site's place. Others of its files stand beside `site`, with names that begin with its own.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What is served beside the Worker.
    pub(crate) site: PathBuf,
    /// The Worker.
    pub(crate) worker: PathBuf,
    /// Whether wrangler.jsonc names it.
    pub(crate) is_usual: bool,
}

/// What stands in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The build, as the pages know it.
    pub(crate) build: String,
    /// The files that were built; whatever else stands there was prerendered.
    pub(crate) assets: BTreeSet<PathBuf>,
    /// The rules for these files.
    pub(crate) headers: String,
}

/// A place that no other command changes as long as this is there.
pub(crate) struct Held<'a> {
    place: &'a Place,
    _lock: File,
}

impl Place {
    /// The one that wrangler.jsonc names.
    pub(crate) fn usual(workspace: &Workspace) -> Self {
        Self {
            site: workspace.path("target/site"),
            worker: workspace.path(worker::SERVED),
            is_usual: true,
        }
    }

    /// One in another folder, for tests.
    pub(crate) fn inside(folder: &Path) -> Self {
        Self {
            site: folder.join("site"),
            worker: folder.join("worker"),
            is_usual: false,
        }
    }

    /// `folder`, where one is given, else the usual one.
    pub(crate) fn of(workspace: &Workspace, folder: Option<&Path>) -> Self {
        folder.map_or_else(
            || Self::usual(workspace),
            |folder| Self::inside(&workspace.path(folder)),
        )
    }

    /// Waits until no other command changes the place, and removes what an interrupted one left.
    pub(crate) fn hold(&self) -> Result<Held<'_>> {
        let path = self.beside("lock");
        files::create(self.folder()?)?;
        let lock =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                ui::line("another command changes the site; waiting for it");
                lock.lock()
                    .with_context(|| format!("cannot lock {}", path.display()))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        let held = Held {
            place: self,
            _lock: lock,
        };
        held.recover()?;
        Ok(held)
    }

    /// What stands there; nothing where a command was interrupted, or where a file is missing.
    pub(crate) fn note(&self) -> Option<Note> {
        let note: Note = serde_json::from_slice(&fs::read(self.beside("json")).ok()?).ok()?;
        let is_whole = note
            .assets
            .iter()
            .all(|file| self.site.join(file).is_file());
        (is_whole && self.worker.join("entry.js").is_file()).then_some(note)
    }

    fn folder(&self) -> Result<&Path> {
        self.site.parent().context("a site is in a folder")
    }

    /// `target/site.json` for `json`.
    fn beside(&self, ending: &str) -> PathBuf {
        self.site.with_added_extension(ending)
    }

    /// What the folders are called in which sites are made, before the id of the process.
    fn unfinished(&self) -> String {
        let name = self.site.file_name().unwrap_or_default();
        format!("{}.next-", name.to_string_lossy())
    }

    /// The folder in which this process makes the next site. No other writes to it: what an interrupted command started
    /// may go on for a moment.
    fn next(&self) -> PathBuf {
        let name = format!("{}{}", self.unfinished(), std::process::id());
        self.site.with_file_name(name)
    }
}

/// A site that was not finished is of no use.
impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Where that fails, the next command does it.
        let _ = files::remove(&self.place.next());
    }
}

impl Held<'_> {
    /// Puts right what an interrupted command left: the site that was there is there again, and nothing else.
    fn recover(&self) -> Result<()> {
        let previous = self.place.beside("previous");
        if previous.is_dir() && !self.place.site.exists() {
            fs::rename(&previous, &self.place.site)
                .with_context(|| format!("cannot put {} back", self.place.site.display()))?;
        }
        remove(&previous)?;
        let folder = self.place.folder()?;
        let start = self.place.unfinished();
        for entry in
            fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
        {
            let entry = entry.context("cannot list a folder")?;
            if entry.file_name().to_string_lossy().starts_with(&start) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// An empty folder to make the next site in.
    pub(crate) fn next(&self) -> Result<PathBuf> {
        let next = self.place.next();
        files::fresh(&next)?;
        Ok(next)
    }

    /// Makes `next` the site, in one moment, and removes the one that was there.
    pub(crate) fn exchange(&self, next: &Path) -> Result<()> {
        let site = &self.place.site;
        if !site.exists() {
            return fs::rename(next, site)
                .with_context(|| format!("cannot put {} in its place", site.display()));
        }
        match renameat_with(CWD, next, CWD, site, RenameFlags::EXCHANGE) {
            Ok(()) => remove(next),
            // What the system or this file system cannot do.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => {
                self.exchange_in_two(next)
            }
            Err(error) => Err(io::Error::from(error))
                .with_context(|| format!("cannot put {} in its place", site.display())),
        }
    }

    /// The same where two folders cannot change places: for a moment there is none, which `recover` knows.
    fn exchange_in_two(&self, next: &Path) -> Result<()> {
        let (site, previous) = (&self.place.site, self.place.beside("previous"));
        fs::rename(site, &previous)
            .and_then(|()| fs::rename(next, site))
            .with_context(|| format!("cannot put {} in its place", site.display()))?;
        remove(&previous)
    }

    /// Nothing is known of the place until the next note.
    pub(crate) fn forget(&self) -> Result<()> {
        let path = self.place.beside("json");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// Notes what stands in the place.
    pub(crate) fn remember(&self, note: &Note) -> Result<()> {
        let text = serde_json::to_string_pretty(note)?;
        files::write(&self.place.beside("json"), format!("{text}\n").as_bytes())?;
        Ok(())
    }
}

impl Note {
    /// What a folder of assets will be, once it stands in a place.
    pub(crate) fn of(build: &str, assets: &Path) -> Result<Self> {
        let mut files = files::list(assets)?;
        files.remove(Path::new(HEADERS));
        let headers = files::read(&assets.join(HEADERS))?;
        Ok(Self {
            build: build.to_owned(),
            assets: files,
            headers: String::from_utf8(headers).context("_headers is not UTF-8")?,
        })
    }

    /// Adds these assets, which are in `from`, to what was prerendered in `next`, with the rules of both.
    ///
    /// # Errors
    /// When a page would hide an asset or a rule of the assets, or when there are more rules than Cloudflare takes.
    pub(crate) fn complete(&self, from: &Path, next: &Path) -> Result<()> {
        for file in &self.assets {
            let to = next.join(file);
            if to.exists() {
                bail!(
                    "a prerendered page and an asset are both called {}",
                    file.display()
                );
            }
            files::write(&to, &files::read(&from.join(file))?)?;
        }
        let added = match fs::read_to_string(next.join(HEADERS)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).context("cannot read the prerendered _headers"),
        };
        let headers = headers(&self.headers, &added)?;
        files::write(&next.join(HEADERS), headers.as_bytes())?;
        Ok(())
    }
}

/// Cloudflare's limit (developers.cloudflare.com/workers/static-assets/headers).
const MOST_RULES: usize = 100;

/// The rules of the assets, then those of the pages.
fn headers(assets: &str, pages: &str) -> Result<String> {
    let all = match pages.trim() {
        "" => assets.to_owned(),
        pages => format!("{}\n\n{pages}\n", assets.trim_end()),
    };
    let is_path = |line: &&str| line.starts_with('/') || line.starts_with("https://");
    let mut paths = BTreeSet::new();
    for path in all.lines().filter(is_path) {
        if !paths.insert(path.trim_end()) {
            bail!("_headers has two rules for {path}, of which only the last would hold");
        }
    }
    if paths.len() > MOST_RULES {
        bail!(
            "_headers has {} rules; Cloudflare takes {MOST_RULES}",
            paths.len()
        );
    }
    Ok(all)
}

/// Removes a folder, also while something that was cut off still adds to it.
fn remove(folder: &Path) -> Result<()> {
    for _ in 1..ATTEMPTS {
        if files::remove(folder).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    files::remove(folder)
}

#[cfg(test)]
mod tests;
