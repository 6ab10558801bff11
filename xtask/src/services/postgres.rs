//! PostgreSQL: its folder, its settings, its user and database. It refuses to run as root, so root runs it as another.
//! Absent: the process; see `daemon`.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};

use super::daemon::{Daemon, Lifetime};
use super::state::{State, folder};
use super::tls::Certificates;
use super::{Service, programs};
use crate::process::{self, Running};
use crate::ui::Step;
use crate::workspace::Workspace;
use crate::{files, ui};

/// The superuser, for this module alone.
const SUPERUSER: &str = "postgres";
/// A script that makes the user and its database where they are missing; `{password}` is replaced.
const USER: &str = "\\set ON_ERROR_STOP on
SELECT 'CREATE ROLE site_user' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'site_user')\\gexec
ALTER ROLE site_user LOGIN CREATEDB CREATEROLE PASSWORD '{password}';
GRANT pg_monitor, pg_signal_backend TO site_user;
SELECT 'CREATE DATABASE site OWNER site_user' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'site')\\gexec
";

/// PostgreSQL of one checkout.
pub(super) struct Postgres {
    /// The folder of `data`, with the settings.
    folder: PathBuf,
    owner: Option<User>,
}

impl Postgres {
    pub(super) fn new(workspace: &Workspace) -> Result<Self> {
        let usual = folder(workspace).join("postgres");
        let Some(owner) = other_user()? else {
            return Ok(Self {
                folder: usual,
                owner: None,
            });
        };
        files::create(&usual)?;
        let folder = if is_reachable(&usual, &owner) {
            usual
        } else {
            let name = files::hash(workspace.root.to_string_lossy().as_bytes());
            std::env::temp_dir().join(format!("cargo-x-postgres-{name}"))
        };
        Ok(Self {
            folder,
            owner: Some(owner),
        })
    }

    pub(super) fn daemon(&self, workspace: &Workspace) -> Daemon {
        Daemon {
            name: Service::Postgres.name(),
            programs: &["postgres", "postmaster"],
            pid_file: self.data().join("postmaster.pid"),
            log: folder(workspace).join("postgres.log"),
            end: Signal::SIGINT,
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
        let programs = programs::postgres().context("PostgreSQL was removed")?;
        self.ensure_folder(workspace)?;
        if !self.data().is_dir() {
            self.make(step, &programs, &state.password)?;
        }
        self.ensure_version(&programs)?;
        self.configure(state.port(Service::Postgres), certificates)?;
        let mut server = self.command(&programs.join("postgres"));
        server.arg("-D").arg(self.data());
        let daemon = self.daemon(workspace);
        daemon.remove_stale_pid_file()?;
        // The file's last line is the server's state. After a crash it is left behind.
        let is_ready = || {
            let text = std::fs::read_to_string(&daemon.pid_file).unwrap_or_default();
            daemon.pid().is_some()
                && text
                    .lines()
                    .nth(7)
                    .is_some_and(|word| word.trim() == "ready")
        };
        let running = daemon.start(server, lifetime, is_ready)?;
        if let Err(error) = self.ensure_user(step, &programs, state) {
            daemon.stop();
            return Err(error);
        }
        let version = std::fs::read_to_string(self.data().join("PG_VERSION")).unwrap_or_default();
        step.note(format!(
            "{}, port {}",
            version.trim(),
            state.port(Service::Postgres)
        ));
        Ok(running)
    }

    /// Runs statements as the user, each in its own transaction.
    pub(super) fn execute(step: &mut Step, state: &State, statements: &[String]) -> Result<()> {
        let programs = programs::postgres().context("PostgreSQL was removed")?;
        let mut psql = psql(&programs, state, "site_user");
        for statement in statements {
            psql.arg("-c").arg(statement);
        }
        process::run(step, &mut psql).map(|_| ())
    }

    /// Deletes all its data. Called only while it does not run.
    pub(super) fn erase(&self) -> Result<()> {
        files::remove(&self.folder)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// `program`, run by the owner of the data, in a folder that they may enter.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("LC_ALL", "C");
        if let Some(owner) = &self.owner {
            command.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
        }
        command
    }

    fn ensure_folder(&self, workspace: &Workspace) -> Result<()> {
        let folder = &self.folder;
        let is_new = !folder.is_dir();
        files::create(folder)?;
        let Some(owner) = &self.owner else {
            return Ok(());
        };
        if !folder.starts_with(&workspace.root) {
            let found = folder.metadata().context("the folder is gone")?.uid();
            if !is_new && found != owner.uid.as_raw() && found != 0 {
                bail!("{} belongs to another user: remove it", folder.display());
            }
            if is_new {
                ui::line(format_args!(
                    "\n  {} cannot reach target/services: PostgreSQL's data is in {}",
                    owner.name,
                    folder.display()
                ));
            }
        }
        self.give(folder)
    }

    /// Gives a file or folder to the owner of the data.
    fn give(&self, path: &Path) -> Result<()> {
        let Some(owner) = &self.owner else {
            return Ok(());
        };
        let (uid, gid) = (owner.uid.as_raw(), owner.gid.as_raw());
        chown(path, Some(uid), Some(gid))
            .with_context(|| format!("cannot give {} to {}", path.display(), owner.name))
    }

    fn make(&self, step: &mut Step, programs: &Path, password: &str) -> Result<()> {
        let fresh = self.folder.join("data.new");
        files::remove(&fresh)?;
        let secret = self.folder.join("password");
        files::write_private(&secret, password.as_bytes())?;
        self.give(&secret)?;
        let mut initdb = self.command(&programs.join("initdb"));
        initdb
            .args(["--username", SUPERUSER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C", "--no-sync"])
            .args(["--lc-ctype", character_type()])
            .arg("--pwfile")
            .arg(&secret)
            .arg("--pgdata")
            .arg(&fresh);
        let made = process::run(step, &mut initdb);
        let _ = std::fs::remove_file(&secret);
        made?;
        std::fs::rename(&fresh, self.data()).context("cannot move PostgreSQL's data into place")
    }

    /// Fails if the data is of another major version, which has another format.
    fn ensure_version(&self, programs: &Path) -> Result<()> {
        let data = std::fs::read_to_string(self.data().join("PG_VERSION")).unwrap_or_default();
        let program = process::output(Command::new(programs.join("postgres")).arg("--version"));
        if program
            .as_deref()
            .and_then(major)
            .is_some_and(|major| major == data.trim())
        {
            return Ok(());
        }
        bail!(
            "the data is of PostgreSQL {} and the program is {}: run `cargo x services down --erase`",
            data.trim(),
            program.unwrap_or_default()
        )
    }

    fn configure(&self, port: u16, certificates: &Certificates) -> Result<()> {
        let data = self.data();
        let settings = settings(port);
        let key = files::read(&certificates.key)?;
        let certificate = files::read(&certificates.certificate)?;
        let contents: [(&str, &[u8]); 4] = [
            ("postgresql.conf", settings.as_bytes()),
            ("pg_hba.conf", b"host all all 127.0.0.1/32 scram-sha-256\n"),
            ("server.pem", &certificate),
            ("server.key", &key),
        ];
        for (name, content) in contents {
            let path = data.join(name);
            files::write(&path, content)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
                .with_context(|| format!("cannot protect {}", path.display()))?;
            self.give(&path)?;
        }
        Ok(())
    }

    fn ensure_user(&self, step: &mut Step, programs: &Path, state: &State) -> Result<()> {
        let script = self.folder.join("user.sql");
        let content = USER.replace("{password}", &state.password);
        files::write_private(&script, content.as_bytes())?;
        let mut psql = psql(programs, state, SUPERUSER);
        let made = process::run(step, psql.arg("-f").arg(&script));
        let _ = std::fs::remove_file(&script);
        made.map(|_| ())
    }
}

/// Settings for speed, safe enough for data that can be made again.
fn settings(port: u16) -> String {
    format!(
        "listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 300
password_encryption = scram-sha-256
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
shared_buffers = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
"
    )
}

/// `psql` as this user, connected to a database that always exists.
fn psql(programs: &Path, state: &State, user: &str) -> Command {
    let own = programs.join("psql");
    let program = if own.is_file() {
        own
    } else {
        PathBuf::from("psql")
    };
    let mut psql = Command::new(program);
    psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"])
        .args(["--host", "127.0.0.1", "--dbname", "postgres"])
        .args(["--port", &state.port(Service::Postgres).to_string()])
        .args(["--username", user])
        .env("PGPASSWORD", &state.password)
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .env("PGSSLMODE", "disable");
    psql
}

/// The user that root runs the server as.
fn other_user() -> Result<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name).context("cannot look up users")? {
            return Ok(Some(user));
        }
    }
    bail!("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
}

/// Returns whether this user may enter the folder.
fn is_reachable(folder: &Path, user: &User) -> bool {
    let mut test = Command::new("test");
    test.arg("-x")
        .arg(folder)
        .current_dir("/")
        .uid(user.uid.as_raw())
        .gid(user.gid.as_raw());
    process::output(&mut test).is_some()
}

/// The character type that knows every letter of Unicode. Sorting is by code point.
fn character_type() -> &'static str {
    if cfg!(target_os = "macos") {
        "UTF-8"
    } else {
        "C.UTF-8"
    }
}

/// The major version: `15` of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major(version: &str) -> Option<&str> {
    let word = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    word.split(|c: char| !c.is_ascii_digit()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"),
            Some("15")
        );
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some("18"));
        assert_eq!(major("postgres"), None);
    }
}
