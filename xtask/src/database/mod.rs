//! `cargo x db`, and the databases that a site runs on here: the local D1, and those that have a URL.
//! Absent: SQL; the `db-cli` crate migrates and seeds. wrangler only creates the local D1.

mod admin;
mod dump;
mod engine;
mod filling;
mod local;
mod migrate;
mod options;
mod remote;
mod schema;
mod studio;
mod target;

use anyhow::{Result, bail};

use crate::services::{self, Lifetime, Service, Services};
use crate::workspace::Workspace;
pub(crate) use engine::{Engine, Store};
pub(crate) use local::LocalD1;
pub(crate) use remote::{Amount, RemoteDatabase, sqlite_cli};
pub(crate) use schema::{ensure_generated, note_released};
use target::{Target, Use};

/// Migrate, compare, seed, reindex, export, restore or look at a database.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Apply the migrations that the database lacks.
    ///
    /// Before production is changed, the way back is noted and printed: the bookmark of a D1, or an export into backups/.
    #[command(after_help = "Examples:
  cargo x db migrate
  cargo x db migrate --db postgres --dry-run            print the SQL
  cargo x db migrate --env production
  cargo x db migrate --database-url postgres://user:password@host/name --wait 60

Exit codes: 0 done, or nothing to do; 1 refused or failed; 2 wrong options.")]
    Migrate(migrate::MigrateArgs),
    /// Give the next number to a migration that shares its number with another one, or comes before one that is applied.
    ///
    /// Its files of all engines are renamed. The ledger of the database tells which one is new; where it does not, name it.
    #[command(after_help = "Examples:
  cargo x db renumber
  cargo x db renumber --env production                  what production has keeps its number
  cargo x db renumber 0007_add_site

Exit codes: 0 done, or nothing to do; 1 refused or failed; 2 wrong options.")]
    Renumber(migrate::RenumberArgs),
    /// Write the next migration for each engine, from the difference of the declared schema and the migrations.
    ///
    /// A table or column that the served version reads (migrations/released.json, which `cargo x deploy --env production` writes) is
    /// kept when its declaration goes, and may be left out of new rows. When the version without it is served, --contract removes
    /// it.
    #[command(after_help = "Examples:
  cargo x db generate                                   name it after its first change
  cargo x db generate add_site --explain                print the SQL
  cargo x db generate --rename users.bio:about          a column has another name
  cargo x db generate drop_tags --allow-destructive     lose a table with its rows
  cargo x db generate fill_names --custom               empty files, for data
  cargo x db generate --contract --allow-destructive    remove what was kept for the version before
  cargo x db generate --undo                            the reverse of the newest, as a new one
  cargo x db generate --check                           exit with 1 if something is not generated, or does harm

Exit codes: 0 done, or nothing to do; 1 refused, failed, or (--check) not generated or harmful; 2 wrong options.")]
    Generate(options::GenerateArgs),
    /// Compare a database with the declared schema: a line for each difference, with the command that mends it.
    ///
    /// The migrations of its engine are linted too: rebuilds that delete rows, foreign keys without an index, SQL of another
    /// engine, locks that stop writes. A comment before a statement allows it: `-- lint: allow NAME: reason`.
    #[command(after_help = "Examples:
  cargo x db check
  cargo x db check --db mysql --sql
  cargo x db check --env production
  cargo x db check --database-url postgres://user:password@host/name --json

Exit codes: 0 as declared; 1 it differs, cannot be read, or a migration does harm; 2 wrong options.")]
    Check(options::CheckArgs),
    /// Bring a database of this machine to the declared schema, without a migration: for trying a declaration.
    ///
    /// Rows, indexes and triggers stay. What would lose rows is refused with their number. The ledger of migrations is left as it
    /// is: when the declaration is right, `generate` writes its migration, and `baseline` notes it.
    #[command(after_help = "Examples:
  cargo x db push
  cargo x db push --db postgres --dry-run               print the SQL
  cargo x db push --rename users.bio:about              a column has another name
  cargo x db push --allow-destructive                   lose what the steps lose

Exit codes: 0 as declared now, or nothing to do; 1 refused or failed; 2 wrong options.")]
    Push(options::PushArgs),
    /// Print a database as `table!` declarations, as server/db/src/schema/tables.rs has them; change nothing.
    ///
    /// Columns that are as declared keep their words and their comments. A comment says what declarations do not have. Only the source
    /// goes to standard output. SQLite does not tell times and truth values from numbers, nor UUIDs from texts: there, a number
    /// whose name ends with `_at` becomes a time, and the rest stays a number or a text.
    #[command(after_help = "Examples:
  cargo x db pull
  cargo x db pull --database-url mysql://user:password@host/name > tables.rs
  cargo x db pull --db postgres --fresh                 by what the database says alone

Exit codes: 0 printed; 1 the database cannot be read; 2 wrong options.")]
    Pull(options::PullArgs),
    /// Note in the ledger which migrations a database has that was made without one; run none of them.
    ///
    /// The database is compared with every state that the migrations lead to, in a scratch database. If it is none of them, the
    /// differences are named and nothing is noted. On D1 the ledger is wrangler's own.
    #[command(after_help = "Examples:
  cargo x db baseline --database-url postgres://user:password@host/name
  cargo x db baseline --db mysql --dry-run              say what would be noted
  cargo x db baseline --to 0003                         the last one, where the tables do not tell

Exit codes: 0 noted, or nothing to do; 1 refused or failed; 2 wrong options.")]
    Baseline(options::BaselineArgs),
    /// Fill the database with the example site, or with a large one.
    #[command(after_help = "Examples:
  cargo x db seed
  cargo x db seed --db mysql
  cargo x db seed --users 10000 --posts 1000000

Exit codes: 0 done; 1 refused or failed; 2 wrong options.")]
    Seed(filling::SeedArgs),
    /// Make anew what is derived from texts: the words of searches, and the HTML of posts and comments.
    ///
    /// For after an update of the site that changed how these are made. Only rows that change are written; texts and their
    /// times stay. It can be run again at any time, also after an interruption.
    #[command(after_help = "Examples:
  cargo x db reindex
  cargo x db reindex --db postgres
  cargo x db reindex --env production
  cargo x db reindex --database-url d1:account/database

Exit codes: 0 done; 1 refused or failed, run it again to go on; 2 wrong options.")]
    Reindex(filling::UpkeepArgs),
    /// Run the site's hourly job now: erase the accounts that are due, and delete what is of no more use.
    ///
    /// A site does it by itself: the Worker by its schedule, the native server by its clock. Here it is done until nothing is left.
    #[command(after_help = "Examples:
  cargo x db clean-up
  cargo x db clean-up --db postgres
  cargo x db clean-up --env production

Exit codes: 0 done; 1 refused or failed, run it again to go on; 2 wrong options.")]
    CleanUp(filling::UpkeepArgs),
    /// Make somebody an administrator, and print one-time links for who cannot sign in.
    ///
    /// With --link, the owner of the address sets a new password by the link, without any mail; where nobody has an account with it, the
    /// link makes one, an administrator's. Without an address, a link is printed by which the first administrator is made, if there is
    /// none who can sign in. A link is good once, for a day.
    #[command(after_help = "Examples:
  cargo x db admin ada@example.com                      on the local D1
  cargo x db admin ada@example.com --link --db postgres
  cargo x db admin ada@example.com --link --env production
  cargo x db admin                                      the first administrator

Exit codes: 0 done, or nothing to do; 1 refused or failed; 2 wrong options.")]
    Admin(admin::AdminArgs),
    /// Write every row, as they are at one moment, into a file that any engine can be filled from.
    ///
    /// The file is a zip file: a manifest, and JSON Lines for each table. Full-text indexes are not in it; they are made from
    /// the rows. The database is not changed, and the file appears when it is complete.
    #[command(after_help = "Examples:
  cargo x db export                                     site-20260301T073000Z.dump.zip, in this folder
  cargo x db export backups/monday.zip --db postgres
  cargo x db export --anonymise                         for developers: nothing that people wrote or are known by
  cargo x db export site.sql --sql                      INSERT statements for sqlite3 and wrangler, psql or mariadb
  cargo x db export --env production
  cargo x db export --database-url d1:account/database

Exit codes: 0 done; 1 refused or failed, no file was written; 2 wrong options.")]
    Export(dump::ExportArgs),
    /// Fill a database from a dump of any engine: all rows or none.
    ///
    /// The whole dump is checked first. What is written is compared with it before the transaction ends. A remote D1, which
    /// has no transactions, is filled in parts.
    #[command(after_help = "Examples:
  cargo x db restore monday.zip
  cargo x db restore monday.zip --db mysql --replace    in place of the rows that are there
  cargo x db restore monday.zip --database-url postgres://user:password@host/name
  cargo x db restore monday.zip --database-url d1:account/database --resume

Exit codes: 0 done, every row is as in the dump; 1 refused or failed, nothing was changed (a remote D1: says what to do);
2 wrong options.")]
    Restore(dump::RestoreArgs),
    /// Look at a database in the browser: tables, rows, filters, SQL; change rows with --write.
    ///
    /// The page is Prisma's Studio, which is installed on first use and asks nobody but this command. It is served at 127.0.0.1, to
    /// the one browser that opens the printed address. Without --write the database itself refuses to change anything. A D1 at
    /// Cloudflare is looked at in Cloudflare's dashboard.
    #[command(after_help = "Examples:
  cargo x db studio                                     the local D1
  cargo x db studio --db postgres --write
  cargo x db studio --database-url sqlite:site.sqlite
  cargo x db studio --env production                    read-only
  cargo x db studio --env production --write            asks for its name

Exit codes: 130 ended by Ctrl-C; 1 refused or failed; 2 wrong options.")]
    Studio(studio::StudioArgs),
}

pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<()> {
    match command {
        Command::Reindex(args) => filling::keep_up(workspace, args, "reindex"),
        Command::CleanUp(args) => filling::keep_up(workspace, args, "clean-up"),
        Command::Admin(args) => admin::admin(workspace, args),
        Command::Seed(args) => filling::seed(workspace, args),
        Command::Migrate(args) => migrate::migrate(workspace, args),
        Command::Renumber(args) => migrate::renumber(workspace, args),
        Command::Generate(args) => schema::generate(workspace, args),
        Command::Check(args) => schema::check(workspace, args),
        Command::Baseline(args) => schema::baseline(workspace, args),
        Command::Pull(args) => schema::pull(workspace, args),
        Command::Push(args) => schema::push(workspace, args),
        Command::Export(args) => dump::export(workspace, args),
        Command::Restore(args) => dump::restore(workspace, args),
        Command::Studio(args) => studio::run(workspace, args),
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

    /// The database as native programs reach it; a local D1 is created, empty, if it does not exist.
    fn created(&self, workspace: &Workspace) -> Result<RemoteDatabase> {
        if let Self::D1(local) = self {
            local.ensure_created(workspace)?;
        }
        self.remote()
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
