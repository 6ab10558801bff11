//! A record of a built site: the build and its assets. Owns joining the assets with prerendered pages.
//! Absent: the folder of the site; see `site_dir`.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::files;

/// The rules for the headers of files, which Cloudflare reads and does not serve.
const HEADERS: &str = "_headers";
/// Cloudflare's limit (developers.cloudflare.com/workers/static-assets/headers).
const MAX_HEADER_RULES: usize = 100;

/// A built site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BuildRecord {
    /// The hash that the pages were compiled with.
    pub(crate) build: String,
    /// The files that were built; every other file of the site was prerendered.
    pub(crate) assets: BTreeSet<PathBuf>,
    /// The rules for these files.
    headers: String,
}

impl BuildRecord {
    /// Records a folder of assets.
    pub(crate) fn new(build: &str, assets: &Path) -> Result<Self> {
        let mut files = files::list(assets)?;
        files.remove(Path::new(HEADERS));
        let headers = files::read(&assets.join(HEADERS))?;
        Ok(Self {
            build: build.to_owned(),
            assets: files,
            headers: String::from_utf8(headers).context("_headers is not UTF-8")?,
        })
    }

    /// Copies these assets from `from` to the prerendered pages in `next`, and joins the rules of both.
    ///
    /// # Errors
    /// Fails where a page would hide an asset or a rule of the assets, or where there are more rules than Cloudflare takes.
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
        let pages = match fs::read_to_string(next.join(HEADERS)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).context("cannot read the prerendered _headers"),
        };
        let headers = join_headers(&self.headers, &pages)?;
        files::write(&next.join(HEADERS), headers.as_bytes())?;
        Ok(())
    }
}

/// The rules of the assets, then those of the pages.
fn join_headers(assets: &str, pages: &str) -> Result<String> {
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
    if paths.len() > MAX_HEADER_RULES {
        bail!(
            "_headers has {} rules; Cloudflare takes {MAX_HEADER_RULES}",
            paths.len()
        );
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::files::tests::scratch;

    #[test]
    fn a_site_is_its_assets_and_the_new_pages() {
        let folder = scratch("record");
        let (assets, next) = (folder.join("site"), folder.join("next"));
        files::write(&assets.join("page"), b"old").unwrap();
        files::write(&assets.join(HEADERS), b"/*\n  A: b\n").unwrap();
        let record = BuildRecord::new("0a1b", &assets).unwrap();
        assert_eq!(record.assets, BTreeSet::from([PathBuf::from("page")]));
        // Not an asset: an earlier page.
        files::write(&assets.join("_pages/earlier"), b"").unwrap();
        files::write(&next.join("_pages/new"), b"").unwrap();
        files::write(&next.join(HEADERS), b"/about\n  C: d\n").unwrap();
        record.complete(&assets, &next).unwrap();
        let files: Vec<_> = files::list(&next).unwrap().into_iter().collect();
        assert_eq!(files, ["_headers", "_pages/new", "page"].map(PathBuf::from));
        let headers = files::read(&next.join(HEADERS)).unwrap();
        assert_eq!(headers, b"/*\n  A: b\n\n/about\n  C: d\n");

        // An asset that a page would hide.
        files::fresh(&next).unwrap();
        files::write(&next.join("page"), b"").unwrap();
        let message = record.complete(&assets, &next).unwrap_err().to_string();
        assert!(message.contains("both called page"), "{message}");
    }

    #[test]
    fn rules_that_would_be_lost_are_refused() {
        assert_eq!(join_headers("/*\n  A: b\n", "").unwrap(), "/*\n  A: b\n");
        let twice = join_headers("/*\n  A: b\n", "/*\n  C: d\n").unwrap_err();
        assert!(twice.to_string().contains("two rules for /*"), "{twice}");
        let many: String = (0..MAX_HEADER_RULES)
            .map(|n| format!("/{n}\n  A: b\n"))
            .collect();
        assert!(join_headers("", &many).is_ok());
        let more = join_headers("/*\n  A: b\n", &many).unwrap_err();
        assert!(more.to_string().contains("101 rules"), "{more}");
    }
}
