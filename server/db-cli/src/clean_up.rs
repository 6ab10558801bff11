//! The site's hourly job, by hand: until nothing is left to do.

use anyhow::Result;
use db::clean_up;
use db::{Db, DbError};
use domain::Timestamp;

/// Erases the accounts that are due at `now`, and deletes what is of no more use. Returns a summary.
///
/// # Errors
/// Fails if the database does not respond, has no tables or rejects a change. What was done until then stays.
pub async fn clean_up(db: &Db, now: Timestamp, progress: impl Fn(&str)) -> Result<String, DbError> {
    let mut done = clean_up::run(db, now).await?;
    while done.is_partial {
        progress(&done.to_string());
        done = done.and(clean_up::run(db, now).await?);
    }
    Ok(done.to_string())
}
