//! The contract suite on MySQL or MariaDB, natively, and the promises of that driver alone.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::time::Duration;

use db::contract::EngineTraits;
use db::drivers::native::{MySql, PoolSize, ServerConnector};
use db::drivers::server_options::{Authorities, ServerOptions, Tls};
use db::{Db, DbError, Driver, Statement, Value, migrate};
use support::{Brand, database, native, open, pass_all, run};

#[tokio::test(flavor = "multi_thread")]
async fn contract() {
    let target = database(Brand::MySql, "site_test_mysql").await;
    migrate::apply_to_server(&target, migrate::MYSQL)
        .await
        .unwrap();
    let source = native(&target).connector(PoolSize::default()).unwrap();
    pass_all(source, EngineTraits::MYSQL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_without_tls_and_without_a_pool() {
    let mut target = database(Brand::MySql, "site_test_mysql_plain").await;
    target.tls = Tls::Off;
    migrate::apply_to_server(&target, migrate::MYSQL)
        .await
        .unwrap();
    pass_all(ServerConnector(target), EngineTraits::MYSQL).await;
}

async fn first(driver: &dyn Driver, sql: &str) -> Value {
    run(driver, sql).await.remove(0).cells.remove(0)
}

#[tokio::test]
async fn the_session_is_strict_in_utc_and_unicode() {
    let target = ServerOptions::parse(&support::url(Brand::MySql, &support::trusted())).unwrap();
    let driver = open(&target).await;
    let mode = first(&*driver, "SELECT @@sql_mode").await;
    for word in ["STRICT_ALL_TABLES", "TRADITIONAL", "ONLY_FULL_GROUP_BY"] {
        assert!(
            matches!(&mode, Value::Text(mode) if mode.contains(word)),
            "{word}: {mode:?}"
        );
    }
    for word in ["NO_BACKSLASH_ESCAPES", "ANSI_QUOTES"] {
        assert!(
            matches!(&mode, Value::Text(mode) if !mode.contains(word)),
            "{word}: {mode:?}"
        );
    }
    for (variable, expected) in [
        ("@@time_zone", "+00:00"),
        ("@@character_set_client", "utf8mb4"),
        ("@@character_set_results", "utf8mb4"),
    ] {
        let found = first(&*driver, &format!("SELECT {variable}")).await;
        assert_eq!(found, Value::Text(expected.into()), "{variable}");
    }
    assert!(matches!(
        first(&*driver, "SHOW STATUS LIKE 'Ssl_cipher'").await,
        Value::Text(_)
    ));
    let cipher = run(&*driver, "SHOW STATUS LIKE 'Ssl_cipher'").await;
    assert!(matches!(&cipher[0].cells[1], Value::Text(cipher) if !cipher.is_empty()));
}

#[tokio::test]
async fn values_of_expressions_have_their_kinds() {
    let target = ServerOptions::parse(&support::url(Brand::MySql, &support::trusted())).unwrap();
    let driver = open(&target).await;
    for (sql, expected) in [
        (
            "SELECT SUM(n) FROM (SELECT 2 AS n UNION ALL SELECT 3) AS ns",
            Value::Int(5),
        ),
        ("SELECT CAST(1.5 AS DECIMAL(4, 1))", Value::Float(1.5)),
        ("SELECT COUNT(*) FROM (SELECT 1) AS ns", Value::Int(1)),
        ("SELECT x''", Value::Bytes(Vec::new())),
        ("SELECT 'é'", Value::Text("é".into())),
        ("SELECT NULL", Value::Null),
    ] {
        assert_eq!(first(&*driver, sql).await, expected, "{sql}");
    }
    let beyond = Statement::plain("SELECT CAST(18446744073709551615 AS UNSIGNED)");
    assert!(
        matches!(driver.read(&[beyond]).await, Err(DbError::Driver(why)) if why.contains("2^63"))
    );
}

#[tokio::test]
async fn a_row_with_equal_values_counts_as_written() {
    let target = database(Brand::MySql, "site_test_mysql_found").await;
    let driver = open(&target).await;
    run(&*driver, "CREATE TABLE one (n INT)").await;
    run(&*driver, "INSERT INTO one VALUES (1)").await;
    assert_eq!(run(&*driver, "UPDATE one SET n = 1").await[0].affected, 1);
}

#[tokio::test]
async fn a_cancelled_query_breaks_its_connection() {
    let target = ServerOptions::parse(&support::url(Brand::MySql, &support::trusted())).unwrap();
    let driver = open(&target).await;
    let slow = [Statement::plain("SELECT SLEEP(2)")];
    let given_up = tokio::time::timeout(Duration::from_millis(100), driver.read(&slow)).await;
    assert!(given_up.is_err() && driver.is_broken());
    let next = driver.read(&[Statement::plain("SELECT 1")]).await;
    assert!(matches!(next, Err(DbError::Lost(_))), "{next:?}");
}

#[tokio::test]
async fn a_refused_statement_keeps_its_connection() {
    let target = ServerOptions::parse(&support::url(Brand::MySql, &support::trusted())).unwrap();
    let driver = open(&target).await;
    assert!(
        driver
            .read(&[Statement::plain("SELECT nonsense")])
            .await
            .is_err()
    );
    assert!(!driver.is_broken());
    assert_eq!(first(&*driver, "SELECT 1").await, Value::Int(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_rolled_back_and_retryable() {
    let target = database(Brand::MySql, "site_test_mysql_deadlock").await;
    let (a, b) = (open(&target).await, open(&target).await);
    run(&*a, "CREATE TABLE pair (id INT PRIMARY KEY, n INT)").await;
    run(&*a, "INSERT INTO pair VALUES (1, 0), (2, 0)").await;
    let a = a.begin().unwrap().await.unwrap();
    let b = b.begin().unwrap().await.unwrap();
    let update = |id: i64| {
        [Statement::plain(format!(
            "UPDATE pair SET n = n + 1 WHERE id = {id}"
        ))]
    };
    a.run(&update(1)).await.unwrap();
    b.run(&update(2)).await.unwrap();
    let (one, two) = (update(2), update(1));
    let (x, y) = tokio::join!(a.run(&one), b.run(&two));
    assert!(
        matches!(
            (&x, &y),
            (Ok(_), Err(DbError::Conflict(_))) | (Err(DbError::Conflict(_)), Ok(_))
        ),
        "{x:?} {y:?}"
    );
}

async fn refusal(target: ServerOptions) -> DbError {
    match MySql::open(&target).await {
        Ok(_) => panic!("it was let in"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_failed_log_in_says_why_without_the_password() {
    let good = ServerOptions::parse(&support::url(Brand::MySql, &support::trusted())).unwrap();
    for (target, why) in [
        (
            ServerOptions {
                password: "hunter2".into(),
                ..good.clone()
            },
            "user and password",
        ),
        (
            ServerOptions {
                database: "nowhere".into(),
                ..good.clone()
            },
            "no such database",
        ),
        (
            ServerOptions {
                tls: Tls::Verified {
                    root: Authorities::Public,
                },
                ..good.clone()
            },
            "certificate cannot be verified",
        ),
        (
            ServerOptions {
                tls: Tls::Verified {
                    root: Authorities::File("/nowhere.pem".into()),
                },
                ..good.clone()
            },
            "nowhere.pem",
        ),
    ] {
        let error = refusal(target).await;
        assert!(
            matches!(&error, DbError::Unavailable(text) if text.contains(why)),
            "{why}: {error:?}"
        );
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let nobody = ServerOptions { port: 1, ..good };
    assert!(matches!(refusal(nobody).await, DbError::Lost(_)));
}

#[tokio::test]
async fn a_database_without_tables_says_what_to_do() {
    let target = database(Brand::MySql, "site_test_mysql_empty").await;
    let db = Db::new(ServerConnector(target));
    let error = db::queries::health::check(&db).await.unwrap_err();
    assert!(
        matches!(&error, DbError::Unavailable(why) if why.contains("no table posts:") && why.contains("cargo x db migrate")),
        "{error:?}"
    );
}
