//! The definitions, or the person, that tell whether a statement of MySQL was run, when its process was killed before it could note
//! it.

use std::sync::Mutex;
use std::time::Duration;

use db::drivers::server_options::ServerOptions;
use db::migrate::{Migration, Step, apply_to_server, apply_to_server_watched};
use db::{DbError, Statement, Value};

use crate::support::{Brand, cell, database, open, run};
use crate::{kill, killed_at, start, until};

fn file(sql: &'static str) -> Migration {
    Migration {
        name: "0001_one.sql",
        sql,
    }
}

/// An empty database, after these statements.
async fn after(name: &str, statements: &[&str]) -> ServerOptions {
    let target = database(Brand::MySql, name).await;
    let server = open(&target).await;
    for statement in statements {
        run(&*server, statement).await;
    }
    target
}

/// Migrates. Returns the sentences about statements that were done already.
async fn resumed(target: &ServerOptions, one: Migration) -> Result<Vec<String>, DbError> {
    let told = Mutex::new(Vec::new());
    let watch = |step: &Step<'_>| {
        if let Step::WasDone { .. } = step {
            told.lock().unwrap().push(step.to_string());
        }
    };
    apply_to_server_watched(target, &[one], &watch).await?;
    Ok(told.into_inner().unwrap())
}

/// Migrates by a process that is killed after it has begun its first statement, which waits for the table `a`.
async fn killed_before(target: &ServerOptions, sql: &str) {
    let holder = open(target).await;
    let lock = Statement::plain("LOCK TABLES a WRITE");
    holder.write(&[lock]).await.unwrap();
    let mut process = start(target.to_url().expose(), Some(sql));
    let waits = "SELECT CAST(COUNT(*) AS SIGNED) FROM information_schema.processlist \
                 WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata lock'";
    assert!(until(target, waits, &mut process).await.is_some(), "{sql}");
    kill(target, process).await;
}

const MARKS: &str =
    "SELECT COUNT(*) FROM schema_migrations WHERE begun IS NOT NULL OR definitions IS NOT NULL";
const INDEXES: &str = "SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'a'";

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_with_an_older_cause_is_reported() {
    for (before, sql, refusal) in [
        (
            "CREATE TABLE a (x INT)",
            "ALTER TABLE a ADD COLUMN x INT",
            "Duplicate column name",
        ),
        (
            "CREATE TABLE a (x INT, KEY k (x))",
            "CREATE INDEX k ON a (x)",
            "Duplicate key name",
        ),
        (
            "CREATE TABLE a (x INT)",
            "ALTER TABLE a DROP COLUMN y",
            "check that it exists",
        ),
        (
            "CREATE TABLE a (x INT)",
            "ALTER TABLE a CHANGE y z INT",
            "no column y",
        ),
        (
            "CREATE TABLE a (x INT)",
            "DROP INDEX k ON a",
            "check that it exists",
        ),
        (
            "CREATE TABLE a (x INT PRIMARY KEY)",
            "ALTER TABLE a ADD PRIMARY KEY (x)",
            "Multiple primary key",
        ),
    ] {
        let target = after("site_test_killed_older", &[before]).await;
        killed_before(&target, sql).await;
        assert_eq!(cell(&target, MARKS).await, Value::Int(1), "{sql}");
        // As often as it is tried: nothing was done, and nothing is noted as done.
        for _ in 0..2 {
            let error = resumed(&target, file(sql)).await.unwrap_err().to_string();
            assert!(
                error.contains(refusal) && error.contains("statement 1"),
                "{error}"
            );
            // Nobody is told to do what they are doing.
            assert!(!error.contains("cargo x db migrate"), "{error}");
            assert_eq!(cell(&target, MARKS).await, Value::Int(0), "{sql}");
        }
        let done = "SELECT CAST(SUM(statements_done) AS SIGNED) FROM schema_migrations";
        assert_eq!(cell(&target, done).await, Value::Int(0), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_tell_what_no_refusal_would() {
    for (sql, indexes) in [
        ("ALTER TABLE a ADD INDEX (x); INSERT INTO a VALUES (1);", 1),
        (
            "ALTER TABLE a ADD INDEX (x), ADD INDEX (x); INSERT INTO a VALUES (1);",
            2,
        ),
        (
            "ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b (id); INSERT INTO a VALUES (1);",
            1,
        ),
    ] {
        let tables = [
            "CREATE TABLE b (id INT PRIMARY KEY)",
            "INSERT INTO b VALUES (1)",
            "CREATE TABLE a (x INT)",
        ];
        // Before it was begun, before it was run, and after.
        for (stop, expected) in [(Some(1), 0), (None, 0), (Some(2), 1)] {
            let target = after("site_test_killed_told", &tables).await;
            match stop {
                Some(stop) => assert!(killed_at(&target, stop, Some(sql)).await),
                None => killed_before(&target, sql).await,
            }
            let told = resumed(&target, file(sql)).await.unwrap();
            assert_eq!(told.len(), expected, "{sql}, {stop:?}: {told:?}");
            assert!(
                told.iter().all(|told| told
                    .starts_with("resumed: 0001_one.sql, statement 1 (line 1): noted as done")),
                "{told:?}"
            );
            assert_eq!(
                cell(&target, INDEXES).await,
                Value::Int(indexes),
                "{sql}, {stop:?}"
            );
            assert_eq!(cell(&target, "SELECT COUNT(*) FROM a").await, Value::Int(1));
            assert_eq!(cell(&target, MARKS).await, Value::Int(0));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_tells_whether_a_statement_was_run_a_person_is_asked() {
    const ONE: &str = "CALL p(); INSERT INTO a VALUES (1);";
    // Nothing to ask before it was begun; it was done; it was not done, as far as anybody can see.
    for (stop, answer) in [(1, None), (2, Some(1)), (2, Some(3))] {
        let before = [
            "CREATE TABLE a (x INT)",
            "CREATE PROCEDURE p() ALTER TABLE a ADD INDEX (x)",
        ];
        let target = after("site_test_killed_asks", &before).await;
        assert!(killed_at(&target, stop, Some(ONE)).await);
        if let Some(answer) = answer {
            let asked = resumed(&target, file(ONE)).await.unwrap_err().to_string();
            assert!(
                asked.contains("0001_one.sql, statement 1 (line 1): a process began it")
                    && asked.contains("nothing tells whether it was done"),
                "{asked}"
            );
            let edited = resumed(&target, file("CALL p(1);"))
                .await
                .unwrap_err()
                .to_string();
            assert!(edited.contains("it was changed since"), "{edited}");
            if answer == 3 {
                run(&*open(&target).await, "ALTER TABLE a DROP INDEX x").await;
            }
            let statement = asked.split('`').nth(answer).unwrap();
            run(&*open(&target).await, statement).await;
        }
        apply_to_server(&target, &[file(ONE)]).await.unwrap();
        assert_eq!(cell(&target, INDEXES).await, Value::Int(1));
        assert_eq!(cell(&target, "SELECT COUNT(*) FROM a").await, Value::Int(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_without_definitions_asks_a_person() {
    let sql = "ALTER TABLE a ADD INDEX (x);";
    let target = after("site_test_killed_mark", &["CREATE TABLE a (x INT)"]).await;
    assert!(killed_at(&target, 2, Some(sql)).await);
    run(
        &*open(&target).await,
        "UPDATE schema_migrations SET definitions = NULL",
    )
    .await;
    let asked = resumed(&target, file(sql)).await.unwrap_err().to_string();
    assert!(
        asked.contains("nothing tells whether it was done"),
        "{asked}"
    );
    assert_eq!(cell(&target, INDEXES).await, Value::Int(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_table_without_transactions_are_not_changed_twice() {
    let table = "CREATE TABLE a (x INT) ENGINE = MyISAM";
    let other = "CREATE TABLE b (x INT)";
    for (more, sql) in [
        (vec![], "UPDATE a SET x = x + 1"),
        (
            vec!["CREATE TRIGGER t AFTER INSERT ON b FOR EACH ROW UPDATE a SET x = x + 1"],
            "INSERT INTO b VALUES (1)",
        ),
        (
            vec!["CREATE VIEW v AS SELECT x FROM a"],
            "UPDATE v SET x = x + 1",
        ),
        (
            vec![
                "CREATE PROCEDURE p() UPDATE a SET x = x + 1",
                "CREATE TRIGGER t AFTER INSERT ON b FOR EACH ROW CALL p()",
            ],
            "INSERT INTO b VALUES (1)",
        ),
    ] {
        let before = [vec![table, "INSERT INTO a VALUES (0)", other], more].concat();
        let target = after("site_test_killed_myisam", &before).await;
        assert!(killed_at(&target, 2, Some(sql)).await);
        let asked = resumed(&target, file(sql)).await.unwrap_err().to_string();
        assert!(
            asked.contains("nothing tells whether it was done"),
            "{asked}"
        );
        assert_eq!(
            cell(&target, "SELECT x FROM a").await,
            Value::Int(1),
            "{sql}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_does_not_wait_for_a_table_that_it_has_locked() {
    // Whoever opens the table after the keys are switched waits until it is unlocked.
    let sql = "LOCK TABLES a WRITE; ALTER TABLE a ADD COLUMN y INT; ALTER TABLE a DISABLE KEYS; INSERT INTO a (x) VALUES (1); \
               ALTER TABLE a ADD COLUMN w INT; ALTER TABLE a ENABLE KEYS; UNLOCK TABLES; ALTER TABLE a ADD COLUMN z INT;";
    let target = after("site_test_killed_locked", &["CREATE TABLE a (x INT)"]).await;
    let migrating = tokio::time::timeout(Duration::from_secs(30), resumed(&target, file(sql)));
    let told = migrating.await.expect("it waits for itself").unwrap();
    assert!(told.is_empty(), "{told:?}");
    let rows = "SELECT COUNT(*) FROM a WHERE w IS NULL AND z IS NULL";
    assert_eq!(cell(&target, rows).await, Value::Int(1));
}
