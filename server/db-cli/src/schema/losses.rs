//! Losses of a difference: sentences, and the rows behind them where a database is at hand.

use db::{Driver, Statement, Value};
use schema_diff::{Change, Difference};

/// The option that allows losses.
pub(super) const ALLOW: &str = "if it may go, say `--allow-destructive`";

/// A line for each loss, with the number of rows that lose something. Steps that lose nothing in this database are left out.
pub(super) async fn in_database(driver: &dyn Driver, difference: &Difference) -> Vec<String> {
    let mut lines = Vec::new();
    for loss in difference.changes.iter().filter_map(Change::loss) {
        // A table that was just renamed is counted by neither name: it counts as having rows.
        match count(driver, &loss.count()).await {
            Some(0) => {}
            Some(count) => lines.push(format!(
                "this would lose {} ({count} {})",
                loss.what,
                if count == 1 { "row" } else { "rows" }
            )),
            None => lines.push(format!("this would lose {}", loss.what)),
        }
    }
    lines
}

/// The number that a statement counts; `None` if it cannot be run.
pub(super) async fn count(driver: &dyn Driver, sql: &str) -> Option<i64> {
    let rows = driver.read(&[Statement::plain(sql)]).await.ok()?;
    match rows.first()?.cells.first()? {
        Value::Int(count) => Some(*count),
        Value::Float(count) => Some(*count as i64),
        _ => None,
    }
}
