//! The servers' programs: found where systems put them, or installed where that is allowed.
//! Absent: running them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::Service;
use crate::tools::apt;
use crate::ui::Step;
use crate::{files, process, ui};

/// Folders of servers that are not on everybody's path.
const FOLDERS: [&str; 8] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/libexec",
    "/usr/local/mysql/bin",
    "/opt/homebrew/opt/mariadb/bin",
    "/opt/homebrew/opt/mysql/bin",
    "/usr/local/opt/mariadb/bin",
    "/usr/local/opt/mysql/bin",
];
/// Folders of PostgreSQL's versions: the one above, the prefix of the name, and the one with the programs.
const POSTGRES: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

/// The path of a program.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&on_path)
        .chain(FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// The folder of PostgreSQL's programs: the one on the path, else the newest.
pub(super) fn postgres() -> Option<PathBuf> {
    if let Some(folder) = find("initdb").as_deref().and_then(Path::parent)
        && folder.join("postgres").is_file()
    {
        return Some(folder.to_owned());
    }
    let versions = POSTGRES.iter().flat_map(|&(above, prefix, below)| {
        let entries = std::fs::read_dir(above).into_iter().flatten().flatten();
        entries.filter_map(move |entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.strip_prefix(prefix)?.parse::<u32>().ok()?;
            Some((version, entry.path().join(below)))
        })
    });
    versions
        .filter(|(_, folder)| folder.join("postgres").is_file())
        .max()
        .map(|(_, folder)| folder)
}

/// MariaDB's server, else MySQL's.
pub(super) fn mysql() -> Option<PathBuf> {
    find("mariadbd").or_else(|| find("mysqld"))
}

/// Installs the programs of these services, where they are missing; or returns the sentence that says how to install them.
pub(super) fn ensure(services: &[Service]) -> Result<Result<(), String>> {
    let missing = || -> Vec<Service> {
        let is_missing = |service: &Service| match service {
            Service::Postgres => postgres().is_none(),
            Service::Mysql => mysql().is_none(),
        };
        services.iter().copied().filter(is_missing).collect()
    };
    let wanted = missing();
    if wanted.is_empty() {
        return Ok(Ok(()));
    }
    if apt::is_allowed() {
        let label = format!("{} (apt-get install)", list(&wanted, Service::package));
        let installed = ui::step(label, |step| install(step, &wanted));
        if let Err(error) = installed {
            // There may be no network. The programs that are still missing decide.
            ui::error(&format!("{error:#}"));
        }
    }
    Ok(match missing().as_slice() {
        [] => Ok(()),
        left => Err(instructions(left, apt::exists())),
    })
}

fn instructions(missing: &[Service], has_apt: bool) -> String {
    let how = if has_apt {
        let packages: Vec<&str> = missing.iter().map(|service| service.package()).collect();
        format!(
            "run `sudo apt-get install --no-install-recommends {}`",
            packages.join(" ")
        )
    } else if cfg!(target_os = "macos") {
        "run `brew install postgresql@17 mariadb`".to_owned()
    } else {
        "install it with your system's package manager".to_owned()
    };
    format!("{} not found: {how}", list(missing, Service::name))
}

fn list(services: &[Service], word: impl Fn(Service) -> &'static str) -> String {
    let words: Vec<&str> = services.iter().map(|&service| word(service)).collect();
    words.join(" and ")
}

/// Installs Debian's packages. The system servers that they bring do not run afterwards.
fn install(step: &mut Step, services: &[Service]) -> Result<()> {
    apt::update(step)?;
    if services.contains(&Service::Postgres) {
        // Its settings decide whether the next package makes a cluster.
        apt::install(step, &["postgresql-common"])?;
        let settings = Path::new("/etc/postgresql-common/createcluster.conf");
        let present = std::fs::read_to_string(settings).unwrap_or_default();
        if !present
            .lines()
            .any(|line| line.starts_with("create_main_cluster"))
        {
            let content = format!("{present}\ncreate_main_cluster = false\n");
            files::write(settings, content.as_bytes())?;
        }
    }
    for service in services {
        apt::install(step, &[service.package()])?;
    }
    if services.contains(&Service::Mysql) {
        // Where nothing was started, there is nothing to stop.
        let _ = process::output(Command::new("service").args(["mariadb", "stop"]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_programs_are_named_with_the_command() {
        let both = [Service::Postgres, Service::Mysql];
        assert_eq!(
            instructions(&both, true),
            "PostgreSQL and MariaDB not found: run `sudo apt-get install --no-install-recommends postgresql mariadb-server`"
        );
        let one = instructions(&both[1..], true);
        assert!(one.starts_with("MariaDB not found"), "{one}");
        assert!(one.ends_with("mariadb-server`"), "{one}");
    }
}
