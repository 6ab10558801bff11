//! A process that is killed while it migrates MySQL, between a statement and its note.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::time::Duration;

use db::migrate::{Migration, apply_to_server};
use db::{Statement, Value};
use support::{Brand, cell, database, open, run};

/// The sessions that wait to note a statement.
const WAITING: &str = "SELECT CAST(COALESCE(MAX(id), 0) AS SIGNED) FROM information_schema.processlist \
                       WHERE db = DATABASE() AND info LIKE 'UPDATE schema_migrations%'";

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_changed_once_though_the_session_ends_before_the_note() {
    let target = database(Brand::MySql, "site_test_killed").await;
    let broken = Migration {
        name: "0001_n.sql",
        sql: "CREATE TABLE n (x INT);\nINSERT INTO n VALUES (0);\nUPDATE nosuch SET x = x + 1;",
    };
    apply_to_server(&target, &[broken]).await.unwrap_err();
    let mended = [Migration {
        sql: broken.sql.replace("nosuch", "n").leak(),
        ..broken
    }];
    let owner = open(&target).await;
    let holder = owner.begin().unwrap().await.unwrap();
    let ledger = Statement::plain("SELECT name FROM schema_migrations FOR UPDATE");
    holder.run(&[ledger]).await.unwrap();
    let migrating = tokio::spawn({
        let target = target.clone();
        async move { apply_to_server(&target, &mended).await }
    });
    let session = loop {
        match cell(&target, WAITING).await {
            Value::Int(0) => tokio::time::sleep(Duration::from_millis(20)).await,
            Value::Int(session) => break session,
            other => panic!("{other:?}"),
        }
    };
    run(&*open(&target).await, &format!("KILL {session}")).await;
    migrating.await.unwrap().unwrap_err();
    holder.roll_back().await.unwrap();
    assert_eq!(
        apply_to_server(&target, &mended).await.unwrap(),
        ["0001_n.sql"]
    );
    assert_eq!(cell(&target, "SELECT x FROM n").await, Value::Int(1));
}
