//! `pull`: an existing database as declarations.

use anyhow::{Error, Result};
use clap::Args;
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::schema::SOURCE;
use db::{Connector, Consistency};
use schema_diff::{introspect, pull as declarations};
use serde_json::json;

/// The beginning of a comment about what declarations do not have.
const LEFT_OUT: &str = "// Not expressed: ";

/// Options of `pull`.
#[derive(Args)]
pub(crate) struct PullArgs {
    /// Declare by what the database says alone, without the words and comments of present declarations.
    #[arg(long)]
    fresh: bool,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
}

/// Reads a database, and changes nothing. Returns the text to print.
pub(crate) async fn pull(url: &DatabaseUrl, args: &PullArgs) -> Result<String> {
    let driver = url
        .connector(PoolSize::default())?
        .connect(Consistency::Strong)
        .await?;
    let schema = introspect(&*driver).await?;
    let source = if args.fresh { "" } else { SOURCE };
    let text = declarations(&schema, source).map_err(Error::msg)?;
    if !args.json {
        return Ok(text.trim_end().to_owned());
    }
    let left_out = text.lines().filter_map(|line| line.strip_prefix(LEFT_OUT));
    let left_out: Vec<&str> = left_out.collect();
    Ok(
        json!({ "database": url.describe(), "source": text, "not_expressed": left_out })
            .to_string(),
    )
}
