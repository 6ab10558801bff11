//! The commands `export` and `restore`: their options, and what they print.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::schema::TABLES;
use db::{Connector, Consistency};
use db_cli::dump::{
    Existing, Export, Form, Reporter, Restore, Summary, export, export_older, restore,
};
use domain::Timestamp;
use schema_diff::{introspect, tables};

/// Options of `export`.
#[derive(Args)]
pub(crate) struct ExportArgs {
    /// File to write, which must not exist, or a folder; by default a name with the time, in this folder.
    #[arg(value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write INSERT statements in the database's own dialect, instead of a dump.
    #[arg(long)]
    sql: bool,
    /// Replace names, addresses and everything that people wrote; leave out sessions and tokens.
    #[arg(long)]
    anonymise: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Options of `restore`.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// Dump that `export` wrote.
    #[arg(value_name = "FILE")]
    dump: PathBuf,
    /// Delete all rows that the database has, in the same transaction.
    #[arg(long)]
    replace: bool,
    /// Go on with an interrupted restore of the same dump into a remote D1.
    #[arg(long, conflicts_with = "replace")]
    resume: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl ExportArgs {
    /// The file to write.
    fn path(&self) -> PathBuf {
        let given = self.output.clone().unwrap_or_default();
        if given.as_os_str().is_empty() || given.is_dir() {
            let time = Timestamp::now().rfc3339();
            let time: String = time.chars().filter(|c| !matches!(c, '-' | ':')).collect();
            let time = time.split('.').next().unwrap_or_default();
            let anonymous = if self.anonymise { "-anonymous" } else { "" };
            let ending = if self.sql { "sql" } else { "dump.zip" };
            return given.join(format!("site-{time}Z{anonymous}.{ending}"));
        }
        given
    }
}

/// Runs `export`. Returns what to print.
pub(crate) async fn run_export(
    url: &DatabaseUrl,
    args: &ExportArgs,
    line: &dyn Fn(&str),
) -> Result<String> {
    let file = args.path();
    let form = if args.sql { Form::Sql } else { Form::Dump };
    let wanted = Export {
        url,
        tables: TABLES,
        file: &file,
        form,
        anonymise: args.anonymise,
    };
    let done = export(&wanted, reporter(line)).await;
    let done = done.with_context(|| format!("{}: nothing was written", url.describe()))?;
    let shown = file.display();
    Ok(said(&done, url, &file, args.json, |text| {
        format!("exported {text} into {shown}")
    }))
}

/// Runs `restore`. Returns what to print.
pub(crate) async fn run_restore(
    url: &DatabaseUrl,
    args: &RestoreArgs,
    line: &dyn Fn(&str),
) -> Result<String> {
    let existing = match (args.replace, args.resume) {
        (true, _) => Existing::Replace,
        (false, true) => Existing::Resume,
        (false, false) => Existing::Refuse,
    };
    let wanted = Restore {
        url,
        tables: TABLES,
        file: &args.dump,
        existing,
    };
    let done = restore(&wanted, reporter(line)).await;
    let done = done.with_context(|| url.describe())?;
    Ok(said(&done, url, &args.dump, args.json, |text| {
        format!("restored {text}; every row is as in the dump")
    }))
}

/// Exports a database that lacks migrations into a new file of this folder: its own tables, as SQL. Returns the file, and what
/// is in it.
///
/// # Errors
/// Those of [`export_older`].
pub(crate) async fn run_restore_point(
    url: &DatabaseUrl,
    folder: &Path,
    line: &dyn Fn(&str),
) -> Result<(PathBuf, String)> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let args = ExportArgs {
        output: Some(folder.to_owned()),
        sql: true,
        anonymise: false,
        json: false,
    };
    let file = args.path();
    let driver = url.connector(PoolSize::default())?;
    let driver = driver.connect(Consistency::Strong).await?;
    let tables = tables(&introspect(&*driver).await?);
    let wanted = Export {
        url,
        tables: tables.leak(),
        file: &file,
        form: Form::Sql,
        anonymise: false,
    };
    let done = export_older(&wanted, reporter(line)).await?;
    Ok((file, done.text()))
}

fn reporter(line: &dyn Fn(&str)) -> Reporter<'_> {
    Reporter {
        interval: Duration::from_secs(2),
        line,
    }
}

fn said(
    done: &Summary,
    url: &DatabaseUrl,
    file: &Path,
    is_json: bool,
    sentence: impl Fn(&str) -> String,
) -> String {
    if is_json {
        done.json(&url.describe(), file).to_string()
    } else {
        format!("{}: {}", url.describe(), sentence(&done.text()))
    }
}
