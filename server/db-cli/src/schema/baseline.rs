//! `baseline`: notes in the ledger which migrations a database has that was made without one. It runs none of them, and
//! believes nobody: the database must be what the migrations lead to.

use anyhow::{Error, Result, bail, ensure};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::migrate::{Migration, note};
use db::{Connector, Consistency, Dialect};
use db_cli::ledger;
use schema_diff::{Change, Renames, Schema, diff, drift, introspect};
use serde_json::json;

use super::scratch;

/// Options of `baseline`.
#[derive(Args)]
pub(crate) struct BaselineArgs {
    /// The last migration that the database has, by its name or number. Needed only where the tables do not tell.
    #[arg(long, value_name = "MIGRATION")]
    to: Option<String>,
    /// Say what would be noted; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
}

/// Compares a database with each state that the migrations lead to, and notes them. Returns the text to print.
pub(crate) async fn baseline(url: &DatabaseUrl, args: &BaselineArgs) -> Result<String> {
    let driver = url
        .connector(PoolSize::default())?
        .connect(Consistency::Strong)
        .await?;
    let dialect = driver.dialect();
    let migrations = ledger::migrations(dialect);
    if let Some(name) = ledger::begun(&*driver).await {
        bail!(
            "{name} was begun here and is not done: `cargo x db migrate` continues it. Nothing was noted"
        );
    }
    let applied = ledger::applied(&*driver).await;
    let begins = migrations.iter().take(applied.len());
    ensure!(
        applied.len() <= migrations.len()
            && begins
                .clone()
                .all(|one| applied.iter().any(|name| name == one.name)),
        "the ledger has other migrations than the first {} of this repository ({}): it is left as it is",
        applied.len(),
        applied.join(", ")
    );
    let to = args
        .to
        .as_deref()
        .map(|to| number(migrations, to))
        .transpose()?;
    let current = introspect(&*driver).await?;
    let states = states(dialect, migrations, &current).await?;
    let count = choose(dialect, migrations, &states, applied.len(), to)?;
    let noted = &migrations[applied.len()..count];
    if !args.dry_run && !noted.is_empty() {
        note(&*driver, noted).await?;
    }
    let names: Vec<&str> = noted.iter().map(|one| one.name).collect();
    let is_done = !args.dry_run && !names.is_empty();
    let describe = url.describe();
    if args.json {
        return Ok(json!({ "database": describe, "noted": names, "applied": is_done }).to_string());
    }
    Ok(match (names.as_slice(), is_done) {
        ([], _) => format!("{describe}: nothing to do: the ledger has what the database has"),
        (names, true) => format!("{describe}: noted {}", names.join(", ")),
        (names, false) => format!("{describe}: would note {}", names.join(", ")),
    })
}

/// The place of a migration, from 1, by its name or number.
fn number(migrations: &[Migration], given: &str) -> Result<usize> {
    let given = given.trim_end_matches(".sql");
    let is_meant = |migration: &Migration| {
        let name = migration.name.trim_end_matches(".sql");
        let number = name.split('_').next().unwrap_or_default();
        let is_number = given
            .parse::<u32>()
            .is_ok_and(|one| number.parse() == Ok(one));
        name == given || is_number
    };
    match migrations.iter().position(is_meant) {
        Some(place) => Ok(place + 1),
        None => bail!(
            "there is no migration {given}: {}",
            migrations
                .iter()
                .map(|one| one.name)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

/// The differences between a database and what the first n migrations lead to, for each n.
async fn states(
    dialect: Dialect,
    migrations: &[Migration],
    current: &Schema,
) -> Result<Vec<Vec<Change>>> {
    let states = scratch::with(dialect, async |scratch| {
        let mut states = Vec::new();
        for count in 0..=migrations.len() {
            let state = scratch.replay(&migrations[..count]).await?;
            let difference = diff(current, &state, &Renames::default()).map_err(Error::msg)?;
            states.push(difference.changes);
        }
        Ok(states)
    });
    states.await
}

/// The number of migrations that the database has, at least `known`.
fn choose(
    dialect: Dialect,
    migrations: &[Migration],
    states: &[Vec<Change>],
    known: usize,
    to: Option<usize>,
) -> Result<usize> {
    let name = |count: usize| migrations[count - 1].name;
    let equal: Vec<usize> = (known.max(1)..states.len())
        .filter(|count| states[*count].is_empty())
        .collect();
    if let Some(to) = to {
        ensure!(to >= known, "the ledger has {} already", name(known));
        if equal.contains(&to) {
            return Ok(to);
        }
        bail!(refusal(dialect, name(to), &states[to]));
    }
    match equal.as_slice() {
        [one] => Ok(*one),
        [] => {
            let closest = (known.max(1)..states.len()).min_by_key(|count| states[*count].len());
            let Some(closest) = closest else {
                bail!("there is no migration: nothing can be noted");
            };
            if states[0].is_empty() {
                bail!("the database is empty: `cargo x db migrate` makes its tables");
            }
            bail!(refusal(dialect, name(closest), &states[closest]))
        }
        [first, .., last] => {
            let rest = migrations[*first..*last].iter().map(|one| one.name);
            let rest: Vec<&str> = rest.collect();
            bail!(
                "the tables do not tell whether this database has {}, which changes rows only: say `--to {}` if it has, or `--to \
                 {}` if `cargo x db migrate` is to apply it. Nothing was noted",
                rest.join(" and "),
                name(*last),
                name(*first)
            )
        }
    }
}

fn refusal(dialect: Dialect, name: &str, changes: &[Change]) -> String {
    let lines = changes.iter().filter_map(|change| drift(dialect, change));
    let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
    format!(
        "this is not the database that the migrations up to {name} lead to, and nothing was noted:{}\nmend these by hand, or \
         take the tables as they are into the declarations (`cargo x db pull`)",
        lines.concat()
    )
}
