//! `push`: brings a database of this machine to the declared schema, without a migration. For trying a declaration.

use anyhow::{Context, Error, Result, bail, ensure};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::{Connector, Consistency, Dialect, Driver, Statement};
use schema_diff::{Change, Difference, Renames, declared, diff, introspect, render, statements};
use serde_json::json;

use super::losses;

/// Options of `push`.
#[derive(Args)]
pub(crate) struct PushArgs {
    /// A rename that would else be a removal and an addition: `table:new` or `table.column:new`.
    #[arg(long, value_name = "OLD:NEW")]
    rename: Vec<String>,
    /// Make steps that lose rows or values.
    #[arg(long)]
    allow_destructive: bool,
    /// Print the SQL; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
}

/// Compares a database with the declared schema, and changes it. Returns the text to print.
pub(crate) async fn push(url: &DatabaseUrl, args: &PushArgs) -> Result<String> {
    check_place(url)?;
    let driver = url
        .connector(PoolSize::default())?
        .connect(Consistency::Strong)
        .await?;
    let renames = Renames::parse(args.rename.iter().map(String::as_str)).map_err(Error::msg)?;
    let wanted = declared(driver.dialect()).map_err(Error::msg)?;
    let current = introspect(&*driver).await?;
    let difference = diff(&current, &wanted, &renames).map_err(Error::msg)?;
    let refusals = difference.refusals();
    ensure!(refusals.is_empty(), "{}", refusals.join("\n"));
    let losses = losses::in_database(&*driver, &difference).await;
    let is_done = !args.dry_run && !difference.changes.is_empty();
    if is_done {
        check_losses(&difference, &losses, args.allow_destructive)?;
        run(&*driver, &statements(&difference)).await?;
        let reached = introspect(&*driver).await?;
        let left = diff(&reached, &wanted, &Renames::default()).map_err(Error::msg)?;
        if let Some(change) = left.changes.first() {
            bail!(
                "the database was changed, but it is not as declared ({}): change the rest by hand, `cargo x db check` names it",
                change.describe()
            );
        }
    }
    Ok(text(url, args, &difference, &losses, is_done))
}

/// Refuses databases that are not a developer's own: one of another machine, and one that is named after an environment.
fn check_place(url: &DatabaseUrl) -> Result<()> {
    const INSTEAD: &str =
        "write a migration (`cargo x db generate`) and apply it (`cargo x db migrate`)";
    let is_local = match url.server() {
        Some(server) => is_this_machine(&server.host),
        None => url.file().is_some(),
    };
    ensure!(
        is_local,
        "push changes only databases of this machine, and {} is none: {INSTEAD}",
        url.describe()
    );
    let name = url.server().map(|server| server.database.to_lowercase());
    let environment = name.as_ref().and_then(|name| {
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        words.find(|word| ["production", "prod", "staging"].contains(word))
    });
    if let Some(environment) = environment {
        bail!(
            "push changes no database of {environment}, and {} is named so: {INSTEAD}",
            url.describe()
        );
    }
    Ok(())
}

fn is_this_machine(host: &str) -> bool {
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    // A folder is that of a Unix socket.
    host == "localhost" || host.starts_with('/') || host.parse().is_ok_and(is_loopback)
}

fn check_losses(difference: &Difference, losses: &[String], is_allowed: bool) -> Result<()> {
    if losses.is_empty() || is_allowed {
        return Ok(());
    }
    let lines = losses.iter().chain(&difference.hints).map(String::as_str);
    let lines: Vec<&str> = lines.chain([losses::ALLOW]).collect();
    bail!("nothing was changed\n{}", lines.join("\n"))
}

/// Runs statements: all or none where the engine can, else one after the other.
async fn run(driver: &dyn Driver, statements: &[String]) -> Result<()> {
    let all: Vec<Statement> = statements.iter().map(Statement::plain).collect();
    if driver.dialect() != Dialect::MySql {
        driver.write(&all).await.context("nothing was changed")?;
        return Ok(());
    }
    for (done, statement) in all.iter().enumerate() {
        let ran = driver.write(std::slice::from_ref(statement)).await;
        ran.with_context(|| {
            format!(
                "{done} of {} statements are done and stay, because MySQL takes back no change of a table; push again, which \
                 compares anew. This one failed: {}",
                all.len(),
                statement.sql
            )
        })?;
    }
    Ok(())
}

fn text(
    url: &DatabaseUrl,
    args: &PushArgs,
    difference: &Difference,
    losses: &[String],
    is_done: bool,
) -> String {
    let changes: Vec<String> = difference.changes.iter().map(Change::describe).collect();
    let sql = render(difference);
    let describe = url.describe();
    if args.json {
        return json!({
            "database": describe,
            "changes": changes,
            "losses": losses,
            "sql": sql,
            "applied": is_done,
        })
        .to_string();
    }
    if changes.is_empty() {
        return format!("{describe}: nothing to do");
    }
    if !is_done {
        let losses = losses.iter().map(|line| format!("-- {line}\n"));
        return format!(
            "{sql}\n{}-- dry run: nothing was changed",
            losses.collect::<String>()
        );
    }
    format!(
        "{}\n{describe}: as declared now. No migration notes this: when the declaration is right, write one (`cargo x db \
         generate`) and tell this database that it has it (`cargo x db baseline`)",
        changes.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_developers_own_database_is_pushed() {
        let check = |url: &str| {
            let url = DatabaseUrl::parse(url, |_| Some("token".to_owned())).expect("a URL");
            check_place(&url).map_err(|error| error.to_string())
        };
        for own in [
            "sqlite:/tmp/site.sqlite",
            "postgres://a:b@127.0.0.1:5433/site",
            "postgres://a:b@[::1]/site",
            "mysql://a:b@localhost/site_product",
        ] {
            assert_eq!(check(own), Ok(()), "{own}");
        }
        for (other, why) in [
            (
                "postgres://a:hidden@db.example/site",
                "PostgreSQL at db.example:5432",
            ),
            ("mysql://a:hidden@10.0.0.1/site", "of this machine"),
            ("d1:0a1b/2c-3d", "D1 database 2c-3d"),
            ("sqlite:memory", "of this machine"),
            (
                "postgres://a:hidden@127.0.0.1/site_production",
                "no database of production",
            ),
            (
                "mysql://a:hidden@127.0.0.1/staging",
                "no database of staging",
            ),
        ] {
            let refused = check(other).expect_err(other);
            assert!(
                refused.contains(why) && !refused.contains("hidden"),
                "{refused}"
            );
            assert!(refused.contains("cargo x db migrate"), "{refused}");
        }
    }
}
