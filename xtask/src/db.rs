//! `cargo x db`: thin commands over a database.
//! Absent: how it is done; see `database`.

use anyhow::Result;

use crate::database::{Amount, Database, Served, Store};
use crate::workspace::Workspace;
use crate::{tools, ui};

/// Migrate or seed a database.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Apply the migrations that the database lacks.
    #[command(after_help = "Examples:
  cargo x db migrate
  cargo x db migrate --db postgres
  cargo x db migrate --database-url postgres://user:password@host/name")]
    Migrate {
        #[command(flatten)]
        target: Target,
    },
    /// Fill the database with the example site, or a large one.
    #[command(after_help = "Examples:
  cargo x db seed
  cargo x db seed --db mysql
  cargo x db seed --users 10000 --posts 1000000")]
    Seed {
        #[command(flatten)]
        amount: Amount,
        #[command(flatten)]
        target: Target,
    },
}

/// Which database a command is about.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Target {
    /// Which environment's database.
    #[arg(long, value_enum, default_value_t)]
    env: Environment,
    /// Which engine's.
    #[arg(long, value_enum, default_value_t)]
    db: Store,
    /// Any other, by its address.
    #[arg(long, value_name = "URL", conflicts_with_all = ["db", "env"])]
    database_url: Option<String>,
}

/// Which environment a command is about.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(crate) enum Environment {
    /// The database of `cargo x dev`, on this machine.
    #[default]
    Local,
}

impl Target {
    fn open(&self, workspace: &Workspace) -> Result<Database> {
        match (&self.database_url, self.env) {
            (Some(url), _) => Ok(Database::Served(Served::at(url))),
            (None, Environment::Local) => self.db.open(workspace),
        }
    }
}

pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<()> {
    tools::ensure_node(workspace)?;
    match command {
        Command::Migrate { target } => {
            let database = target.open(workspace)?;
            if !database.migrate(workspace)? {
                ui::line("the database has every migration already");
            }
            show(&database)
        }
        Command::Seed { amount, target } => {
            let database = target.open(workspace)?;
            database.migrate(workspace)?;
            show(&database)?;
            database.seed(workspace, *amount)
        }
    }
}

fn show(database: &Database) -> Result<()> {
    ui::line(format_args!("database: {}", database.shown()?));
    Ok(())
}
