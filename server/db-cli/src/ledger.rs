//! The ledger of a database: the migrations that it is known to have.

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

/// The names of the migrations that the ledger has; none where there is no ledger.
pub async fn applied(driver: &dyn Driver) -> Vec<String> {
    let sql = match driver.dialect() {
        Dialect::Sqlite => "SELECT name FROM d1_migrations",
        Dialect::Postgres => "SELECT name FROM schema_migrations",
        Dialect::MySql => "SELECT name FROM schema_migrations WHERE applied_at IS NOT NULL",
    };
    names(driver, sql).await
}

/// The migrations that a database lacks; all of them if it has no ledger.
pub async fn pending(driver: &dyn Driver) -> Vec<&'static str> {
    let applied = applied(driver).await;
    let all = migrations(driver.dialect());
    let names = all.iter().map(|migration| migration.name);
    names
        .filter(|name| !applied.iter().any(|one| one == name))
        .collect()
}

/// The name of the migration that failed half way, on the engine that cannot take it back.
pub async fn begun(driver: &dyn Driver) -> Option<String> {
    let sql = "SELECT name FROM schema_migrations WHERE applied_at IS NULL";
    match driver.dialect() {
        Dialect::Sqlite | Dialect::Postgres => None,
        Dialect::MySql => names(driver, sql).await.pop(),
    }
}

async fn names(driver: &dyn Driver, sql: &str) -> Vec<String> {
    // A database without a ledger was never migrated.
    let rows = driver.read(&[Statement::plain(sql)]).await;
    let cells = rows
        .unwrap_or_default()
        .into_iter()
        .flat_map(|rows| rows.cells);
    cells
        .filter_map(|cell| match cell {
            Value::Text(name) => Some(name),
            _ => None,
        })
        .collect()
}
