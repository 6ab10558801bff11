//! The command `migrate`: waiting for the database, saying what would be applied, and the restore point before it is.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize, ServerConnector};
use db::migrate::{self, Pending, Step};
use db::{Connector, Consistency, DbError, Dialect, Driver, Statement};
use db_cli::ledger::{self, migrations};
use serde_json::json;

use crate::dumping::run_restore_point;

/// The time between two attempts to reach a database that is still starting.
const WAIT_INTERVAL: Duration = Duration::from_secs(1);

/// Options of `migrate`.
#[derive(Args)]
pub(crate) struct MigrateArgs {
    /// Print the SQL of what is pending; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Wait so many seconds for a database that is still starting.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Before anything is applied, note the way back: the bookmark of a remote D1, or an export into this folder.
    #[arg(long, value_name = "FOLDER")]
    restore_point: Option<PathBuf>,
    /// Print JSON: the database, and the files that were applied, or that are pending with their SQL.
    #[arg(long)]
    json: bool,
}

/// Applies what is pending, or says what it is. Returns the text to print; its last line tells the number.
///
/// # Errors
/// The first migration that is refused or fails; a database that cannot be reached in time.
pub(crate) async fn run(
    url: &DatabaseUrl,
    args: &MigrateArgs,
    line: &(dyn Fn(&str) + Sync),
) -> Result<String> {
    wait(url, args.wait, line).await?;
    if args.dry_run {
        let pending = plan(url).await?;
        return Ok(match args.json {
            true => pending_as_json(url, &pending),
            false => shown(url, &pending),
        });
    }
    let mut restore_point = None;
    if let Some(folder) = &args.restore_point
        && !plan(url).await?.is_empty()
    {
        let noted = note_restore_point(url, folder, line).await;
        let noted = noted.context(
            "there is no way back, and nothing was applied; `cargo x db migrate --no-export` goes on without one",
        )?;
        line(&noted);
        restore_point = Some(noted);
    }
    let resumed = Mutex::new(Vec::new());
    let watch = |step: &Step<'_>| {
        if let Step::WasDone { .. } = step {
            let mut resumed = resumed.lock().unwrap_or_else(PoisonError::into_inner);
            resumed.push(step.to_string());
        }
        line(&step.to_string());
    };
    let applied = migrate::apply_to_watched(url, &watch).await?;
    let resumed = resumed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if args.json {
        let restore_point =
            restore_point.map(|noted| noted.lines().map(str::to_owned).collect::<Vec<_>>());
        let all = json!({ "database": url.describe(), "applied": applied, "resumed": resumed, "restore_point": restore_point });
        return Ok(all.to_string());
    }
    Ok(format!(
        "{}: applied {} migrations",
        url.describe(),
        applied.len()
    ))
}

/// Notes the way back to the database as it is now. Returns the sentences about it.
async fn note_restore_point(
    url: &DatabaseUrl,
    folder: &Path,
    line: &dyn Fn(&str),
) -> Result<String> {
    if let Some(bookmark) = url.bookmark().await? {
        return Ok(format!(
            "restore point: the bookmark {bookmark} of Time Travel\n\
             way back: `npx wrangler d1 time-travel restore DB --env production --bookmark={bookmark}`"
        ));
    }
    let (file, rows) = run_restore_point(url, folder, line).await?;
    let shown = file.display();
    let client = match url.dialect() {
        Dialect::Sqlite => format!("`sqlite3 FILE < {shown}`"),
        Dialect::Postgres => format!("`psql URL -1 -v ON_ERROR_STOP=1 -f {shown}`"),
        Dialect::MySql => format!("`mariadb NAME < {shown}`"),
    };
    Ok(format!(
        "restore point: exported {rows} into {shown}\n\
         way back: with the version before this one, `cargo x db migrate --database-url URL` on an empty database, and then \
         {client}"
    ))
}

/// The names in the ledger of the database that DATABASE_URL names, and the database for people. None is a database that has
/// nothing.
pub(crate) async fn applied() -> Result<(Vec<String>, String)> {
    let variable = |name: &str| std::env::var(name).ok();
    let Some(url) = variable("DATABASE_URL") else {
        return Ok((Vec::new(), "no database".to_owned()));
    };
    let url = DatabaseUrl::parse(&url, variable).map_err(Error::msg)?;
    let names = ledger::applied(&*open(&url).await?).await;
    Ok((names, url.describe()))
}

async fn plan(url: &DatabaseUrl) -> Result<Vec<Pending>, DbError> {
    let driver = match url.file() {
        // It would be made by being opened.
        Some(file) if !file.is_file() => open(&empty()?).await?,
        _ => open(url).await?,
    };
    migrate::plan(&*driver, migrations(driver.dialect())).await
}

fn empty() -> Result<DatabaseUrl, DbError> {
    DatabaseUrl::parse("sqlite:memory", |_| None).map_err(DbError::Unavailable)
}

async fn open(url: &DatabaseUrl) -> Result<Arc<dyn Driver>, DbError> {
    match url.server() {
        Some(server) => {
            ServerConnector(server.clone())
                .connect(Consistency::Strong)
                .await
        }
        None => {
            url.connector(PoolSize::default())?
                .connect(Consistency::Strong)
                .await
        }
    }
}

/// The files that would be applied; of one that failed before, with the number of statements that are done.
fn pending_as_json(url: &DatabaseUrl, pending: &[Pending]) -> String {
    let files = pending.iter().map(|Pending { migration, done }| {
        json!({ "name": migration.name, "statements_done": done, "sql": migration.sql })
    });
    json!({ "database": url.describe(), "pending": files.collect::<Vec<_>>() }).to_string()
}

/// The SQL that would be run.
fn shown(url: &DatabaseUrl, pending: &[Pending]) -> String {
    let mut text = format!("-- {}: ", url.describe());
    match pending {
        [] => text.push_str("has every migration already"),
        [_] => text.push_str("would apply 1 migration"),
        all => text.push_str(&format!("would apply {} migrations", all.len())),
    }
    for Pending { migration, done } in pending {
        text.push_str(&format!("\n\n-- {}", migration.name));
        if *done > 0 {
            text.push_str(&format!(
                ", whose first {done} statements are done: it continues after them"
            ));
        }
        text.push('\n');
        text.push_str(migration.sql.trim());
    }
    text
}

/// Waits until the database answers. Every failure is taken for one of starting: a server that is being set up lacks its users
/// and its databases, too.
async fn wait(url: &DatabaseUrl, seconds: u64, line: &dyn Fn(&str)) -> Result<()> {
    if seconds == 0 || url.file().is_some() {
        return Ok(());
    }
    let start = Instant::now();
    loop {
        let Err(error) = answers(url).await else {
            return Ok(());
        };
        let waited = start.elapsed().as_secs();
        if waited >= seconds {
            return Err(error)
                .with_context(|| format!("{} did not answer within {seconds} s", url.describe()));
        }
        line(&format!(
            "waiting for {}, {waited} s of {seconds} s: {error}",
            url.describe()
        ));
        tokio::time::sleep(WAIT_INTERVAL).await;
    }
}

async fn answers(url: &DatabaseUrl) -> Result<(), DbError> {
    let driver = open(url).await?;
    driver.read(&[Statement::plain("SELECT 1")]).await.map(drop)
}
