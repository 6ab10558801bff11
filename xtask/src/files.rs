//! Files that are written only when their content changes, so that programs that watch them or compare times rest.
//! Absent: the meaning of the files.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::ui;

/// The first ten hexadecimal digits of the SHA-256 of `content`: the part of an asset's name that changes with it.
pub(crate) fn hash(content: &[u8]) -> String {
    Sha256::digest(content)
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Reads a file, naming it when that fails.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes `content` unless the file holds it already; returns whether it wrote. Readers see the old content or the new,
/// never a part.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    replace(
        path,
        content,
        OpenOptions::new().write(true).create(true).truncate(true),
    )
}

/// Writes a file with a secret, which nobody else may read, unless it is that already.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let is_private = |file: fs::Metadata| file.permissions().mode() & 0o077 == 0;
    if fs::metadata(path).is_ok_and(is_private) && fs::read(path).is_ok_and(|it| it == content) {
        return Ok(());
    }
    // An older file would keep its permissions.
    let _ = fs::remove_file(unfinished(path)?);
    let mut options = OpenOptions::new();
    replace(
        path,
        content,
        options.write(true).create_new(true).mode(0o600),
    )
    .map(|_| ())
}

fn replace(path: &Path, content: &[u8], options: &OpenOptions) -> Result<bool> {
    create(path.parent().context("a file is in a folder")?)?;
    let fresh = unfinished(path)?;
    options
        .open(&fresh)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&fresh, path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

/// The path beside this one where its next content is written.
fn unfinished(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().context("a file has a name")?;
    Ok(path.with_file_name(format!(".{}.new", name.to_string_lossy())))
}

/// Waits until no other command has this lock, and says so; until the returned file is dropped, none has. `work` is what
/// it is for: `changing the site`.
pub(crate) fn lock(path: &Path, work: &str) -> Result<File> {
    create(path.parent().context("a file is in a folder")?)?;
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let locked = match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            ui::line(format_args!("another command is {work}; waiting for it"));
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
    };
    locked.with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// Makes a folder and those above it.
pub(crate) fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Removes a folder and everything in it, if it exists.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Makes an empty folder at this path.
pub(crate) fn fresh(folder: &Path) -> Result<()> {
    remove(folder)?;
    create(folder)
}

/// Every file below `folder`, relative to it, sorted.
pub(crate) fn list(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open = vec![PathBuf::new()];
    while let Some(relative) = open.pop() {
        let entries = match fs::read_dir(folder.join(&relative)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot list {}", folder.display()));
            }
        };
        for entry in entries {
            let entry = entry.context("cannot list a folder")?;
            let path = relative.join(entry.file_name());
            if entry.file_type().context("cannot list a folder")?.is_dir() {
                open.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

/// Makes `to` hold exactly the files of `from`; returns whether anything changed. New files come before old ones go, so
/// that a page never refers to an asset that is not there.
pub(crate) fn mirror(from: &Path, to: &Path) -> Result<bool> {
    let wanted = list(from)?;
    let mut changed = false;
    for path in &wanted {
        changed |= write(&to.join(path), &read(&from.join(path))?)?;
    }
    for path in list(to)?.difference(&wanted) {
        let stale = to.join(path);
        fs::remove_file(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
        changed = true;
    }
    Ok(changed)
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use std::ops::Deref;

    use super::*;

    /// An empty folder for one test, which is removed at its end.
    pub(crate) struct Scratch(PathBuf);

    /// Makes one. Tests that run at the same time give different names.
    pub(crate) fn scratch(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fresh(&folder).unwrap();
        Scratch(folder)
    }

    impl Deref for Scratch {
        type Target = Path;

        fn deref(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = remove(&self.0);
        }
    }

    #[test]
    fn a_file_with_a_secret_is_for_its_owner_alone() {
        let folder = scratch("private");
        let file = folder.join("secret");
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        // The file was there before, and so was one of an interrupted command: for everybody.
        for path in [&file, &folder.join(".secret.new")] {
            fs::write(path, b"a").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        for content in [b"a", b"b"] {
            write_private(&file, content).unwrap();
            assert_eq!(
                (read(&file).unwrap().as_slice(), mode()),
                (&content[..], 0o600)
            );
        }
    }

    #[test]
    fn a_hash_is_the_start_of_sha256() {
        // printf '' | sha256sum
        assert_eq!(hash(b""), "e3b0c44298");
        assert_ne!(hash(b"a"), hash(b"b"));
    }

    #[test]
    fn unchanged_content_is_not_written() {
        let folder = scratch("write");
        let file = folder.join("deep/file");
        assert!(write(&file, b"one").unwrap());
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(!write(&file, b"one").unwrap());
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), time);
        assert!(write(&file, b"two").unwrap());
        assert_eq!(read(&file).unwrap(), b"two");
    }

    #[test]
    fn a_mirror_holds_exactly_the_same_files() {
        let folder = scratch("mirror");
        let (from, to) = (folder.join("from"), folder.join("to"));
        write(&from.join("a/b"), b"new").unwrap();
        write(&to.join("a/b"), b"old").unwrap();
        write(&to.join("stale"), b"").unwrap();
        assert!(mirror(&from, &to).unwrap());
        assert_eq!(list(&to).unwrap(), BTreeSet::from([PathBuf::from("a/b")]));
        assert_eq!(read(&to.join("a/b")).unwrap(), b"new");
        assert!(!mirror(&from, &to).unwrap());
    }
}
