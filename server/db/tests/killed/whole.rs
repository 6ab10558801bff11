//! PostgreSQL and SQLite: a file is one transaction.

use std::time::Duration;

use db::drivers::sqlite::Sqlite;
use db::migrate::{Migration, apply_to_file, apply_to_server};
use db::{Driver, Statement, Value};

use crate::support::{Brand, cell, database};
use crate::{start, until};

/// Statements that are done as a whole, or not at all; one that waits is put at every place.
const WHOLE: [&str; 12] = [
    "CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER NOT NULL)",
    "INSERT INTO a VALUES (1, 0), (2, 0)",
    "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 0",
    "UPDATE a SET x = x + 1",
    "CREATE INDEX a_x ON a (x)",
    "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
    "INSERT INTO b VALUES (1, 1)",
    "ALTER TABLE a RENAME COLUMN y TO z",
    "CREATE VIEW v AS SELECT id, z FROM a",
    "UPDATE a SET z = z + x",
    "DROP INDEX a_x",
    "ALTER TABLE b RENAME TO c",
];

/// The script with `waits` after the first `at` statements.
fn waiting(at: usize, waits: &str) -> String {
    let mut all = WHOLE.to_vec();
    all.insert(at, waits);
    all.join(";\n")
}

fn whole() -> [Migration; 1] {
    [Migration {
        name: "0001_one.sql",
        sql: WHOLE.join(";\n").leak(),
    }]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_migration_of_postgresql_left_nothing() {
    let state = "SELECT concat_ws(' ', (SELECT string_agg(id || ':' || x || ':' || z, ',' ORDER BY id) FROM a), \
                 (SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace), \
                 (SELECT count(*) FROM c))";
    let mut expected = None;
    for at in 0..=WHOLE.len() {
        let target = database(Brand::Postgres, "site_test_killed_at").await;
        let mut process = start(
            target.to_url().expose(),
            Some(&waiting(at, "SELECT pg_sleep(60)")),
        );
        let asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        until(&target, asleep, &mut process).await.unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        cell(&target, end).await;
        let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN ('a', 'b', 'c', 'v')";
        assert_eq!(
            cell(&target, left).await,
            Value::Int(0),
            "killed after {at} statements"
        );
        apply_to_server(&target, &whole()).await.unwrap();
        let found = cell(&target, state).await;
        assert_eq!(
            &found,
            expected.get_or_insert(found.clone()),
            "killed after {at} statements"
        );
    }
    let Some(Value::Text(rows)) = expected else {
        panic!()
    };
    assert!(rows.starts_with("1:1:1,2:1:1 a,"), "{rows}");
}
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_migration_of_sqlite_left_nothing() {
    let endless = "SELECT count(*) FROM (WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n)";
    let state = "SELECT (SELECT group_concat(id || ':' || x || ':' || z) FROM a) || ' ' || \
                 (SELECT group_concat(name) FROM sqlite_master WHERE name IN ('a', 'b', 'c', 'v', 'a_x')) || ' ' || (SELECT count(*) FROM c)";
    let folder = std::env::temp_dir().join(format!("site-killed-{}", std::process::id()));
    // An ordinary file, and one as wrangler keeps a local D1.
    for place in ["own", "v3/d1/miniflare-D1DatabaseObject"] {
        for at in 0..=WHOLE.len() {
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(folder.join(place)).unwrap();
            let file = folder.join(place).join("0a1b.sqlite");
            let mut process = start(
                &format!("file:{}", file.display()),
                Some(&waiting(at, endless)),
            );
            // It computes until it is killed.
            let pid = process.id();
            while ticks(pid) < 10 {
                assert!(
                    process.try_wait().unwrap().is_none(),
                    "it ended by itself, at {at}"
                );
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            process.kill().unwrap();
            process.wait().unwrap();
            apply_to_file(&file, &whole()).await.unwrap();
            let sqlite = Sqlite::open(&file).unwrap();
            let found = sqlite
                .read(&[Statement::plain(state)])
                .await
                .unwrap()
                .remove(0)
                .cells
                .remove(0);
            assert_eq!(
                found,
                Value::Text("1:1:1,2:1:1 a,c,v 1".to_owned()),
                "killed after {at} statements of {place}"
            );
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The CPU time that a process has used, in ticks of the clock (proc(5)).
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum()
}
