//! `cargo x db`, and the databases that a site runs on here: the local D1, and those that have a URL.
//! Absent: SQL; the `db-cli` crate migrates and seeds. wrangler only creates the local D1.

mod engine;
mod local;
mod remote;
mod schema;

use anyhow::{Result, bail};

use crate::services::{self, Lifetime, Service, Services};
use crate::workspace::Workspace;
use crate::{tools, ui};
pub(crate) use engine::{Engine, Store};
pub(crate) use local::LocalD1;
pub(crate) use remote::{Amount, RemoteDatabase, sqlite_cli};

/// Migrate, compare, seed or reindex a database.
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
    /// Write the next migration for each engine, from the difference of the declared schema and the migrations.
    #[command(after_help = "Examples:
  cargo x db generate                                   name it after its first change
  cargo x db generate add_site --explain                print the SQL
  cargo x db generate --rename users.bio:about          a column has another name
  cargo x db generate drop_tags --allow-destructive     lose a table with its rows
  cargo x db generate fill_names --custom               empty files, for data
  cargo x db generate --undo                            the reverse of the newest, as a new one
  cargo x db generate --check                           exit with 1 if something is not generated

Exit codes: 0 done, or nothing to do; 1 refused, failed, or (--check) not generated; 2 wrong options.")]
    Generate(schema::GenerateArgs),
    /// Compare a database with the declared schema: a line for each difference, with the command that mends it.
    #[command(after_help = "Examples:
  cargo x db check
  cargo x db check --db mysql --sql
  cargo x db check --database-url postgres://user:password@host/name --json

Exit codes: 0 as declared; 1 it differs, or cannot be read; 2 wrong options.")]
    Check(schema::CheckArgs),
    /// Fill the database with the example site, or with a large one.
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
    /// Make anew what is derived from texts: the words of searches, and the HTML of posts and comments.
    ///
    /// For after an update of the site that changed how these are made. Only rows that change are written; texts and their
    /// times stay. It can be run again at any time, also after an interruption.
    #[command(after_help = "Examples:
  cargo x db reindex
  cargo x db reindex --db postgres
  cargo x db reindex --database-url d1:account/database")]
    Reindex {
        #[command(flatten)]
        target: Target,
    },
}

/// The database of a command.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Target {
    /// The environment of the database.
    #[arg(long, value_enum, default_value_t)]
    env: EnvironmentArg,
    /// The database engine.
    #[arg(long, value_enum, default_value_t)]
    db: Store,
    /// Any other database, by its URL.
    #[arg(long, value_name = "URL", conflicts_with_all = ["db", "env"])]
    database_url: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum EnvironmentArg {
    /// The database of `cargo x dev`, on this machine.
    #[default]
    Local,
}

impl Target {
    fn open(&self, workspace: &Workspace) -> Result<Database> {
        match (&self.database_url, self.env) {
            (Some(url), _) => RemoteDatabase::parse(url).map(Database::Remote),
            (None, EnvironmentArg::Local) => Database::open(workspace, self.db),
        }
    }
}

pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<()> {
    let target = match command {
        Command::Migrate { target }
        | Command::Seed { target, .. }
        | Command::Reindex { target } => target,
        Command::Generate(args) => return schema::generate(workspace, args),
        Command::Check(args) => return schema::check(workspace, args),
    };
    let database = target.open(workspace)?;
    tools::ensure_node(workspace)?;
    let is_changed = database.migrate(workspace)?;
    match command {
        Command::Migrate { .. } if !is_changed => {
            ui::line("the database has every migration already");
        }
        _ => {}
    }
    let remote = database.remote()?;
    ui::line(format_args!("database: {}", remote.shown()));
    match command {
        Command::Migrate { .. } | Command::Generate(_) | Command::Check(_) => Ok(()),
        Command::Seed { amount, .. } => remote.seed(workspace, *amount),
        Command::Reindex { .. } => remote.reindex(workspace),
    }
}

/// Compiles the program that migrates and seeds the local D1, so that it is ready when it is needed.
pub(crate) fn compile(workspace: &Workspace, store: Store) -> Result<()> {
    match store {
        Store::D1 => remote::compile_sqlite_cli(workspace),
        Store::Postgres | Store::Mysql => Ok(()),
    }
}

/// A site's database.
pub(crate) enum Database {
    /// The local D1.
    D1(LocalD1),
    /// A database that has a URL.
    Remote(RemoteDatabase),
    /// A database in a private server.
    Private(RemoteDatabase, Services, Service),
}

impl Database {
    /// Opens a database of this machine. Its server is started, if it does not run, and goes on running.
    pub(crate) fn open(workspace: &Workspace, store: Store) -> Result<Self> {
        let service = match store {
            Store::D1 => return LocalD1::new(workspace).map(Self::D1),
            Store::Postgres => Service::Postgres,
            Store::Mysql => Service::Mysql,
        };
        let services = services::up(workspace, &[service], Lifetime::UntilDown)?;
        // TLS would protect nothing on one machine.
        let url = format!("{}?sslmode=disable", services.url(service));
        Ok(Self::Private(
            RemoteDatabase::parse(&url)?,
            services,
            service,
        ))
    }

    /// Removes all data and tables.
    pub(crate) fn reset(&self) -> Result<()> {
        match self {
            Self::D1(local) => local.reset(),
            Self::Private(_, services, service) => services.reset(*service),
            Self::Remote(remote) => bail!(
                "{} is not a private database: it is not reset",
                remote.shown()
            ),
        }
    }

    /// Applies the migrations that it lacks; returns whether there were any.
    pub(crate) fn migrate(&self, workspace: &Workspace) -> Result<bool> {
        match self {
            Self::D1(local) => local.migrate(workspace),
            Self::Remote(remote) | Self::Private(remote, ..) => remote.migrate(workspace),
        }
    }

    /// Fills it with the example site.
    pub(crate) fn seed(&self, workspace: &Workspace, amount: Amount) -> Result<()> {
        self.remote()?.seed(workspace, amount)
    }

    /// Migrates it, and fills it with the example site unless it has users.
    pub(crate) fn prepare(&self, workspace: &Workspace) -> Result<()> {
        self.migrate(workspace)?;
        match self {
            // A quick look, for which nothing has to be compiled.
            Self::D1(local) if !local.is_empty(workspace)? => Ok(()),
            _ => self.remote()?.seed_if_empty(workspace),
        }
    }

    /// The database as native programs reach it. A local D1 has a file only after its first migration.
    pub(crate) fn remote(&self) -> Result<RemoteDatabase> {
        match self {
            Self::D1(local) => local.remote(),
            Self::Remote(remote) | Self::Private(remote, ..) => Ok(remote.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_private_database_is_reset() {
        let remote = RemoteDatabase::parse("postgres://u:p@h/d").map(Database::Remote);
        let refused = remote.and_then(|remote| remote.reset());
        assert_eq!(
            refused.err().map(|error| error.to_string()).as_deref(),
            Some(
                "PostgreSQL at h:5432, database d, as u is not a private database: it is not reset"
            )
        );
    }
}
