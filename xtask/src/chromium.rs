//! The browser that the tests drive: found, or installed where that is allowed.
//! Absent: driving it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{process, ui};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// The browser's path; or the sentence that says why there is none and what to run.
pub(crate) fn ensure() -> Result<Result<PathBuf, String>> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        let wrong = format!("CHROMIUM is {}, where no file is", path.display());
        return Ok(Some(path).filter(|path| path.is_file()).ok_or(wrong));
    }
    if let Some(path) = find() {
        return Ok(Ok(path));
    }
    let is_root = process::answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let has_apt = process::answer(Command::new("apt-get").arg("--version")).is_some();
    if is_root && has_apt {
        ui::step("chromium (apt-get install)", |step| {
            process::run(step, Command::new("apt-get").arg("update"))?;
            let mut install = Command::new("apt-get");
            install
                .args([
                    "install",
                    "--yes",
                    "--no-install-recommends",
                    "chromium",
                    "fonts-noto-core",
                ])
                .env("DEBIAN_FRONTEND", "noninteractive");
            process::run(step, &mut install)?;
            Ok(((), String::new()))
        })?;
    }
    let how = if has_apt {
        "run `sudo apt-get install chromium`"
    } else {
        "install Chromium or Chrome"
    };
    Ok(find().ok_or_else(|| format!("no Chromium was found: {how}, or set CHROMIUM to its path")))
}

fn find() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mac = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    std::env::split_paths(&on_path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .chain([mac.to_owned()])
        .find(|path| path.is_file())
}
