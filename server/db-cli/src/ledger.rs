//! The migrations that a database has, by its ledger.

use db::migrate::{MYSQL, Migration, POSTGRES, SQLITE};
use db::{Dialect, Driver, Statement, Value};

/// Every migration of a dialect, oldest first.
pub fn migrations(dialect: Dialect) -> &'static [Migration] {
    match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
        Dialect::MySql => MYSQL,
    }
}

/// The migrations that a database lacks; all of them if it has no ledger.
pub async fn pending(driver: &dyn Driver) -> Vec<&'static str> {
    let dialect = driver.dialect();
    let ledger = match dialect {
        Dialect::Sqlite => "SELECT name FROM d1_migrations",
        Dialect::Postgres => "SELECT name FROM schema_migrations",
        Dialect::MySql => "SELECT name FROM schema_migrations WHERE applied_at IS NOT NULL",
    };
    // A database without a ledger was never migrated.
    let rows = driver.read(&[Statement::plain(ledger)]).await;
    let applied: Vec<Value> = rows
        .unwrap_or_default()
        .into_iter()
        .flat_map(|rows| rows.cells)
        .collect();
    let names = migrations(dialect).iter().map(|migration| migration.name);
    names
        .filter(|name| !applied.contains(&Value::Text((*name).to_owned())))
        .collect()
}
