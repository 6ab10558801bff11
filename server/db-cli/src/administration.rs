//! The command `admin`: its options, and what it prints.

use anyhow::Result;
use clap::Args;
use db::Db;
use db::drivers::native::DatabaseUrl;
use db_cli::admin::{Done, first_admin, make_admin};
use domain::lifetimes::LINK_TTL;

/// Options of `admin`.
#[derive(Args)]
pub(crate) struct AdminArgs {
    /// Address of the account; without one, a link is printed by which the first administrator is made, if there is none.
    #[arg(value_name = "EMAIL")]
    email: Option<String>,
    /// Print a one-time link, by which its owner sets a new password, or makes the account if there is none.
    #[arg(long, requires = "email")]
    link: bool,
    /// Address of the site, with which links begin.
    #[arg(long, value_name = "URL", default_value = "")]
    site_url: String,
    /// Print JSON: the database, what was done, and the link or null.
    #[arg(long)]
    json: bool,
}

impl AdminArgs {
    pub(crate) async fn run(&self, db: &Db) -> Result<Done> {
        match &self.email {
            Some(email) => make_admin(db, email, self.link).await,
            None => first_admin(db).await,
        }
    }

    pub(crate) fn text(&self, url: &DatabaseUrl, done: &Done) -> String {
        let (database, sentence) = (url.describe(), &done.sentence);
        let site = self.site_url.trim_end_matches('/');
        let link = done.link.as_ref().map(|path| format!("{site}{path}"));
        if self.json {
            let json = serde_json::json!({ "database": database, "done": sentence, "link": link });
            return json.to_string();
        }
        let hours = LINK_TTL.as_secs() / 3_600;
        match link {
            Some(link) => {
                format!("{database}: {sentence}\nlink, good once within {hours} hours: {link}")
            }
            None => format!("{database}: {sentence}"),
        }
    }
}
