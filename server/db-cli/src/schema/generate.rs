//! `generate`: the next migration, from the difference of what the migrations lead to and what is declared.

use std::path::PathBuf;

use anyhow::{Error, Result, bail, ensure};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::migrate::Migration;
use db::{Connector, Consistency, Dialect};
use schema_diff::{Difference, Renames, Served, declared, diff, render};

use super::folders::{Folders, migration};
use super::outcome::Outcome;
use super::scratch::{self, Scratch};
use super::{lints, losses, released};

/// Options of `generate`.
#[derive(Args)]
pub(crate) struct GenerateArgs {
    /// The migration's name, in small letters; by default after its first change.
    name: Option<String>,
    /// The folder with the folders of migrations.
    #[arg(long, default_value = "migrations", value_name = "FOLDER")]
    folder: PathBuf,
    /// A rename that would else be a removal and an addition: `table:new` or `table.column:new`.
    #[arg(long, value_name = "OLD:NEW")]
    rename: Vec<String>,
    /// Write steps that lose rows or values.
    #[arg(long)]
    allow_destructive: bool,
    /// Remove what was kept for the version that was served before; refused while that version is served.
    #[arg(long, conflicts_with_all = ["custom", "undo"])]
    contract: bool,
    /// Fail if something is not generated; write nothing.
    #[arg(long, conflicts_with_all = ["custom", "undo", "explain"])]
    check: bool,
    /// With `--check`: compare only this engine; SQLite needs no server. Default: all.
    #[arg(long, value_name = "ENGINE", requires = "check", value_parser = engine)]
    engine: Option<Dialect>,
    /// Print the SQL; write nothing.
    #[arg(long)]
    explain: bool,
    /// Write empty files, for SQL of your own.
    #[arg(long, requires = "name", conflicts_with_all = ["undo", "rename"])]
    custom: bool,
    /// Write the reverse of the newest migration, as a new one.
    #[arg(long)]
    undo: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
}

/// An engine by the name of its folder.
fn engine(name: &str) -> Result<Dialect, String> {
    let mut all = Dialect::ALL.into_iter();
    all.find(|dialect| dialect.name() == name)
        .ok_or_else(|| "the engines are sqlite, postgres and mysql".to_owned())
}

impl GenerateArgs {
    /// The text to print.
    pub(crate) fn text(&self, outcome: &Outcome) -> String {
        outcome.text(self.json, self.explain)
    }
}

/// The change of one dialect.
struct Plan {
    dialect: Dialect,
    difference: Difference,
    /// The tables and columns that are kept for the version that is served.
    kept: Vec<String>,
    sql: String,
}

pub(crate) async fn generate(args: &GenerateArgs) -> Result<Outcome> {
    let folders = Folders::open(&args.folder)?;
    if let Some(name) = &args.name {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        ensure!(
            !name.is_empty() && name.bytes().all(is_plain),
            "`{name}` is no name of a migration: use small letters, digits and `_`"
        );
    }
    if args.custom {
        let title = args.name.as_deref().unwrap_or("custom");
        let sql = Dialect::ALL.map(|dialect| (dialect, "-- Written by hand.\n".to_owned()));
        return Ok(Outcome {
            files: folders.write(&folders.next(title), &sql)?,
            note: Some("each file needs at least one statement"),
            ..Outcome::default()
        });
    }
    let mut outcome = Outcome::default();
    if args.check {
        outcome.lints = lint(&folders).await?;
    }
    let plans = match plans(&folders, args).await {
        Ok(plans) => plans,
        Err(error) if !outcome.lints.is_empty() => {
            // What is refused is often what the lints are about.
            outcome.failure = Some(format!("{error:#}"));
            return Ok(outcome);
        }
        Err(error) => return Err(error),
    };
    outcome.changes = summary(&plans);
    for name in plans.iter().flat_map(|plan| &plan.kept) {
        if !outcome.kept.contains(name) {
            outcome.kept.push(name.clone());
        }
    }
    outcome.failure = outcome.failure().filter(|_| args.check);
    let Some((first, _)) = outcome.changes.first() else {
        outcome.note = Some(if args.undo {
            "nothing to do: the newest migration changes no table"
        } else {
            "nothing to do: the migrations lead to the declared schema"
        });
        return Ok(outcome);
    };
    let by_default = if args.undo {
        format!("undo_{}", folders.newest().unwrap_or_default())
    } else {
        title(first)
    };
    if args.check {
        return Ok(outcome);
    }
    let sql = plans
        .iter()
        .map(|plan| (plan.dialect.name(), plan.sql.clone()));
    outcome.sql = sql.collect();
    if args.explain {
        return Ok(outcome);
    }
    check_losses(&plans, args.allow_destructive).await?;
    let title = args.name.clone().unwrap_or(by_default);
    let texts: Vec<(Dialect, String)> = plans
        .into_iter()
        .map(|plan| (plan.dialect, plan.sql))
        .collect();
    let file = folders.next(&title);
    outcome.files = folders.write(&file, &texts)?;
    outcome.lints = lint(&Folders::open(&args.folder)?).await?;
    outcome.lints.retain(|line| line.contains(&file));
    Ok(outcome)
}

/// Lints every migration of every engine.
async fn lint(folders: &Folders) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for dialect in Dialect::ALL {
        all.extend(lints::lint(folders.root(), dialect, &folders.read(dialect)?).await?);
    }
    Ok(all)
}

async fn plans(folders: &Folders, args: &GenerateArgs) -> Result<Vec<Plan>> {
    let renames = Renames::parse(args.rename.iter().map(String::as_str)).map_err(Error::msg)?;
    let served = released::read(&args.folder)?;
    released::check_renames(&served, &renames)?;
    let mut plans = Vec::new();
    let is_meant = |dialect: &Dialect| args.engine.is_none_or(|one| one == *dialect);
    for dialect in Dialect::ALL.into_iter().filter(is_meant) {
        let plan = scratch::with(dialect, async |scratch| {
            plan(folders, args, (&renames, &served), dialect, scratch).await
        });
        plans.push(plan.await?);
    }
    Ok(plans)
}

/// Compares, renders, and tries the SQL in the scratch database.
async fn plan(
    folders: &Folders,
    args: &GenerateArgs,
    (renames, served): (&Renames, &Served),
    dialect: Dialect,
    scratch: &Scratch,
) -> Result<Plan> {
    let mut migrations: Vec<Migration> = folders.read(dialect)?;
    let wanted = if args.undo {
        let before = folders.len().saturating_sub(1);
        ensure!(folders.len() > 0, "there is no migration to undo");
        scratch.replay(&migrations[..before]).await?
    } else {
        declared(dialect).map_err(Error::msg)?
    };
    let current = scratch.replay(&migrations).await?;
    let (wanted, kept) = if args.undo || args.contract {
        (wanted, Vec::new())
    } else {
        served.keep(&current, &wanted).map_err(Error::msg)?
    };
    let difference = diff(&current, &wanted, renames).map_err(Error::msg)?;
    released::check_removals(served, &difference)?;
    let refusals = difference.refusals();
    ensure!(refusals.is_empty(), "{}", refusals.join("\n"));
    let sql = if difference.changes.is_empty() {
        format!("-- Nothing changes on {}.\nSELECT 1;\n", dialect.name())
    } else {
        render(&difference)
    };
    migrations.push(migration(folders.next("scratch"), sql.clone()));
    let reached = scratch.replay(&migrations).await?;
    let left = diff(&reached, &wanted, &Renames::default()).map_err(Error::msg)?;
    if let Some(change) = left.changes.first() {
        bail!(
            "the SQL for {} does not reach the declared schema ({}): write this migration by hand, with `--custom`. It was:\n{sql}",
            dialect.name(),
            change.describe()
        );
    }
    Ok(Plan {
        dialect,
        difference,
        kept,
        sql,
    })
}

/// Refuses steps that lose data, unless they are allowed. Says how much, where a database is at hand.
async fn check_losses(plans: &[Plan], is_allowed: bool) -> Result<()> {
    let mut lines: Vec<String> = Vec::new();
    for plan in plans {
        for loss in plan
            .difference
            .changes
            .iter()
            .filter_map(schema_diff::Change::loss)
        {
            let mut line = format!("this would lose {}", loss.what);
            if let Some(count) = count(plan.dialect, &loss.count()).await {
                line.push_str(&format!(" ({count} rows in the database at hand)"));
            }
            let is_said =
                |said: &String| said.starts_with(&format!("this would lose {}", loss.what));
            if !lines.iter().any(is_said) {
                lines.push(line);
            }
        }
    }
    if lines.is_empty() || is_allowed {
        return Ok(());
    }
    for plan in plans {
        for hint in &plan.difference.hints {
            if !lines.contains(hint) {
                lines.push(hint.clone());
            }
        }
    }
    lines.push(losses::ALLOW.to_owned());
    bail!("{}", lines.join("\n"))
}

/// The rows with something to lose in the database of DATABASE_URL, if it is of this dialect and has the table.
async fn count(dialect: Dialect, sql: &str) -> Option<i64> {
    let url = std::env::var("DATABASE_URL").ok()?;
    let url = DatabaseUrl::parse(&url, |name| std::env::var(name).ok()).ok()?;
    let is_there = url.file().is_none_or(std::path::Path::is_file);
    if url.dialect() != dialect || !is_there {
        return None;
    }
    let connector = url.connector(PoolSize::default()).ok()?;
    let driver = connector.connect(Consistency::Strong).await.ok()?;
    losses::count(&*driver, sql).await
}

/// A line for each change, with the engines that make it.
fn summary(plans: &[Plan]) -> Vec<(String, Vec<&'static str>)> {
    let mut lines: Vec<(String, Vec<&'static str>)> = Vec::new();
    for plan in plans {
        for change in &plan.difference.changes {
            let text = change.describe();
            match lines.iter_mut().find(|(line, _)| *line == text) {
                Some((_, engines)) => engines.push(plan.dialect.name()),
                None => lines.push((text, vec![plan.dialect.name()])),
            }
        }
    }
    lines
}

/// A file's name from a sentence.
fn title(sentence: &str) -> String {
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words = words.filter(|word| !word.is_empty()).take(4);
    words.collect::<Vec<_>>().join("_").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_files_name() {
        assert_eq!(title("users.site is new"), "users_site_is_new");
        assert_eq!(
            title("posts: the index a_idx (b, c) is new"),
            "posts_the_index_a_idx"
        );
    }
}
