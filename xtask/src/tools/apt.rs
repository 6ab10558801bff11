//! Debian's packages, on machines that have them.
//! Absent: which are needed.

use std::process::Command;

use anyhow::Result;
use nix::unistd::Uid;

use crate::process;
use crate::ui::Step;

/// Returns whether this machine installs packages by apt-get.
pub(crate) fn exists() -> bool {
    process::exists("apt-get")
}

/// Returns whether this process may install packages.
pub(crate) fn is_allowed() -> bool {
    Uid::effective().is_root() && exists()
}

/// Brings the list of packages up to date.
pub(crate) fn update(step: &mut Step) -> Result<()> {
    process::run(step, Command::new("apt-get").arg("update")).map(|_| ())
}

/// Installs packages, and asks nothing.
pub(crate) fn install(step: &mut Step, packages: &[&str]) -> Result<()> {
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    process::run(step, &mut apt).map(|_| ())
}
