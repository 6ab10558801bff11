//! The contract suite on SQLite, in memory and in a file, with D1's limits, and the promises of SQLite's driver alone.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/migrations.rs"]
mod migrations;

use std::sync::Arc;

use db::contract::lists::PostSample;
use db::contract::{Clients, EngineTraits, failures};
use db::drivers::sqlite::{Sqlite, SqliteConnector};
use db::{Db, DbError, Statement, Value, migrate};
use futures::executor::block_on;
use proptest::prelude::*;

fn memory() -> Arc<Sqlite> {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    block_on(migrate::apply(&sqlite, migrate::SQLITE)).unwrap();
    sqlite
}

fn pass_all(source: SqliteConnector, traits: EngineTraits) {
    let failed = block_on(failures(&Clients::new(source, traits)));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn contract_in_memory() {
    pass_all(SqliteConnector::Open(memory()), EngineTraits::SQLITE_MEMORY);
}

#[test]
fn contract_in_a_file() {
    let path = std::env::temp_dir().join(format!("site-contract-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&path);
    block_on(migrate::apply(
        &Sqlite::open(&path).unwrap(),
        migrate::SQLITE,
    ))
    .unwrap();
    pass_all(SqliteConnector::File(path.clone()), EngineTraits::SQLITE);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn any_list_of_ids_is_looked_up() {
    let db = Db::new(SqliteConnector::Open(memory()));
    let sample = block_on(PostSample::fill(&db, 40)).unwrap();
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(unknown in 0usize..=5_000, repeated in 0usize..=40)| {
        prop_assert_eq!(block_on(sample.check_lookup(unknown, repeated)), Ok(()));
    });
    block_on(sample.clear()).unwrap();
}

#[test]
fn d1_limits_are_enforced() {
    let sqlite = memory();
    let db = Db::new(SqliteConnector::Open(sqlite));
    let many = Statement {
        sql: format!("SELECT {}", vec!["?"; 101].join(", ")),
        values: (0..101).map(Value::Int).collect(),
    };
    assert!(matches!(block_on(db.run(&many)), Err(DbError::TooLarge(_))));
    let long = Statement {
        sql: format!("SELECT '{}'", "x".repeat(100_000)),
        values: Vec::new(),
    };
    assert!(block_on(db.run(&long)).is_err());
}

#[test]
fn migrations_apply_once_and_whole() {
    let sqlite = Sqlite::in_memory().unwrap();
    assert_eq!(
        block_on(migrate::apply(&sqlite, migrate::SQLITE)).unwrap(),
        migrations::names("sqlite")
    );
    assert!(
        block_on(migrate::apply(&sqlite, migrate::SQLITE))
            .unwrap()
            .is_empty()
    );

    let broken = migrate::Migration {
        name: "9999_broken.sql",
        sql: "CREATE TABLE half (a); CREATE TABLE half (a);",
    };
    let broken = [migrate::SQLITE, &[broken]].concat();
    let error = block_on(migrate::apply(&sqlite, &broken))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("9999_broken.sql") && error.contains("nothing of it was applied"),
        "{error}"
    );
    assert!(
        sqlite.script("SELECT * FROM half").is_err(),
        "half a migration was left behind"
    );
}

#[test]
fn a_database_without_tables_says_what_to_do() {
    let db = Db::new(SqliteConnector::Open(Arc::new(
        Sqlite::in_memory().unwrap(),
    )));
    let error = block_on(db::queries::health::check(&db)).unwrap_err();
    assert!(matches!(error, DbError::Unavailable(why) if why.contains("cargo x db migrate")));
}

#[test]
fn a_closed_client_does_nothing() {
    let db = Db::new(SqliteConnector::Open(memory()));
    block_on(db::queries::health::check(&db)).unwrap();
    db.close();
    assert_eq!(
        block_on(db::queries::health::check(&db)),
        Err(DbError::Closed)
    );
    assert_eq!(db.stats().connections, 1);
}
