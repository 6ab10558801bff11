//! `db-cli`: the native commands, run by `cargo x db`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Error, Result, ensure};
use clap::{Args, Parser, Subcommand};
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, migrate};
use db_cli::{Amount, insert_example, insert_large, is_empty};
use tokio::runtime::{Builder, Runtime};

/// Migrates and seeds a database: a SQLite file, the local D1's among them, or a server.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply the migrations that the database lacks.
    Migrate {
        #[command(flatten)]
        place: Place,
    },
    /// Fill an empty database with the example site, or a large one.
    Seed {
        #[command(flatten)]
        place: Place,
        /// How many users a large site has; for SQLite files.
        #[arg(long, requires = "posts")]
        users: Option<u64>,
        /// How many posts a large site has; for SQLite files.
        #[arg(long, requires = "users")]
        posts: Option<u64>,
        /// Leave a database that has users already as it is, without calling that a failure.
        #[arg(long)]
        if_empty: bool,
    },
}

#[derive(Args)]
struct Place {
    /// A SQLite file; made when it is missing.
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    database: Option<PathBuf>,
    /// Any database, as `sqlite:`, `postgres:` or `mysql:` URL; without either, the environment's DATABASE_URL.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl Place {
    fn find(self) -> Result<DatabaseUrl> {
        let setting = |name: &str| std::env::var(name).ok();
        if let Some(file) = self.database {
            return Ok(DatabaseUrl::from_file(file));
        }
        let url = self
            .database_url
            .or_else(|| setting("DATABASE_URL"))
            .context(
                "which database? Give --database FILE or --database-url URL, or set DATABASE_URL",
            )?;
        DatabaseUrl::parse(&url, setting).map_err(Error::msg)
    }
}

fn main() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    match Cli::parse().command {
        Command::Migrate { place } => {
            let native = place.find()?;
            let applied = runtime.block_on(migrate::apply_to(&native))?;
            tell(&format!(
                "{}: applied {} migrations",
                native.describe(),
                applied.len()
            ));
        }
        Command::Seed {
            place,
            users,
            posts,
            if_empty,
        } => {
            let native = place.find()?;
            if let Some(file) = native.file() {
                ensure!(
                    file.is_file(),
                    "{} does not exist; run `cargo x db migrate` first",
                    file.display()
                );
            }
            let done = seed(&runtime, &native, users.zip(posts), if_empty)?;
            tell(&format!("{}: {done}", native.describe()));
        }
    }
    Ok(())
}

fn seed(
    runtime: &Runtime,
    native: &DatabaseUrl,
    large: Option<(u64, u64)>,
    if_empty: bool,
) -> Result<String> {
    let client = Db::new(native.connector(PoolSize::default())?);
    if if_empty && !runtime.block_on(is_empty(&client))? {
        return Ok("has users already, and was left as it is".to_owned());
    }
    match large {
        None => runtime
            .block_on(insert_example(&client))
            .with_context(|| format!("{} was left as it was", native.describe())),
        Some((users, posts)) => {
            let file = native
                .file()
                .context("a large site is made in a SQLite file")?;
            seed_large(file, Amount { users, posts }).with_context(|| {
                format!(
                    "{} may hold a part of the large site; make it anew",
                    native.describe()
                )
            })
        }
    }
}

fn seed_large(file: &Path, amount: Amount) -> Result<String> {
    ensure!(
        amount.users > 0,
        "--users is at least 1: every post has an author"
    );
    let sqlite = Arc::new(Sqlite::open(file)?);
    let client = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
    insert_large(&client, &sqlite, amount, |text| {
        #[expect(clippy::print_stderr, reason = "a command that shows progress")]
        {
            eprintln!("{text}");
        }
    })
}

#[expect(clippy::print_stdout, reason = "a command that says what it did")]
fn tell(text: &str) {
    println!("{text}");
}
