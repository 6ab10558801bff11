//! MariaDB, or MySQL where that is installed: its folder, its settings, its user and database.
//! Absent: the process; see `daemon`.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::Uid;

use super::daemon::{Daemon, Lifetime};
use super::state::{State, folder};
use super::tls::Certificates;
use super::{Service, programs};
use crate::files;
use crate::process::{self, Running};
use crate::ui::Step;
use crate::workspace::Workspace;

/// Options of MySQL that MariaDB lacks. They turn off a second port and a system folder that it would use.
const MYSQL_ONLY: [&str; 2] = ["mysqlx=OFF", "secure-file-priv=NULL"];

/// MariaDB or MySQL of one checkout.
pub(super) struct Mysql {
    folder: PathBuf,
}

impl Mysql {
    pub(super) fn new(workspace: &Workspace) -> Self {
        Self {
            folder: folder(workspace).join("mysql"),
        }
    }

    pub(super) fn daemon(&self, workspace: &Workspace) -> Daemon {
        Daemon {
            name: Service::Mysql.name(),
            programs: &["mariadbd", "mysqld"],
            pid_file: self.folder.join("server.pid"),
            log: folder(workspace).join("mysql.log"),
            end: Signal::SIGTERM,
        }
    }

    /// Starts it. Called only while it does not run.
    pub(super) fn start(
        &self,
        workspace: &Workspace,
        step: &mut Step,
        state: &State,
        certificates: &Certificates,
        lifetime: Lifetime,
    ) -> Result<Option<Running>> {
        let program = programs::mysql().context("MariaDB was removed")?;
        let version = process::output(Command::new(&program).arg("--version")).unwrap_or_default();
        let is_mariadb = version.contains("MariaDB");
        files::create(&self.folder)?;
        if !self.data().is_dir() {
            self.make(step, &program, is_mariadb)?;
        }
        let port = state.port(Service::Mysql);
        let users = users(&state.password, is_mariadb);
        files::write_private(&self.folder.join("users.sql"), users.as_bytes())?;
        let settings = self.settings(port, certificates, is_mariadb);
        let file = self.folder.join("server.cnf");
        files::write(&file, settings.as_bytes())?;
        let mut server = Command::new(&program);
        server.arg(format!("--defaults-file={}", file.display()));
        server.args(as_root());
        let running = self
            .daemon(workspace)
            .start(server, lifetime, || greets(port))?;
        let name = if is_mariadb { "MariaDB" } else { "MySQL" };
        step.note(format!("{name} {}, port {port}", number(&version)));
        Ok(running)
    }

    /// Runs statements as the user.
    pub(super) fn execute(step: &mut Step, state: &State, statements: &[String]) -> Result<()> {
        let client = programs::find("mariadb")
            .or_else(|| programs::find("mysql"))
            .context("neither `mariadb` nor `mysql` is on the path")?;
        let mut client = Command::new(client);
        client
            .args(["--no-defaults", "--host=127.0.0.1", "--user=site_user"])
            .arg(format!("--port={}", state.port(Service::Mysql)))
            .args(["--execute", &statements.join("; ")])
            .env("MYSQL_PWD", &state.password);
        process::run(step, &mut client).map(|_| ())
    }

    /// Deletes all its data. Called only while it does not run.
    pub(super) fn erase(&self) -> Result<()> {
        files::remove(&self.folder)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn make(&self, step: &mut Step, program: &Path, is_mariadb: bool) -> Result<()> {
        let fresh = self.folder.join("data.new");
        files::remove(&fresh)?;
        let mut command = if is_mariadb {
            if as_root().is_some() && fresh.to_string_lossy().contains(char::is_whitespace) {
                bail!("as root, MariaDB's installer fails in a folder with a space in its name");
            }
            let install = programs::find("mariadb-install-db")
                .or_else(|| programs::find("mysql_install_db"))
                .context("MariaDB's `mariadb-install-db` is not on the path")?;
            let mut command = Command::new(install);
            command.args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"]);
            command
        } else {
            let mut command = Command::new(program);
            command.args(["--no-defaults", "--initialize-insecure"]);
            command.args(MYSQL_ONLY.map(|option| format!("--{option}")));
            command
        };
        command
            .arg(format!("--datadir={}", fresh.display()))
            .args(as_root());
        process::run(step, &mut command)?;
        std::fs::rename(&fresh, self.data()).context("cannot move the data into place")
    }

    /// Settings for speed, safe enough for data that can be made again, with every word in the full-text indexes.
    fn settings(&self, port: u16, certificates: &Certificates, is_mariadb: bool) -> String {
        let other = if is_mariadb {
            String::new()
        } else {
            MYSQL_ONLY.join("\n")
        };
        let folder = self.folder.display();
        let Certificates {
            ca,
            certificate,
            key,
        } = certificates;
        let (ca, certificate, key) = (ca.display(), certificate.display(), key.display());
        // The socket's path is relative to the data: a long one would not be accepted.
        format!(
            "[mysqld]
bind-address = 127.0.0.1
port = {port}
skip-name-resolve
datadir = \"{folder}/data\"
socket = server.sock
pid-file = \"{folder}/server.pid\"
init-file = \"{folder}/users.sql\"
ssl-ca = \"{ca}\"
ssl-cert = \"{certificate}\"
ssl-key = \"{key}\"
character-set-server = utf8mb4
max_connections = 300
innodb_ft_min_token_size = 1
innodb_ft_enable_stopword = OFF
ft_min_word_len = 1
performance_schema = OFF
skip-log-bin
innodb_buffer_pool_size = 64M
innodb_flush_log_at_trx_commit = 0
loose-innodb_log_file_size = 32M
key_buffer_size = 1M
{other}
"
        )
    }
}

/// The statements that the server runs at each start before it accepts connections.
fn users(password: &str, is_mariadb: bool) -> String {
    let mut statements = format!(
        "CREATE DATABASE IF NOT EXISTS site CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'site_user'@'%' IDENTIFIED BY '{password}';
ALTER USER 'site_user'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'site_user'@'%' WITH GRANT OPTION;
"
    );
    if !is_mariadb {
        // MariaDB lets only this machine's root in by that name; MySQL would let everybody.
        statements += &format!("ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n");
    }
    statements
}

/// The option that lets root run it.
fn as_root() -> Option<&'static str> {
    Uid::effective().is_root().then_some("--user=root")
}

/// Returns whether it accepts connections: its greeting begins with the protocol's version, 10.
fn greets(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let timeout = Duration::from_secs(1);
    let Ok(mut stream) = TcpStream::connect_timeout(&address, timeout) else {
        return false;
    };
    let mut start = [0; 5];
    stream.set_read_timeout(Some(timeout)).is_ok()
        && stream.read_exact(&mut start).is_ok()
        && start[4] == 10
}

/// The number in a version: `10.11.14` of `mariadbd  Ver 10.11.14-MariaDB-0+deb12u2 for …`.
fn number(version: &str) -> &str {
    let after = version.split_once("Ver ").map_or("", |(_, after)| after);
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.');
    &after[..end.unwrap_or(after.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read() {
        let mariadb =
            "/usr/sbin/mariadbd  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64";
        assert_eq!(number(mariadb), "10.11.14");
        assert_eq!(number("mysqld  Ver 8.4.2 for Linux on x86_64"), "8.4.2");
        assert_eq!(number(""), "");
    }
}
