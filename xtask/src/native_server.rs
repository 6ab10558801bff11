//! `cargo x serve`: the site as an ordinary program, without workerd.
//! Absent: the program; see server/native-server.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Receiver;

use anyhow::Result;

use crate::build::{self, Parts, WorkerFeatures, native};
use crate::database::{Database, RemoteDatabase, Store};
use crate::process::{self, Running};
use crate::settings::{self, Program};
use crate::variables::variable;
use crate::workspace::{Mode, Workspace};
use crate::{dotenv, ports, secrets, tools, ui};

/// Run the site as a native program.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo x serve                   http://127.0.0.1:8787 on the local D1's file
  cargo x serve --db postgres     on a private PostgreSQL
  cargo x serve --database-url sqlite:site.sqlite --port 9000")]
pub(crate) struct Args {
    /// The port to serve at.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The database engine.
    #[arg(long, value_enum, default_value_t)]
    db: Store,
    /// Any other database, by its URL; it is migrated, and not seeded.
    #[arg(long, value_name = "URL", conflicts_with = "db")]
    database_url: Option<String>,
    /// Build quickly, with stable asset names.
    #[arg(long)]
    dev: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    ports::ensure_free(args.port)?;
    settings::report(workspace, Program::Native);
    let database = match &args.database_url {
        Some(url) => Database::Remote(RemoteDatabase::parse(url)?),
        None => Database::open(workspace, args.db)?,
    };
    tools::ensure_node(workspace)?;
    let (mode, environment) = if args.dev {
        (Mode::Dev, "development")
    } else {
        (Mode::Release, "production")
    };
    let parts = Parts {
        worker: false,
        ..Parts::ALL
    };
    let built = build::stage(workspace, mode, &WorkerFeatures::all(), parts)?;
    match args.database_url {
        Some(_) => database.migrate(workspace).map(|_| ())?,
        None => database.prepare(workspace)?,
    }
    let program = native::build_server(workspace, mode)?;
    let url = ui::bold(&format!("http://127.0.0.1:{}", args.port));
    ui::line(format_args!("\n  {url}  (Ctrl-C ends it)\n"));
    let database = database.remote()?;
    database.print_set_up_link(workspace, &format!("http://127.0.0.1:{}", args.port));
    let options = Options {
        program: &program,
        assets: &built.assets,
        database_url: database.url(),
        port: args.port,
        session_secret: &secrets::session(workspace)?,
    };
    let mut server = command(workspace, &options);
    for name in settings::SHARED {
        if let (None, Some(value)) = (
            variable(name),
            dotenv::value(&secrets::read(workspace), name),
        ) {
            server.env(name, value);
        }
    }
    process::stream(server.env("ENVIRONMENT", environment))
}

/// Settings of the server.
pub(crate) struct Options<'a> {
    pub(crate) program: &'a Path,
    pub(crate) assets: &'a Path,
    pub(crate) database_url: &'a str,
    pub(crate) port: u16,
    pub(crate) session_secret: &'a str,
}

fn command(workspace: &Workspace, options: &Options<'_>) -> Command {
    let mut command = workspace.command(options.program);
    command
        .env("SITE_DIR", options.assets)
        .env("DATABASE_URL", options.database_url)
        .env("PORT", options.port.to_string())
        .env("SESSION_SECRET", options.session_secret)
        .env("REGISTRATION", "open");
    command
}

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    _running: Running,
    output: Receiver<String>,
}

impl Server {
    /// Starts the server and waits until it listens.
    pub(crate) fn start(workspace: &Workspace, options: &Options<'_>) -> Result<Self> {
        let mut command = command(workspace, options);
        // Variables of this process are meant for other programs.
        for name in [
            "DATABASE_POOL",
            "HOST",
            "LOG_SQL",
            "MAIL_FROM",
            "RUST_LOG",
            "SITE_URL",
            "SMTP_URL",
        ] {
            command.env_remove(name);
        }
        let (running, output) =
            process::start_server("the native server", &mut command, "serving at http")?;
        Ok(Self {
            _running: running,
            output,
        })
    }

    /// The log since the last call.
    pub(crate) fn output(&self) -> impl Iterator<Item = String> {
        self.output.try_iter()
    }
}
