//! `cargo x serve`: the same site as an ordinary program, without workerd.
//! Absent: the program; see server/native-server.

use anyhow::Result;

use crate::build::{self, Parts};
use crate::database::{Database, Served, Store};
use crate::native::{self, Options};
use crate::workspace::{Mode, Workspace};
use crate::{process, secrets, tools, ui, wrangler};

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
    /// Any database, by its address; it is migrated, and not seeded.
    #[arg(long, value_name = "URL", conflicts_with = "db")]
    database_url: Option<String>,
    /// Build quickly, with stable asset names.
    #[arg(long)]
    dev: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    wrangler::ensure_free(args.port)?;
    tools::ensure_node(workspace)?;
    let database = match &args.database_url {
        Some(url) => Database::Served(Served::at(url)),
        None => args.db.open(workspace)?,
    };
    let (mode, environment) = if args.dev {
        (Mode::Dev, "development")
    } else {
        (Mode::Release, "production")
    };
    let parts = Parts {
        worker: false,
        ..Parts::ALL
    };
    let built = build::stage(workspace, mode, None, parts)?;
    match args.database_url {
        Some(_) => database.migrate(workspace).map(|_| ())?,
        None => database.prepare(workspace)?,
    }
    let program = native::build(workspace, mode)?;
    let url = ui::bold(&format!("http://127.0.0.1:{}", args.port));
    ui::line(format_args!("\n  {url}  (Ctrl-C ends it)\n"));
    let mut server = native::command(
        workspace,
        &Options {
            program: &program,
            assets: &built.assets.folder,
            database_url: &database.url()?,
            port: args.port,
            session_secret: &secrets::session(workspace)?,
        },
    );
    process::show(server.env("ENVIRONMENT", environment))
}
