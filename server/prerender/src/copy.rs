//! A local copy of the public rows of a D1, to render pages from.
//!
//! Rendering a page takes three queries, and Cloudflare's API takes 1,200 requests in five minutes
//! (developers.cloudflare.com/fundamentals/api/reference/limits). A page that mixes rows of two moments has a version that
//! the database never had, and so is never served.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use app::prerender::PAGES;
use db::drivers::native::NativeConnector;
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::queries::public_copy;
use db::{Db, DbError};

/// The attempts to copy a database in which something is withdrawn meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// Copies the tables that the declared pages name. `report` gets the number of rows.
pub(crate) async fn copy(d1: NativeConnector, report: impl Fn(&str)) -> Result<Arc<Sqlite>> {
    let d1 = Db::new(d1);
    let tables = || PAGES.iter().flat_map(|page| page.tables);
    for _ in 0..MAX_ATTEMPTS {
        let sqlite = Arc::new(Sqlite::in_memory()?);
        db::migrate::apply(&sqlite, db::migrate::SQLITE).await?;
        let copy = Db::new(SqliteConnector::Open(Arc::clone(&sqlite)));
        match public_copy::run(&d1, &copy, tables()).await {
            Ok(rows) => {
                report(&format!("copied {rows} public rows"));
                return Ok(sqlite);
            }
            Err(DbError::ForeignKey(_)) => {}
            Err(error) => return Err(error).context("the database cannot be copied"),
        }
    }
    bail!("the database cannot be copied: it changed {MAX_ATTEMPTS} times meanwhile")
}
