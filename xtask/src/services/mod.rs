//! `cargo x services`: a private PostgreSQL and MariaDB (or MySQL) for this checkout, at ports of 127.0.0.1 that are
//! chosen once. Owns starting and ending them; all their files are in target/services.
//! Absent: the data in their databases; see `database`.

mod daemon;
mod mysql;
mod postgres;
mod programs;
mod state;
mod tls;

use std::path::PathBuf;
use std::process::{Command as Program, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::Running;
use crate::ui::Step;
use crate::workspace::Workspace;
use crate::{files, ui};
use daemon::Daemon;
pub(crate) use daemon::Lifetime;
use mysql::Mysql;
use postgres::Postgres;
use state::State;
use tls::Certificates;

/// The name of the database that each server has from its start.
const DATABASE: &str = "site";

/// Start or end the private PostgreSQL and MariaDB servers.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Start the servers that do not run.
    #[command(after_help = "Examples:
  cargo x services up
  cargo x services up --json      {\"postgres\": url, \"mysql\": url, \"ca\": path}, and nothing else")]
    Up {
        /// Print only JSON, for tools.
        #[arg(long)]
        json: bool,
        /// Print no address: it has the password.
        #[arg(long, hide = true, conflicts_with = "json")]
        no_urls: bool,
    },
    /// End the servers.
    #[command(after_help = "Examples:
  cargo x services down
  cargo x services down --erase   and delete their data")]
    Down {
        /// Also delete their data, ports and password.
        #[arg(long)]
        erase: bool,
    },
    /// Print which servers run, and their URLs.
    Status,
}

/// A database server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Postgres,
    /// MariaDB or MySQL.
    Mysql,
}

impl Service {
    pub(crate) const ALL: [Self; 2] = [Self::Postgres, Self::Mysql];

    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MariaDB",
        }
    }

    /// Its Debian package.
    fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Mysql => "mariadb-server",
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    /// The statement that drops a database, also while others are connected to it.
    fn drop(self, database: &str) -> String {
        let force = match self {
            Self::Postgres => " WITH (FORCE)",
            Self::Mysql => "",
        };
        format!("DROP DATABASE IF EXISTS {database}{force}")
    }

    fn daemon(self, workspace: &Workspace) -> Result<Daemon> {
        Ok(match self {
            Self::Postgres => Postgres::new(workspace)?.daemon(workspace),
            Self::Mysql => Mysql::new(workspace).daemon(workspace),
        })
    }
}

/// Running servers.
pub(crate) struct Services {
    state: State,
    ca: PathBuf,
    /// The servers that end with this value.
    ours: Vec<(Daemon, Running)>,
}

impl Services {
    /// The URL of a server's database: `postgres://user:password@127.0.0.1:port/site`.
    pub(crate) fn url(&self, service: Service) -> String {
        self.state.url(service, DATABASE)
    }

    /// The authority that signed the servers' certificates.
    pub(crate) fn ca(&self) -> &PathBuf {
        &self.ca
    }

    /// The environment variables of tests that use the servers.
    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        [
            ("TEST_POSTGRES_URL", self.url(Service::Postgres)),
            ("TEST_MYSQL_URL", self.url(Service::Mysql)),
            ("TEST_CA_CERT", self.ca.display().to_string()),
        ]
    }

    /// Replaces the server's database with an empty one.
    pub(crate) fn reset(&self, service: Service) -> Result<()> {
        self.make(service, DATABASE).map(|_| ())
    }

    /// Makes an empty database, replacing one of this name; returns its URL.
    pub(crate) fn make(&self, service: Service, database: &str) -> Result<String> {
        let create = match service {
            Service::Postgres => format!("CREATE DATABASE {database}"),
            Service::Mysql => format!("CREATE DATABASE {database} CHARACTER SET utf8mb4"),
        };
        ui::step(format!("empty database in {}", service.name()), |step| {
            self.execute(step, service, &[service.drop(database), create])
        })?;
        Ok(self.state.url(service, database))
    }

    /// Removes a database that `make` made.
    pub(crate) fn remove(&self, service: Service, database: &str) -> Result<()> {
        ui::step(format!("drop database in {}", service.name()), |step| {
            self.execute(step, service, &[service.drop(database)])
        })
    }

    fn execute(&self, step: &mut Step, service: Service, statements: &[String]) -> Result<()> {
        match service {
            Service::Postgres => Postgres::execute(step, &self.state, statements),
            Service::Mysql => Mysql::execute(step, &self.state, statements),
        }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        for (daemon, running) in self.ours.drain(..) {
            // By its own signal: dropping alone would kill it after a while.
            daemon.stop();
            drop(running);
        }
    }
}

pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<()> {
    match command {
        Command::Up { json: true, .. } => up_for_tools(workspace),
        Command::Up { no_urls, .. } => {
            let services = up(workspace, &Service::ALL, Lifetime::UntilDown)?;
            if *no_urls {
                return Ok(());
            }
            for service in Service::ALL {
                ui::line(services.url(service));
            }
            ui::line(format_args!("CA: {}", services.ca.display()));
            Ok(())
        }
        Command::Down { erase } => down(workspace, *erase),
        Command::Status => status(workspace),
    }
}

/// Starts the servers that do not run; fails where one is missing.
pub(crate) fn up(
    workspace: &Workspace,
    wanted: &[Service],
    lifetime: Lifetime,
) -> Result<Services> {
    match ensure(workspace, wanted, lifetime)? {
        Ok(services) => Ok(services),
        Err(why) => bail!("{why}"),
    }
}

/// Starts the servers that do not run, for this lifetime; or returns the sentence that says how to install those that are
/// missing.
pub(crate) fn ensure(
    workspace: &Workspace,
    wanted: &[Service],
    lifetime: Lifetime,
) -> Result<Result<Services, String>> {
    if let Err(why) = programs::ensure(wanted)? {
        return Ok(Err(why));
    }
    let _lock = state::lock(workspace)?;
    let folder = state::folder(workspace);
    let certificates = Certificates::inside(&folder.join("tls"));
    certificates.ensure()?;
    let mut services = Services {
        state: State::load_or_choose(workspace)?,
        ca: certificates.ca.clone(),
        ours: Vec::new(),
    };
    for &service in wanted {
        let daemon = service.daemon(workspace)?;
        if daemon.pid().is_some() {
            continue;
        }
        services.state.ensure_port(workspace, service)?;
        let state = &services.state;
        let running = ui::step(service.name(), |step| match service {
            Service::Postgres => {
                Postgres::new(workspace)?.start(workspace, step, state, &certificates, lifetime)
            }
            Service::Mysql => {
                Mysql::new(workspace).start(workspace, step, state, &certificates, lifetime)
            }
        })?;
        services
            .ours
            .extend(running.map(|running| (daemon, running)));
    }
    Ok(Ok(services))
}

/// Starts the servers that do not run; the steps go to standard error.
pub(crate) fn start_for_tools(workspace: &Workspace) -> Result<()> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let status = Program::new(own)
        .args(["services", "up", "--no-urls"])
        .current_dir(&workspace.root)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .context("cannot run this program")?;
    if !status.success() {
        std::process::exit(1);
    }
    Ok(())
}

/// Prints only JSON to standard output; the steps go to standard error.
fn up_for_tools(workspace: &Workspace) -> Result<()> {
    start_for_tools(workspace)?;
    let state = State::load(workspace).context("target/services/state.json is gone")?;
    let ca = Certificates::inside(&state::folder(workspace).join("tls")).ca;
    ui::line(serde_json::json!({
        "postgres": state.url(Service::Postgres, DATABASE),
        "mysql": state.url(Service::Mysql, DATABASE),
        "ca": ca,
    }));
    Ok(())
}

fn down(workspace: &Workspace, erase: bool) -> Result<()> {
    let _lock = state::lock(workspace)?;
    for service in Service::ALL {
        let daemon = service.daemon(workspace)?;
        if daemon.pid().is_none() {
            ui::line(format_args!("{} does not run", service.name()));
            continue;
        }
        ui::step(format!("end {}", service.name()), |_| {
            daemon.stop();
            Ok(())
        })?;
    }
    if erase {
        Postgres::new(workspace)?.erase()?;
        Mysql::new(workspace).erase()?;
        files::remove(&state::folder(workspace))?;
        ui::line("their data is deleted");
    }
    Ok(())
}

fn status(workspace: &Workspace) -> Result<()> {
    let state = State::load(workspace);
    for service in Service::ALL {
        let pid = service.daemon(workspace)?.pid();
        match (pid, &state) {
            (Some(pid), Some(state)) => {
                let url = state.url(service, DATABASE);
                ui::line(format_args!(
                    "{:<11} runs (process {pid}): {url}",
                    service.name()
                ));
            }
            _ => ui::line(format_args!("{:<11} does not run", service.name())),
        }
    }
    Ok(())
}
