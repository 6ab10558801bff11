//! The migrations of the site lead to the declared schema on each engine; the report about one that differs.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "../../db/tests/support/mod.rs"]
mod support;

use std::path::Path;

use db::drivers::sqlite::Sqlite;
use db::migrate::{MYSQL, POSTGRES, SQLITE, apply, apply_to_server};
use db::{Dialect, Driver};
use schema_diff::{Renames, Served, declared, diff, drift, introspect};
use support::{Brand, database, open};

async fn is_as_declared(driver: &dyn Driver) {
    let declared = declared(driver.dialect()).unwrap();
    assert!(declared.tables.len() > 5);
    let found = introspect(driver).await.unwrap();
    // Migrations may keep what the served version reads and nothing declares any more.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/released.json");
    let served = std::fs::read_to_string(file).map_or_else(
        |_| Served::default(),
        |text| serde_json::from_str(&text).unwrap(),
    );
    let (wanted, _) = served.keep(&found, &declared).unwrap();
    let difference = diff(&found, &wanted, &Renames::default()).unwrap();
    let changes = difference.changes.iter();
    let lines: Vec<String> = changes
        .filter_map(|change| drift(driver.dialect(), change))
        .collect();
    assert!(
        lines.is_empty(),
        "run `cargo x db generate`:\n{}",
        lines.join("\n")
    );
}

#[tokio::test]
async fn the_migrations_lead_to_the_declared_schema_on_sqlite() {
    let sqlite = Sqlite::in_memory().unwrap();
    apply(&sqlite, SQLITE).await.unwrap();
    is_as_declared(&sqlite).await;
}

#[tokio::test]
async fn the_migrations_lead_to_the_declared_schema_on_postgres() {
    let target = database(Brand::Postgres, "site_test_declared").await;
    apply_to_server(&target, POSTGRES).await.unwrap();
    is_as_declared(&*open(&target).await).await;
}

#[tokio::test]
async fn the_migrations_lead_to_the_declared_schema_on_mysql() {
    let target = database(Brand::MySql, "site_test_declared").await;
    apply_to_server(&target, MYSQL).await.unwrap();
    is_as_declared(&*open(&target).await).await;
}

#[tokio::test]
async fn each_change_by_hand_is_one_line() {
    let sqlite = Sqlite::in_memory().unwrap();
    apply(&sqlite, SQLITE).await.unwrap();
    sqlite
        .script(
            "DROP INDEX sessions_user_id_idx; ALTER TABLE users ADD COLUMN nick TEXT; \
             CREATE TABLE strays (id TEXT NOT NULL PRIMARY KEY); DROP TRIGGER posts_fts_update; \
             ALTER TABLE comments DROP COLUMN body_html; CREATE TABLE _cf_KV (key TEXT PRIMARY KEY); \
             CREATE VIEW newest AS SELECT id FROM posts",
        )
        .unwrap();
    let found = introspect(&sqlite).await.unwrap();
    let declared = declared(Dialect::Sqlite).unwrap();
    let difference = diff(&found, &declared, &Renames::default()).unwrap();
    let changes = difference.changes.iter();
    let lines: Vec<String> = changes
        .filter_map(|change| drift(Dialect::Sqlite, change))
        .collect();
    assert_eq!(
        lines,
        [
            "the column comments.body_html is missing",
            "sessions: the index sessions_user_id_idx is missing",
            "the column users.nick is not declared",
            "posts: full-text search is missing or another than declared",
            "the table strays is not declared",
        ]
    );
}
