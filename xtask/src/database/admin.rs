//! `cargo x db admin`: names the database and the site, and runs the `db-cli` crate.
//! Absent: accounts and links; the crate `db-cli` makes both.

use anyhow::Result;

use super::schema::{db_cli, finish};
use super::{Target, Use};
use crate::workspace::Workspace;
use crate::{services, ui};

/// Options of `cargo x db admin`.
#[derive(clap::Args)]
pub(crate) struct AdminArgs {
    /// The address of the account.
    email: Option<String>,
    /// Print a one-time link, by which its owner sets a new password, or makes the account if there is none.
    #[arg(long, requires = "email")]
    link: bool,
    /// The address of the site, with which links begin [default: the environment's SITE_URL, or that of `cargo x dev`].
    #[arg(long, value_name = "URL")]
    site_url: Option<String>,
    /// Print only JSON: the database, what was done, and the link or null.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl AdminArgs {
    /// The arguments of the `db-cli` crate.
    fn arguments(&self, site_url: &str) -> Vec<String> {
        let flags = [("--link", self.link), ("--json", self.json)];
        let flags = flags.into_iter().filter(|(_, is_given)| *is_given);
        let flags = flags.map(|(flag, _)| flag.to_owned());
        let words = ["admin".to_owned(), format!("--site-url={site_url}")];
        let email = self.email.iter().cloned();
        words.into_iter().chain(flags).chain(email).collect()
    }
}

/// Runs `admin`. The database is neither migrated nor filled.
pub(super) fn admin(workspace: &Workspace, args: &AdminArgs) -> Result<()> {
    let target = &args.target;
    if args.json && target.is_private() {
        services::start_for_tools(workspace)?;
    }
    let remote = target.open(workspace, Use::Change, args.json)?.remote()?;
    let site_url = match &args.site_url {
        Some(given) => given.clone(),
        None => target.site_url(workspace)?,
    };
    let mut program = db_cli(workspace, args.json)?;
    program
        .args(args.arguments(&site_url))
        .env("DATABASE_URL", remote.url());
    if !args.json && !target.is_deployed() {
        ui::line(target.sentence(&remote));
    }
    finish(&mut program)
}
