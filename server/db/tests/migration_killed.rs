//! Processes that are killed while they migrate: at every statement, on every engine. Afterwards another one migrates to the end,
//! and the database is as if nothing had happened.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

#[path = "killed/told.rs"]
mod killed_told;
#[path = "killed/whole.rs"]
mod killed_whole;
mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use db::drivers::server_options::ServerOptions;
use db::migrate::{Migration, apply_to_file, apply_to_server};
use db::{Statement, Value};
use support::{Brand, cell, database, open, run};

/// Statements of every kind that MySQL commits by itself, with changes of rows between them.
const MYSQL: [Migration; 2] = [
    Migration {
        name: "0001_first.sql",
        sql: "CREATE TABLE a (id INT PRIMARY KEY, x INT NOT NULL);
              INSERT INTO a VALUES (1, 0), (2, 0);
              ALTER TABLE a ADD COLUMN y INT NOT NULL DEFAULT 0;
              UPDATE a SET x = x + 1;
              CREATE INDEX a_x ON a (x);
              ALTER TABLE a ADD COLUMN z INT, ADD INDEX (z);
              CREATE TABLE b (id INT PRIMARY KEY, a_id INT);
              ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a (id);
              CREATE TRIGGER counted BEFORE INSERT ON b FOR EACH ROW UPDATE a SET y = y + 1 WHERE id = NEW.a_id;
              INSERT INTO b VALUES (1, 1);
              SET @two = 2;
              INSERT INTO b VALUES (2, @two);",
    },
    Migration {
        name: "0002_second.sql",
        sql: "UPDATE a SET x = x + 10;
              ALTER TABLE a DROP INDEX a_x;
              ALTER TABLE a RENAME COLUMN z TO w;
              CREATE VIEW v AS SELECT id, w FROM a;
              DROP TRIGGER counted;
              RENAME TABLE b TO c;
              ALTER TABLE a MODIFY x BIGINT NOT NULL;
              DELETE FROM c WHERE id = 1;
              DROP TABLE c;
              UPDATE a SET x = x + 100;",
    },
];
/// The rows, columns, indexes, views and triggers at the end.
const MYSQL_STATE: &str = "SELECT CONCAT_WS(' ',
    (SELECT GROUP_CONCAT(id, ':', x, ':', y ORDER BY id) FROM a),
    (SELECT GROUP_CONCAT(table_name, '.', column_name, ' ', column_type ORDER BY table_name, column_name) FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name NOT IN ('schema_migrations', 'steps', 'steps_stop')),
    (SELECT GROUP_CONCAT(table_name, '.', index_name ORDER BY table_name, index_name) FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name NOT IN ('schema_migrations', 'steps', 'steps_stop')),
    (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name <> 'step'))";

/// The environment of a process that migrates until it is killed.
const TARGET: &str = "TEST_KILLED_TARGET";
const SCRIPT: &str = "TEST_KILLED_SCRIPT";

/// No test: the process that is killed.
#[tokio::test]
#[ignore = "it is started by the other tests"]
async fn a_process_that_migrates() {
    let (target, script) = (std::env::var(TARGET).unwrap(), std::env::var(SCRIPT));
    let script: Option<&'static str> = script.ok().map(|text| &*text.leak());
    let one = script.map(|sql| {
        [Migration {
            name: "0001_one.sql",
            sql,
        }]
    });
    if let Some(file) = target.strip_prefix("file:") {
        apply_to_file(Path::new(file), &one.unwrap()).await.unwrap();
        return;
    }
    let target = ServerOptions::parse(&target).unwrap();
    match one {
        Some(one) => apply_to_server(&target, &one).await.unwrap(),
        None => apply_to_server(&target, &MYSQL).await.unwrap(),
    };
}

/// Starts that process.
pub(crate) fn start(target: &str, script: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_process_that_migrates", "--ignored"]);
    command
        .env(TARGET, target)
        .envs(script.map(|text| (SCRIPT, text)));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Waits until `sql` gives a number above 0, or the process ends. Returns the number.
pub(crate) async fn until(target: &ServerOptions, sql: &str, process: &mut Child) -> Option<i64> {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        if let Value::Int(found @ 1..) = cell(target, sql).await {
            return Some(found);
        }
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("`{sql}` gives nothing");
}

/// Makes the ledger's changes wait at one of them, counted by a table that no transaction takes back.
const STEPS: [&str; 3] = [
    "CREATE TABLE steps (slept INT) ENGINE = MyISAM",
    "CREATE TABLE steps_stop (at INT)",
    "CREATE TRIGGER step BEFORE UPDATE ON schema_migrations FOR EACH ROW INSERT INTO steps \
     SELECT SLEEP(IF(COUNT(*) + 1 = (SELECT at FROM steps_stop), 60, 0)) FROM steps",
];
const ASLEEP: &str = "SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.processlist \
                      WHERE db = DATABASE() AND state = 'User sleep'";

/// Ends the process, and what the server still does for it.
pub(crate) async fn kill(target: &ServerOptions, mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
    let server = open(target).await;
    let others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    for id in run(&*server, others).await.remove(0).cells {
        let Value::Int(id) = id else { panic!("{id:?}") };
        // It may have ended by itself.
        let _ = server
            .write(&[Statement::plain(format!("KILL {id}"))])
            .await;
    }
}

/// Migrates by a process that is killed at this change of the ledger, counted from 1. Returns false if it ended before.
pub(crate) async fn killed_at(target: &ServerOptions, stop: usize, script: Option<&str>) -> bool {
    apply_to_server(target, &[]).await.unwrap();
    let server = open(target).await;
    let stop = format!("INSERT INTO steps_stop VALUES ({stop})");
    for step in STEPS.into_iter().chain([stop.as_str()]) {
        run(&*server, step).await;
    }
    let mut process = start(target.to_url().expose(), script);
    let was_killed = until(target, ASLEEP, &mut process).await.is_some();
    kill(target, process).await;
    run(&*open(target).await, "UPDATE steps_stop SET at = 0").await;
    was_killed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_migration_of_mysql_goes_on_at_every_statement() {
    let target = database(Brand::MySql, "site_test_unkilled").await;
    apply_to_server(&target, &MYSQL).await.unwrap();
    let expected = cell(&target, MYSQL_STATE).await;
    let mut kills = 0;
    for stop in 1.. {
        let target = database(Brand::MySql, "site_test_killed_at").await;
        let was_killed = killed_at(&target, stop, None).await;
        apply_to_server(&target, &MYSQL)
            .await
            .unwrap_or_else(|error| panic!("killed at change {stop} of the ledger: {error}"));
        assert_eq!(
            cell(&target, MYSQL_STATE).await,
            expected,
            "killed at change {stop} of the ledger"
        );
        if !was_killed {
            break;
        }
        kills += 1;
    }
    // 22 statements, of which 14 are noted twice, and the ends of two files.
    assert_eq!(kills, 38);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_the_server_still_runs_is_waited_for() {
    let target = database(Brand::MySql, "site_test_killed_before").await;
    let server = open(&target).await;
    run(&*server, "CREATE TABLE a (id INT)").await;
    let holder = server.begin().unwrap().await.unwrap();
    holder
        .run(&[Statement::plain("SELECT id FROM a")])
        .await
        .unwrap();
    let script = "ALTER TABLE a ADD COLUMN x INT; INSERT INTO a VALUES (1, 1);";
    let mut process = start(target.to_url().expose(), Some(script));
    let waits = "SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.processlist \
                 WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata lock'";
    until(&target, waits, &mut process).await.unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    // The server does not know yet that nobody waits for its answer.
    let one = [Migration {
        name: "0001_one.sql",
        sql: script,
    }];
    let migrating = tokio::spawn({
        let target = target.clone();
        async move { apply_to_server(&target, &one).await }
    });
    let waits = "SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.processlist \
                 WHERE db = DATABASE() AND state = 'User lock'";
    while cell(&target, waits).await == Value::Int(0) {
        assert!(!migrating.is_finished(), "it does not wait");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    holder.roll_back().await.unwrap();
    migrating.await.unwrap().unwrap();
    assert_eq!(
        cell(&target, "SELECT COUNT(*) FROM a WHERE x = 1").await,
        Value::Int(1)
    );
}

#[tokio::test]
async fn a_ledger_from_before_the_mark_gets_it() {
    let target = database(Brand::MySql, "site_test_old_ledger").await;
    let server = open(&target).await;
    let old = "CREATE TABLE schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL, \
               statements_done BIGINT NOT NULL, applied_at DATETIME(3))";
    run(&*server, old).await;
    let one = [Migration {
        name: "0001_one.sql",
        sql: "CREATE TABLE a (x INT);",
    }];
    assert_eq!(
        apply_to_server(&target, &one).await.unwrap(),
        ["0001_one.sql"]
    );
    assert!(apply_to_server(&target, &one).await.unwrap().is_empty());
}

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
