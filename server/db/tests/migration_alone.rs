//! Statements that PostgreSQL cannot run in a transaction: marked, alone in their file, and repeated after a failure.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::migrate::{Migration, apply_to_server, check};
use db::{Dialect, Value};
use support::{Brand, cell, database, open, run};

const TABLE: Migration = Migration {
    name: "0001_table.sql",
    sql: "CREATE TYPE colour AS ENUM ('red'); CREATE TABLE a (x int, c colour); INSERT INTO a VALUES (1), (1);",
};

fn second(sql: &'static str) -> Migration {
    Migration {
        name: "0002_alone.sql",
        sql,
    }
}

#[test]
fn they_are_marked_and_alone() {
    for (sql, expected) in [
        (
            "-- migrate: alone\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (x);",
            "",
        ),
        (
            "-- Why.\n-- migrate: alone\nALTER TYPE t ADD VALUE IF NOT EXISTS 'b'",
            "",
        ),
        ("-- migrate: alone\nVACUUM a", ""),
        ("-- migrate: alone\nREINDEX TABLE CONCURRENTLY a", ""),
        ("-- migrate: alone\nDROP INDEX CONCURRENTLY IF EXISTS i", ""),
        ("CREATE INDEX i ON a (x)", ""),
        ("ALTER TYPE t RENAME VALUE 'a' TO 'b'", ""),
        (
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (x)",
            "cannot run in a transaction",
        ),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON a (x)",
            "with `-- migrate: alone` on the line before",
        ),
        ("ALTER TYPE t ADD VALUE 'b'", "cannot run in a transaction"),
        ("VACUUM", "cannot run in a transaction"),
        (
            "-- migrate: alone\nCREATE INDEX CONCURRENTLY i ON a (x)",
            "write IF NOT EXISTS",
        ),
        (
            "-- migrate: alone\nCREATE INDEX CONCURRENTLY ON a (x)",
            "write IF NOT EXISTS",
        ),
        (
            "-- migrate: alone\nDROP INDEX CONCURRENTLY i",
            "write IF EXISTS",
        ),
        (
            "-- migrate: alone\nUPDATE a SET x = 1",
            "UPDATE A can: leave the comment out",
        ),
        (
            "SELECT 1; -- migrate: alone\nVACUUM a",
            "put it into a migration of its own",
        ),
    ] {
        let found = check(Dialect::Postgres, "0002_alone.sql", sql);
        match found {
            Ok(1) if expected.is_empty() => {}
            Err(error) if !expected.is_empty() && error.to_string().contains(expected) => {}
            found => panic!("{sql}: {found:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_failed_half_way_is_made_anew() {
    let target = database(Brand::Postgres, "site_test_alone_index").await;
    let index =
        second("-- migrate: alone\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_x ON a (x);");
    let error = apply_to_server(&target, &[TABLE, index])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0002_alone.sql, statement 1 (line 2: CREATE UNIQUE"),
        "{error}"
    );
    // The server leaves an index that holds nothing to its promise.
    let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'a_x'::regclass";
    assert_eq!(cell(&target, valid).await, Value::Text("false".to_owned()));
    run(
        &*open(&target).await,
        "DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)",
    )
    .await;
    let all = [TABLE, index];
    assert_eq!(
        apply_to_server(&target, &all).await.unwrap(),
        ["0002_alone.sql"]
    );
    assert_eq!(cell(&target, valid).await, Value::Text("true".to_owned()));
    assert!(apply_to_server(&target, &all).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_do_not_wait_for_each_other_in_a_circle() {
    let target = database(Brand::Postgres, "site_test_alone_race").await;
    let all = [
        TABLE,
        second("-- migrate: alone\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_x ON a (x);"),
        Migration {
            name: "0003_value.sql",
            sql: "-- migrate: alone\nALTER TYPE colour ADD VALUE IF NOT EXISTS 'green';",
        },
        Migration {
            name: "0004_use.sql",
            sql: "INSERT INTO a VALUES (2, 'green');",
        },
    ];
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let target = target.clone();
            tokio::spawn(async move { apply_to_server(&target, &all).await.unwrap().len() })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        applied += task.await.unwrap();
    }
    assert_eq!(applied, all.len());
    assert_eq!(
        cell(&target, "SELECT COUNT(*) FROM a WHERE c = 'green'").await,
        Value::Int(1)
    );
}
