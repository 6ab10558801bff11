//! A database as declarations: our own gives our own source back, and a foreign one says what declarations do not have.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "../../db/tests/support/mod.rs"]
mod support;

use db::drivers::sqlite::Sqlite;
use db::migrate::{MYSQL, POSTGRES, SQLITE, apply, apply_to_server};
use db::schema::{SOURCE, TABLES};
use db::{Driver, Statement};
use schema_diff::{introspect, pull};
use support::{Brand, database, open};

async fn gives_our_own(driver: &dyn Driver) {
    let mut schema = introspect(driver).await.unwrap();
    // Migrations may keep what nothing declares any more.
    schema
        .tables
        .retain(|table| TABLES.iter().any(|one| one.name == table.name));
    for (table, declared) in schema.tables.iter_mut().flat_map(|table| {
        let declared = TABLES.iter().find(|one| one.name == table.name);
        declared.map(|declared| (table, declared))
    }) {
        table.columns.retain(|column| {
            column.name == "search_id" || declared.columns.iter().any(|one| one.name == column.name)
        });
    }
    assert_eq!(pull(&schema, SOURCE).unwrap(), SOURCE);
    // Without the source, only by what the database says.
    let plain = pull(&schema, "").unwrap();
    assert!(!plain.contains("Not expressed"), "{plain}");
    insta::assert_snapshot!(format!("own_{}", driver.dialect().name()), plain);
}

/// Compares the declarations of a database that has more than they can say.
async fn says_what_is_left_out(driver: &dyn Driver, sql: &[&str]) {
    for statement in sql {
        let done = driver.write(&[Statement::plain(*statement)]).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let schema = introspect(driver).await.unwrap();
    let text = pull(&schema, SOURCE).unwrap();
    insta::assert_snapshot!(format!("foreign_{}", driver.dialect().name()), text);
}

const COMMON: [&str; 3] = [
    "CREATE TABLE teams (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'none', size BIGINT DEFAULT 3, \
     created_at BIGINT, kind VARCHAR(9) NOT NULL, CONSTRAINT teams_kind_check CHECK (kind IN ('big', 'small')), \
     CONSTRAINT teams_size_check CHECK (size < 100))",
    "CREATE TABLE members (team_id BIGINT NOT NULL, nr INTEGER NOT NULL, boss BIGINT, PRIMARY KEY (team_id, nr), \
     CONSTRAINT members_pair UNIQUE (boss, nr), \
     CONSTRAINT members_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE, \
     CONSTRAINT members_boss FOREIGN KEY (boss) REFERENCES teams (id) ON DELETE SET NULL)",
    "CREATE VIEW big AS SELECT id FROM teams WHERE size > 9",
];

#[tokio::test]
async fn sqlite_is_pulled() {
    let sqlite = Sqlite::in_memory().unwrap();
    apply(&sqlite, SQLITE).await.unwrap();
    gives_our_own(&sqlite).await;
    let own = [
        "CREATE INDEX teams_low ON teams (lower(name)) WHERE size > 3",
        "CREATE TABLE \"Odd\" (a TEXT)",
        "ALTER TABLE users ADD COLUMN \"type\" TEXT",
        "CREATE TRIGGER t AFTER INSERT ON teams BEGIN UPDATE teams SET size = 4; END",
        "DROP INDEX sessions_user_id_idx",
    ];
    says_what_is_left_out(&sqlite, &[&COMMON[..], &own].concat()).await;
}

#[tokio::test]
async fn postgres_is_pulled() {
    let target = database(Brand::Postgres, "site_test_pulled").await;
    apply_to_server(&target, POSTGRES).await.unwrap();
    gives_our_own(&*open(&target).await).await;
    let own = [
        "CREATE INDEX teams_low ON teams (lower(name)) WHERE size > 3",
        "CREATE TABLE \"Odd\" (a text)",
        "ALTER TABLE users ADD COLUMN type text",
        "ALTER TABLE posts ADD COLUMN meta jsonb, ADD COLUMN price numeric(9,2), ADD COLUMN ref uuid",
        "ALTER TABLE users ALTER COLUMN email DROP NOT NULL",
        "CREATE TRIGGER t BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ];
    says_what_is_left_out(&*open(&target).await, &[&COMMON[..], &own].concat()).await;
}

#[tokio::test]
async fn mysql_is_pulled() {
    let target = database(Brand::MySql, "site_test_pulled").await;
    apply_to_server(&target, MYSQL).await.unwrap();
    gives_our_own(&*open(&target).await).await;
    let own = [
        "CREATE TABLE `Odd` (a text)",
        "ALTER TABLE users ADD COLUMN type VARCHAR(3)",
        "ALTER TABLE posts ADD COLUMN meta JSON, ADD COLUMN price DECIMAL(9,2), ADD COLUMN nr INT UNSIGNED",
        "ALTER TABLE users MODIFY COLUMN email VARCHAR(200)",
        "CREATE TRIGGER t BEFORE INSERT ON teams FOR EACH ROW SET NEW.size = 4",
    ];
    says_what_is_left_out(&*open(&target).await, &[&COMMON[..], &own].concat()).await;
}
