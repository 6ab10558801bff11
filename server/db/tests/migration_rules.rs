//! Migrations of servers: settings end with their file, the ledger says what is true, and a file that failed is resumed or
//! refused.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use db::Value;
use db::migrate::{MYSQL, Migration, POSTGRES, apply_to_server};
use support::{Brand, cell, database, open, run};

const fn file(name: &'static str, sql: &'static str) -> Migration {
    Migration { name, sql }
}

fn with_line_ends(migration: &Migration, end: &str) -> Migration {
    let sql: String = migration.sql.replace("\r\n", "\n").replace('\n', end);
    Migration {
        sql: sql.leak(),
        ..*migration
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_file_end_with_it_on_postgres() {
    let target = database(Brand::Postgres, "site_test_rules_settings").await;
    let files = [
        file(
            "0001_a.sql",
            "SELECT pg_catalog.set_config('search_path', '', false); SET default_transaction_read_only = on; CREATE TEMP TABLE leak (x int); SET TIME ZONE 'Asia/Tokyo';",
        ),
        file(
            "0002_b.sql",
            "CREATE TABLE zone AS SELECT current_setting('TimeZone') AS name, to_regclass('pg_temp.leak') IS NULL AS gone, current_schema()::text AS schema, current_user::text AS role;",
        ),
    ];
    let applied = apply_to_server(&target, &files).await.unwrap();
    assert_eq!(applied, ["0001_a.sql", "0002_b.sql"]);
    let row = run(
        &*open(&target).await,
        "SELECT name <> 'Asia/Tokyo' AND gone, schema, role = current_user FROM zone",
    )
    .await;
    assert_eq!(
        row[0].cells,
        [
            Value::Bool(true),
            Value::Text("public".to_owned()),
            Value::Bool(true)
        ]
    );
    assert!(apply_to_server(&target, &files).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_file_end_with_it_on_mysql() {
    let target = database(Brand::MySql, "site_test_rules_settings").await;
    let files = [
        file(
            "0001_a.sql",
            "SET @x = 1, foreign_key_checks = 0, time_zone = '+05:00'; CREATE TEMPORARY TABLE kept (a INT); CREATE TABLE c (a INT); LOCK TABLES c WRITE;",
        ),
        file(
            "0002_b.sql",
            "CREATE TABLE kept AS SELECT @x AS x, @@foreign_key_checks AS checks, @@time_zone = '+00:00' AS utc;",
        ),
    ];
    assert_eq!(apply_to_server(&target, &files).await.unwrap().len(), 2);
    let rows = run(
        &*open(&target).await,
        "SELECT x IS NULL, checks, utc FROM kept",
    )
    .await;
    assert_eq!(rows[0].cells, [Value::Int(1), Value::Int(1), Value::Int(1)]);
    assert!(apply_to_server(&target, &files).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_file_has_its_settings_again() {
    let target = database(Brand::MySql, "site_test_rules_resume").await;
    let broken = file(
        "0002_v.sql",
        "CREATE TABLE v (a INT, b INT); SET @x = 5; SET foreign_key_checks = 0;\nINSERT INTO nosuch VALUES (1);\nINSERT INTO v VALUES (@x, @@foreign_key_checks);",
    );
    let error = apply_to_server(&target, &[broken])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0002_v.sql, statement 4 (line 2: INSERT INTO nosuch"),
        "{error}"
    );
    let mended = file(
        "0002_v.sql",
        broken
            .sql
            .replace("nosuch VALUES (1)", "v VALUES (1, 1)")
            .leak(),
    );
    assert_eq!(
        apply_to_server(&target, &[mended]).await.unwrap(),
        ["0002_v.sql"]
    );
    let rows = run(&*open(&target).await, "SELECT a, b FROM v ORDER BY a").await;
    assert_eq!(rows[0].cells, [1, 1, 5, 0].map(Value::Int));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_values_are_lost_is_not_resumed() {
    let target = database(Brand::MySql, "site_test_rules_lost").await;
    let broken = file(
        "0002_v.sql",
        "CREATE TABLE v (a INT);\nSET @n = (SELECT COUNT(*) FROM v);\nINSERT INTO nosuch VALUES (1);\nINSERT INTO v VALUES (@n);",
    );
    apply_to_server(&target, &[broken]).await.unwrap_err();
    let mended = file(
        "0002_v.sql",
        broken
            .sql
            .replace("INSERT INTO nosuch", "INSERT INTO v")
            .leak(),
    );
    let error = apply_to_server(&target, &[mended])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0002_v.sql failed after 2 statements")
            && error.contains("statement 4 (line 4) needs the variable @n"),
        "{error}"
    );
    assert_eq!(cell(&target, "SELECT COUNT(*) FROM v").await, Value::Int(0));
    // The way on that the sentence names.
    let files = [
        file(
            "0002_v.sql",
            "CREATE TABLE v (a INT);\nSET @n = (SELECT COUNT(*) FROM v);",
        ),
        file("0003_rest.sql", "SET @n = 7; INSERT INTO v VALUES (@n);"),
    ];
    assert_eq!(apply_to_server(&target, &files).await.unwrap().len(), 2);
    assert_eq!(cell(&target, "SELECT a FROM v").await, Value::Int(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_only_the_server_sees_is_not_noted() {
    let target = database(Brand::MySql, "site_test_rules_hidden").await;
    let procedure = file(
        "0001_p.sql",
        "CREATE TABLE t (a INT);\nDELIMITER //\nCREATE PROCEDURE p() BEGIN START TRANSACTION; INSERT INTO t VALUES (1); END//\nDELIMITER ;",
    );
    apply_to_server(&target, &[procedure]).await.unwrap();
    for (name, sql) in [
        ("0002_call.sql", "CALL p();"),
        (
            "0002_exec.sql",
            "PREPARE s FROM 'SET autocommit = 0'; EXECUTE s; INSERT INTO t VALUES (2);",
        ),
    ] {
        let error = apply_to_server(&target, &[procedure, file(name, sql)])
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(name) && error.contains("leaves a transaction open"),
            "{error}"
        );
        let open = cell(
            &target,
            "SELECT MAX(name) FROM schema_migrations WHERE applied_at IS NULL",
        )
        .await;
        assert_eq!(open, Value::Text(name.to_owned()));
        // The next file is tried as if this one had never been.
        let forget = format!("DELETE FROM schema_migrations WHERE name = '{name}'");
        run(&*support::open(&target).await, &forget).await;
    }
    assert_eq!(cell(&target, "SELECT COUNT(*) FROM t").await, Value::Int(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_only_the_server_sees_is_rolled_back_on_postgres() {
    let target = database(Brand::Postgres, "site_test_rules_hidden").await;
    let file = file(
        "0002_do.sql",
        "CREATE TABLE t (a int);\nDO $$ BEGIN EXECUTE 'COMMIT'; END $$;",
    );
    let error = apply_to_server(&target, &[file])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0002_do.sql, statement 2 (line 2: DO $$"),
        "{error}"
    );
    assert!(error.ends_with("nothing of it was applied"), "{error}");
    let count = cell(&target, "SELECT count(*) FROM pg_class WHERE relname = 't'").await;
    assert_eq!(count, Value::Int(0));
}

async fn line_ends_do_not_count(engine: Brand, real: &[Migration], name: &str) {
    let target = database(engine, name).await;
    for (end, expected) in [("\n", 1), ("\r\n", 0), ("\n", 0)] {
        let files = [with_line_ends(&real[0], end)];
        let applied = apply_to_server(&target, &files).await.unwrap();
        assert_eq!(applied.len(), expected, "{end:?}");
    }
    let marked = Migration {
        sql: format!("\u{feff}{}", real[0].sql).leak(),
        ..real[0]
    };
    assert!(
        apply_to_server(&target, &[marked])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn line_ends_change_no_migration_of_postgres() {
    line_ends_do_not_count(Brand::Postgres, POSTGRES, "site_test_rules_ends").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn line_ends_change_no_migration_of_mysql() {
    line_ends_do_not_count(Brand::MySql, MYSQL, "site_test_rules_ends").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_hides_the_ledger_is_not_made() {
    let target = database(Brand::Postgres, "site_test_rules_schema").await;
    // The default search path begins with the schema named as the user.
    let sql = format!("CREATE TABLE a (x int); CREATE SCHEMA \"{}\";", target.user);
    let error = apply_to_server(&target, &[file("0001_schema.sql", sql.leak())]).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("0001_schema.sql, after its last statement")
            && error.contains("`search_path`"),
        "{error}"
    );
    let count = cell(&target, "SELECT count(*) FROM pg_class WHERE relname = 'a'").await;
    assert_eq!(count, Value::Int(0));
    let other = file("0001_schema.sql", "CREATE SCHEMA another;");
    assert_eq!(apply_to_server(&target, &[other]).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_of_the_version_before_are_accepted() {
    let target = database(Brand::MySql, "site_test_rules_before").await;
    let server = open(&target).await;
    let sql = "-- Two tables.\nCREATE TABLE half (a INT);\nCREATE TABLE rest (a INT);";
    // A file that failed after its first statement, and one that was applied from a checkout with `\r\n`.
    for sql in [
        "CREATE TABLE half (a INT)",
        "CREATE TABLE schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL, statements_done BIGINT NOT NULL, applied_at DATETIME(3))",
        "INSERT INTO schema_migrations VALUES ('0001_a.sql', SHA2('SELECT 1;\\r\\nSELECT 2;\\r\\n', 256), 2, NOW()), ('0002_b.sql', SHA2('CREATE TABLE half (a INT)', 256), 1, NULL)",
    ] {
        run(&*server, sql).await;
    }
    let files = [
        file("0001_a.sql", "SELECT 1;\nSELECT 2;\n"),
        file("0002_b.sql", sql),
    ];
    assert_eq!(
        apply_to_server(&target, &files).await.unwrap(),
        ["0002_b.sql"]
    );
    let tables = cell(&target, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('half', 'rest')").await;
    assert_eq!(tables, Value::Int(2));
}
