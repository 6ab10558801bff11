//! The folder of a complete site, which wrangler serves or uploads, and the record beside it. Owns the lock, exchanging
//! all files at once, and repairing what an interrupted command left.
//! Absent: making the files; see `assets`, `wasm` and `native`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::record::BuildRecord;
use super::wasm::WORKER_FOLDER;
use crate::files;
use crate::workspace::Workspace;

/// How often removing a folder is tried while an interrupted program may still write to it.
const MAX_REMOVE_ATTEMPTS: u32 = 20;

/// The paths of a site. Its other files stand beside `site`, with names that begin with its name.
#[derive(Clone, Debug)]
pub(crate) struct SiteDir {
    /// The files that are served beside the Worker.
    pub(crate) site: PathBuf,
    /// The Worker's folder.
    pub(crate) worker: PathBuf,
    /// Set for the paths that wrangler.jsonc names.
    pub(crate) is_default: bool,
}

/// The right to change a site. No other command has it as long as this exists.
pub(crate) struct SiteLock<'a> {
    dir: &'a SiteDir,
    _file: File,
}

impl SiteDir {
    /// The site in `folder`, or the one that wrangler.jsonc names.
    pub(crate) fn new(workspace: &Workspace, folder: Option<&Path>) -> Self {
        match folder {
            Some(folder) => Self::inside(&workspace.path(folder)),
            None => Self {
                site: workspace.path("target/site"),
                worker: workspace.path(WORKER_FOLDER),
                is_default: true,
            },
        }
    }

    fn inside(folder: &Path) -> Self {
        Self {
            site: folder.join("site"),
            worker: folder.join("worker"),
            is_default: false,
        }
    }

    /// Waits until no other command changes the site, and repairs what an interrupted one left.
    pub(crate) fn lock(&self) -> Result<SiteLock<'_>> {
        let lock = SiteLock {
            dir: self,
            _file: files::lock(&self.beside("lock"), "changing the site")?,
        };
        lock.recover()?;
        Ok(lock)
    }

    /// The record of the site; none where a command was interrupted, or where a file is missing.
    pub(crate) fn record(&self) -> Option<BuildRecord> {
        let text = fs::read(self.beside("json")).ok()?;
        let record: BuildRecord = serde_json::from_slice(&text).ok()?;
        let is_there = |file: &PathBuf| self.site.join(file).is_file();
        let is_whole = record.assets.iter().all(is_there) && self.worker.join("entry.js").is_file();
        is_whole.then_some(record)
    }

    /// The folder that the site and its other files are in.
    pub(crate) fn folder(&self) -> Result<&Path> {
        self.site.parent().context("a site is in a folder")
    }

    /// `target/site.json` for `json`.
    fn beside(&self, ending: &str) -> PathBuf {
        self.site.with_added_extension(ending)
    }

    /// The beginning of the names of folders in which sites are made; the id of the process follows.
    fn next_prefix(&self) -> String {
        let name = self.site.file_name().unwrap_or_default();
        format!("{}.next-", name.to_string_lossy())
    }

    /// The folder in which this process makes the next site. No other process writes to it: a child of an interrupted
    /// command may go on for a moment.
    fn next(&self) -> PathBuf {
        let name = format!("{}{}", self.next_prefix(), std::process::id());
        self.site.with_file_name(name)
    }
}

/// A site that was not finished is of no use.
impl Drop for SiteLock<'_> {
    fn drop(&mut self) {
        // Where that fails, the next command does it.
        let _ = files::remove(&self.dir.next());
    }
}

impl SiteLock<'_> {
    /// Repairs what an interrupted command left: the earlier site is there again, and nothing else.
    fn recover(&self) -> Result<()> {
        let previous = self.dir.beside("previous");
        if previous.is_dir() && !self.dir.site.exists() {
            fs::rename(&previous, &self.dir.site)
                .with_context(|| format!("cannot put {} back", self.dir.site.display()))?;
        }
        remove(&previous)?;
        let folder = self.dir.folder()?;
        let prefix = self.dir.next_prefix();
        for entry in
            fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
        {
            let entry = entry.context("cannot list a folder")?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Makes an empty folder for the next site.
    pub(crate) fn next(&self) -> Result<PathBuf> {
        let next = self.dir.next();
        files::fresh(&next)?;
        Ok(next)
    }

    /// Makes `next` the site at one moment, and removes the earlier one.
    pub(crate) fn exchange(&self, next: &Path) -> Result<()> {
        let site = &self.dir.site;
        if !site.exists() {
            return fs::rename(next, site)
                .with_context(|| format!("cannot put {} in its place", site.display()));
        }
        match renameat_with(CWD, next, CWD, site, RenameFlags::EXCHANGE) {
            Ok(()) => remove(next),
            // The system or this file system cannot exchange.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV) => {
                self.exchange_in_two(next)
            }
            Err(error) => Err(io::Error::from(error))
                .with_context(|| format!("cannot put {} in its place", site.display())),
        }
    }

    /// Exchanges by two renames. For a moment there is no site; `recover` repairs that.
    fn exchange_in_two(&self, next: &Path) -> Result<()> {
        let (site, previous) = (&self.dir.site, self.dir.beside("previous"));
        fs::rename(site, &previous)
            .and_then(|()| fs::rename(next, site))
            .with_context(|| format!("cannot put {} in its place", site.display()))?;
        remove(&previous)
    }

    /// Removes the record, before the site is changed.
    pub(crate) fn remove_record(&self) -> Result<()> {
        let path = self.dir.beside("json");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// Writes the record, after the site was changed.
    pub(crate) fn write_record(&self, record: &BuildRecord) -> Result<()> {
        let text = serde_json::to_string_pretty(record)?;
        files::write(&self.dir.beside("json"), format!("{text}\n").as_bytes())?;
        Ok(())
    }
}

/// Removes a folder, also while an interrupted program still writes to it.
fn remove(folder: &Path) -> Result<()> {
    for _ in 1..MAX_REMOVE_ATTEMPTS {
        if files::remove(folder).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    files::remove(folder)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::fs::TryLockError;

    use super::*;

    /// A folder for one test, with a site in it.
    fn site(name: &str) -> SiteDir {
        let folder = std::env::temp_dir().join(format!("xtask-site-{name}-{}", std::process::id()));
        files::fresh(&folder).unwrap();
        let dir = SiteDir::inside(&folder);
        files::write(&dir.site.join("page"), b"old").unwrap();
        dir
    }

    fn page(dir: &SiteDir) -> Vec<u8> {
        files::read(&dir.site.join("page")).unwrap()
    }

    /// The names in the folder, without the lock.
    fn names(dir: &SiteDir) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir.folder().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "site.lock")
            .collect();
        names.sort();
        names
    }

    fn end(dir: &SiteDir) {
        files::remove(dir.folder().unwrap()).unwrap();
    }

    type Exchange = fn(&SiteLock<'_>, &Path) -> Result<()>;

    #[test]
    fn an_exchange_leaves_the_new_site_and_nothing_else() {
        let ways: [(&str, Exchange); 2] = [
            ("one", |lock, next| lock.exchange(next)),
            ("two", |lock, next| lock.exchange_in_two(next)),
        ];
        for (name, exchange) in ways {
            let dir = site(name);
            let lock = dir.lock().unwrap();
            let next = lock.next().unwrap();
            files::write(&next.join("page"), b"new").unwrap();
            exchange(&lock, &next).unwrap();
            assert_eq!(page(&dir), b"new", "{name}");
            assert_eq!(names(&dir), ["site"], "{name}");
            end(&dir);
        }
    }

    #[test]
    fn the_first_site_needs_no_exchange() {
        let dir = site("first");
        files::remove(&dir.site).unwrap();
        let lock = dir.lock().unwrap();
        let next = lock.next().unwrap();
        files::write(&next.join("page"), b"new").unwrap();
        lock.exchange(&next).unwrap();
        assert_eq!(page(&dir), b"new");
        end(&dir);
    }

    #[test]
    fn the_next_command_repairs_what_an_interrupted_one_left() {
        // Interrupted while it made the next site.
        let dir = site("interrupted");
        let unfinished = dir.site.with_file_name("site.next-1").join("page");
        files::write(&unfinished, b"part").unwrap();
        drop(dir.lock().unwrap());
        assert_eq!(page(&dir), b"old");
        assert_eq!(names(&dir), ["site"]);

        // Between the two renames.
        let previous = dir.beside("previous");
        fs::rename(&dir.site, &previous).unwrap();
        files::write(&unfinished, b"new").unwrap();
        drop(dir.lock().unwrap());
        assert_eq!(page(&dir), b"old");
        assert_eq!(names(&dir), ["site"]);

        // After them.
        files::write(&previous.join("page"), b"older").unwrap();
        drop(dir.lock().unwrap());
        assert_eq!(page(&dir), b"old");
        assert_eq!(names(&dir), ["site"]);
        end(&dir);
    }

    #[test]
    fn an_unfinished_site_is_removed_with_the_lock() {
        let dir = site("unfinished");
        let lock = dir.lock().unwrap();
        files::write(&lock.next().unwrap().join("page"), b"part").unwrap();
        drop(lock);
        assert_eq!(names(&dir), ["site"]);
        end(&dir);
    }

    #[test]
    fn only_one_command_has_the_lock() {
        let dir = site("lock");
        let lock = dir.lock().unwrap();
        let other = File::create(dir.beside("lock")).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(lock);
        other.try_lock().unwrap();
        end(&dir);
    }

    #[test]
    fn a_record_counts_only_while_all_its_files_are_there() {
        let dir = site("record");
        files::write(&dir.site.join("_headers"), b"/*\n  A: b\n").unwrap();
        files::write(&dir.worker.join("entry.js"), b"").unwrap();
        let record = BuildRecord::new("0a1b", &dir.site).unwrap();
        assert_eq!(dir.record(), None);
        dir.lock().unwrap().write_record(&record).unwrap();
        assert_eq!(dir.record(), Some(record));
        fs::remove_file(dir.site.join("page")).unwrap();
        assert_eq!(dir.record(), None);
        files::write(&dir.site.join("page"), b"old").unwrap();
        assert!(dir.record().is_some());
        dir.lock().unwrap().remove_record().unwrap();
        assert_eq!(dir.record(), None);
        end(&dir);
    }
}
