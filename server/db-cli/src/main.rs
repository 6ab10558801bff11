//! `db-cli`: migrates, compares, seeds, exports and restores databases. `cargo x db` runs it.

mod administration;
mod dumping;
mod migrating;
mod renumber;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use administration::AdminArgs;
use anyhow::{Context, Error, Result, bail, ensure};
use clap::{Args, Parser, Subcommand};
use db::Db;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db_cli::{BulkSize, clean_up, insert_bulk, insert_example, is_empty, reindex};
use domain::Timestamp;
use dumping::{ExportArgs, RestoreArgs};
use migrating::MigrateArgs;
use renumber::RenumberArgs;
use schema::{BaselineArgs, CheckArgs, GenerateArgs, PullArgs, PushArgs, ReleasedArgs};
use tokio::runtime::{Builder, Runtime};

/// Migrate, seed and reindex a database: a SQLite file (such as the local D1's), a deployed D1, PostgreSQL or MySQL.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations.
    Migrate {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: MigrateArgs,
    },
    /// Give the next number to a migration that shares one, or comes before one that is applied.
    Renumber(RenumberArgs),
    /// Write the next migration for each engine: what the declared schema has and the migrations do not lead to.
    Generate(GenerateArgs),
    /// Compare a database with the declared schema; exit with 1 if they differ.
    Check {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: CheckArgs,
    },
    /// Bring a database of this machine to the declared schema, without a migration.
    Push {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: PushArgs,
    },
    /// Print a database as declarations, with comments about what they do not have.
    Pull {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: PullArgs,
    },
    /// Note in the ledger which migrations a database has that was made without one.
    Baseline {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: BaselineArgs,
    },
    /// Note that this version is served now: what it reads is not removed before the next one is. A deployment runs it.
    Released(ReleasedArgs),
    /// Insert the example site, or bulk data, into an empty database.
    Seed {
        #[command(flatten)]
        database: DatabaseArgs,
        /// Insert bulk data with this number of users, instead of the example site (SQLite files only).
        #[arg(long, requires = "posts")]
        users: Option<u64>,
        /// Insert bulk data with this number of posts, instead of the example site (SQLite files only).
        #[arg(long, requires = "users")]
        posts: Option<u64>,
        /// Do nothing if the database already has users, instead of failing.
        #[arg(long)]
        if_empty: bool,
        /// Print JSON: the database, and what was done.
        #[arg(long)]
        json: bool,
    },
    /// Make somebody an administrator, and print a one-time link for who cannot sign in.
    Admin {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: AdminArgs,
    },
    /// Make anew what is derived from texts: the words of searches, and the HTML of posts and comments.
    Reindex {
        #[command(flatten)]
        database: DatabaseArgs,
        /// Print JSON: the database, and what was done.
        #[arg(long)]
        json: bool,
    },
    /// Run the site's hourly job until nothing is left: erase the accounts that are due, and delete what is of no more use.
    CleanUp {
        #[command(flatten)]
        database: DatabaseArgs,
        /// Print JSON: the database, and what was done.
        #[arg(long)]
        json: bool,
    },
    /// Write every row, as they are at one moment, into a file that any engine can be filled from.
    Export {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: ExportArgs,
    },
    /// Fill a database from a dump: all rows or none.
    Restore {
        #[command(flatten)]
        database: DatabaseArgs,
        #[command(flatten)]
        args: RestoreArgs,
    },
}

#[derive(Args)]
struct DatabaseArgs {
    /// SQLite file; `migrate` creates it if it does not exist.
    #[arg(
        long = "database",
        value_name = "FILE",
        conflicts_with = "database_url"
    )]
    file: Option<PathBuf>,
    /// Database URL (`sqlite:`, `d1:`, `postgres:` or `mysql:`). Default: the environment variable DATABASE_URL.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl DatabaseArgs {
    fn resolve(self) -> Result<DatabaseUrl> {
        let variable = |name: &str| std::env::var(name).ok();
        if let Some(file) = self.file {
            return Ok(DatabaseUrl::from_file(file));
        }
        let url = self
            .database_url
            .or_else(|| variable("DATABASE_URL"))
            .context(
                "no database given: use --database FILE or --database-url URL, or set DATABASE_URL",
            )?;
        DatabaseUrl::parse(&url, variable).map_err(Error::msg)
    }
}

fn main() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    match Cli::parse().command {
        Command::Migrate { database, args } => {
            let url = database.resolve()?;
            print(&runtime.block_on(migrating::run(&url, &args, &progress))?);
        }
        Command::Renumber(args) => {
            let (applied, database) = runtime.block_on(migrating::applied())?;
            print(&renumber::run(&args, &applied, &database)?);
        }
        Command::Generate(args) => {
            let outcome = runtime.block_on(schema::generate(&args))?;
            print(&args.text(&outcome));
            if let Some(failure) = outcome.failure {
                bail!(failure);
            }
        }
        Command::Check { database, args } => {
            let url = database.resolve()?;
            check_file(&url)?;
            let report = runtime.block_on(schema::check(&url, &args))?;
            print(&report.text);
            if let Some(failure) = report.failure {
                bail!(failure);
            }
        }
        Command::Push { database, args } => {
            let url = database.resolve()?;
            print(&runtime.block_on(schema::push(&url, &args))?);
        }
        Command::Pull { database, args } => {
            let url = database.resolve()?;
            check_file(&url)?;
            // Standard output is the source alone.
            progress(&format!("database: {}", url.describe()));
            print(&runtime.block_on(schema::pull(&url, &args))?);
        }
        Command::Baseline { database, args } => {
            let url = database.resolve()?;
            check_file(&url)?;
            print(&runtime.block_on(schema::baseline(&url, &args))?);
        }
        Command::Released(args) => {
            print(&format!("wrote {}", schema::note_released(&args)?));
        }
        Command::Seed {
            database,
            users,
            posts,
            if_empty,
            json,
        } => {
            let url = database.resolve()?;
            check_file(&url)?;
            let done = seed(&runtime, &url, users.zip(posts), if_empty)?;
            print(&report(&url, &done, json));
        }
        Command::Admin { database, args } => {
            let url = database.resolve()?;
            check_file(&url)?;
            let db = Db::new(url.connector(PoolSize::default())?);
            let done = runtime.block_on(args.run(&db));
            let done = done.with_context(|| format!("{}: nothing was changed", url.describe()))?;
            print(&args.text(&url, &done));
        }
        Command::Reindex { database, json } => {
            let url = database.resolve()?;
            check_file(&url)?;
            let db = Db::new(url.connector(PoolSize::default())?);
            let done = runtime
                .block_on(reindex(&db, progress))
                .with_context(|| format!("{}: run it again to go on", url.describe()))?;
            print(&report(&url, &done, json));
        }
        Command::CleanUp { database, json } => {
            let url = database.resolve()?;
            check_file(&url)?;
            let db = Db::new(url.connector(PoolSize::default())?);
            let done = runtime
                .block_on(clean_up(&db, Timestamp::now(), progress))
                .with_context(|| format!("{}: run it again to go on", url.describe()))?;
            print(&report(&url, &done, json));
        }
        Command::Export { database, args } => {
            let url = database.resolve()?;
            check_file(&url)?;
            print(&runtime.block_on(dumping::run_export(&url, &args, &progress))?);
        }
        Command::Restore { database, args } => {
            let url = database.resolve()?;
            check_file(&url)?;
            print(&runtime.block_on(dumping::run_restore(&url, &args, &progress))?);
        }
    }
    Ok(())
}

/// The sentence about what was done, or JSON with it.
fn report(url: &DatabaseUrl, done: &str, is_json: bool) -> String {
    let database = url.describe();
    match is_json {
        true => serde_json::json!({ "database": database, "done": done }).to_string(),
        false => format!("{database}: {done}"),
    }
}

/// Refuses a file that does not exist, which would else be made, empty.
fn check_file(url: &DatabaseUrl) -> Result<()> {
    if let Some(file) = url.file() {
        ensure!(
            file.is_file(),
            "{} does not exist; run `cargo x db migrate` first",
            file.display()
        );
    }
    Ok(())
}

fn seed(
    runtime: &Runtime,
    url: &DatabaseUrl,
    bulk: Option<(u64, u64)>,
    if_empty: bool,
) -> Result<String> {
    let db = Db::new(url.connector(PoolSize::default())?);
    if if_empty && !runtime.block_on(is_empty(&db))? {
        return Ok("already has users; nothing was changed".to_owned());
    }
    match bulk {
        None => runtime
            .block_on(insert_example(&db))
            .with_context(|| format!("{}: nothing was inserted", url.describe())),
        Some((users, posts)) => {
            let file = url
                .file()
                .context("--users and --posts need a SQLite file")?;
            seed_bulk(file, BulkSize { users, posts }).with_context(|| {
                format!(
                    "{} may contain incomplete bulk data; delete it and start again",
                    url.describe()
                )
            })
        }
    }
}

fn seed_bulk(file: &Path, size: BulkSize) -> Result<String> {
    ensure!(
        size.users > 0,
        "--users must be at least 1: every post needs an author"
    );
    let sqlite = Arc::new(Sqlite::open(file)?);
    let db = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    insert_bulk(&db, &sqlite, size, progress)
}

#[expect(clippy::print_stderr, reason = "a command shows its progress")]
fn progress(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "a command prints its result")]
fn print(text: &str) {
    println!("{text}");
}
