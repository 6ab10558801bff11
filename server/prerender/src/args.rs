//! The command line of `prerender`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

/// Render pages ahead of requests, into a folder.
#[derive(Clone, Debug, Parser)]
#[command(name = "prerender", version, after_help = AFTER)]
pub struct Args {
    /// Folder to write to; it must be empty or missing.
    #[arg(long)]
    pub out: PathBuf,
    /// Scheme and host of the site, such as https://example.com.
    #[arg(long, env)]
    pub site_url: String,
    /// Database: `sqlite:<file>`, `postgres://…`, `mysql://…` or `d1:<account id>/<database id>`.
    #[arg(long, env, hide_env_values = true)]
    pub database_url: Option<String>,
    /// Render only the pages that show no rows.
    #[arg(long)]
    pub no_database: bool,
    /// Render at most this many posts and this many users, newest first. Cloudflare takes 20,000 files with a deployment;
    /// each user has two.
    #[arg(long, default_value_t = 6_000)]
    pub limit: usize,
    /// Pages to render at a time. Default: the number of processors.
    #[arg(long)]
    pub jobs: Option<NonZeroUsize>,
}

const AFTER: &str =
    "Also reads CLOUDFLARE_API_TOKEN for a `d1:` database, and RUST_LOG (default: `error`).

Example:
  DATABASE_URL=sqlite:site.sqlite prerender --site-url https://example.com --out target/pages";
