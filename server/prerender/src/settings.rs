//! What the program is told.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

/// Renders the pages that can be there before they are asked for, into a folder.
#[derive(Clone, Debug, Parser)]
#[command(name = "prerender", version, after_help = AFTER)]
pub struct Settings {
    /// The folder to write to; it must be empty or not there.
    #[arg(long)]
    pub out: PathBuf,
    /// Scheme and host of the site as readers see it, such as https://example.com.
    #[arg(long, env)]
    pub site_url: String,
    /// The database: `sqlite:<file>`, `postgres://…`, `mysql://…` or `d1:<account id>/<database id>`.
    #[arg(long, env, hide_env_values = true)]
    pub database_url: Option<String>,
    /// Render only what depends on no row.
    #[arg(long)]
    pub no_database: bool,
    /// At most so many posts and so many authors, the newest. Cloudflare takes 20,000 files with a deployment, and each
    /// author has two.
    #[arg(long, default_value_t = 6_000)]
    pub limit: usize,
    /// How many pages are rendered at a time; as many as there are processors, if it is not said.
    #[arg(long)]
    pub jobs: Option<NonZeroUsize>,
}

const AFTER: &str =
    "Also read: CLOUDFLARE_API_TOKEN, for a `d1:` database; RUST_LOG, `error` if it is not set.

Example:
  DATABASE_URL=sqlite:site.sqlite prerender --site-url https://example.com --out target/pages";
