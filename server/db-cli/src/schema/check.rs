//! `check`: what a real database has that is not declared, and what it lacks.

use std::path::PathBuf;

use anyhow::{Error, Result};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::migrate::{MYSQL, Migration, POSTGRES, SQLITE};
use db::{Connector, Consistency, Dialect};
use db_cli::ledger::pending;
use schema_diff::{Renames, Served, declared, diff, drift, introspect, other_names, render};
use serde_json::{Value, json};

use super::folders::Folders;
use super::{lints, objects, released};

/// Options of `check`.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Print the SQL that would bring the database to the declared schema, for review.
    #[arg(long)]
    sql: bool,
    /// The folder with the folders of migrations, to lint them too.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Print only JSON.
    #[arg(long, conflicts_with = "sql")]
    json: bool,
}

/// The end of `check`.
pub(crate) struct Report {
    /// The text to print.
    pub(crate) text: String,
    /// Why the command fails, if it does.
    pub(crate) failure: Option<String>,
}

/// Compares a database with the declared schema.
pub(crate) async fn check(url: &DatabaseUrl, args: &CheckArgs) -> Result<Report> {
    let driver = url
        .connector(PoolSize::default())?
        .connect(Consistency::Strong)
        .await?;
    let dialect = driver.dialect();
    let current = introspect(&*driver).await?;
    let wanted = declared(dialect).map_err(Error::msg)?;
    let served = args
        .folder
        .as_deref()
        .map_or_else(|| Ok(Served::default()), released::read)?;
    let (wanted, kept) = served.keep(&current, &wanted).map_err(Error::msg)?;
    let difference = diff(&current, &wanted, &Renames::default()).map_err(Error::msg)?;
    let (migrations, lints) = match &args.folder {
        Some(root) => {
            let migrations = Folders::open(root)?.read(dialect)?;
            let lints = lints::lint(root, dialect, &migrations).await?;
            (migrations, lints)
        }
        None => (known(dialect).to_vec(), Vec::new()),
    };
    let mend = match pending(&*driver).await.as_slice() {
        [] => "`cargo x db generate` if it was declared and never migrated; else it was changed by hand: `cargo x db check --sql`"
            .to_owned(),
        files => format!("`cargo x db migrate` ({} pending)", files.join(", ")),
    };
    let changes = difference.changes.iter();
    let objects = objects::by_hand(dialect, &current, &migrations);
    let lines: Vec<(String, String)> = changes
        .filter_map(|change| Some((drift(dialect, change)?, mend.clone())))
        .chain(objects.iter().cloned())
        .collect();
    let is_as_declared = difference.changes.is_empty() && objects.is_empty();
    let names = other_names(&current, &wanted);
    let text = if args.json {
        let all = lines
            .iter()
            .map(|(line, mend)| json!({ "difference": line, "mend": mend }));
        let all: Vec<Value> = all.collect();
        json!({ "database": url.describe(), "differences": all, "lints": lints, "kept": kept, "names": names })
            .to_string()
    } else if is_as_declared && lints.is_empty() {
        let lines = [format!("{}: as declared", url.describe())].into_iter();
        let lines = lines
            .chain(kept.iter().map(|name| released::kept(name)))
            .chain(names.iter().map(|line| {
                format!(
                    "{line}: SQLite renames none, and the next copy of the table has the new name"
                )
            }));
        lines.collect::<Vec<_>>().join("\n")
    } else if args.sql && !is_as_declared {
        let objects = objects
            .iter()
            .map(|(line, mend)| format!("-- {line}: {mend}"));
        let sql = render(&difference).trim_end().to_owned();
        let parts = [sql].into_iter().filter(|sql| !sql.is_empty());
        parts.chain(objects).collect::<Vec<_>>().join("\n")
    } else {
        let lines = lines.iter().map(|(line, mend)| format!("{line} → {mend}"));
        lines
            .chain(lints.iter().cloned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let failure = match (is_as_declared, lints.is_empty()) {
        (true, true) => None,
        (true, false) => Some("migrations do harm".to_owned()),
        (false, _) => Some(format!("{} is not as declared", url.describe())),
    };
    Ok(Report { text, failure })
}

/// The migrations that this program was compiled with.
fn known(dialect: Dialect) -> &'static [Migration] {
    match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
        Dialect::MySql => MYSQL,
    }
}
