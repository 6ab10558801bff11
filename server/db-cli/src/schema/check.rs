//! `check`: what a real database has that is not declared, and what it lacks.

use anyhow::{Error, Result};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::{Connector, Consistency};
use db_cli::pending;
use schema_diff::{Renames, declared, diff, drift, introspect, render};
use serde_json::{Value, json};

/// Options of `check`.
#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Print the SQL that would bring the database to the declared schema, for review.
    #[arg(long)]
    sql: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "sql")]
    json: bool,
}

/// The end of `check`.
pub(crate) struct Report {
    /// The text to print.
    pub(crate) text: String,
    /// True if the database is as declared.
    pub(crate) is_clean: bool,
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
    let difference = diff(&current, &wanted, &Renames::default()).map_err(Error::msg)?;
    let is_clean = difference.changes.is_empty();
    let mend = match pending(&*driver).await.as_slice() {
        [] => "`cargo x db generate` if it was declared and never migrated; else it was changed by hand: `cargo x db check --sql`"
            .to_owned(),
        files => format!("`cargo x db migrate` ({} pending)", files.join(", ")),
    };
    let changes = difference.changes.iter();
    let lines: Vec<String> = changes
        .filter_map(|change| drift(dialect, change))
        .collect();
    let text = if args.json {
        let all = lines
            .iter()
            .map(|line| json!({ "difference": line, "mend": mend }));
        let all: Vec<Value> = all.collect();
        json!({ "database": url.describe(), "differences": all }).to_string()
    } else if is_clean {
        format!("{}: as declared", url.describe())
    } else if args.sql {
        render(&difference)
    } else {
        let lines = lines.iter().map(|line| format!("{line} → {mend}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    Ok(Report { text, is_clean })
}
