//! Several MySQL statements as one text: each keeps its values, its response and its error.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use db::drivers::mysql::MySql;
use db::drivers::server_options::ServerOptions;
use db::{DbError, Driver, Statement, Value};
use mysql_wire::{Client, Config};
use support::{Brand, database, open, run};
use tokio::net::TcpStream;

async fn driver() -> Arc<dyn Driver> {
    open(&ServerOptions::parse(&support::url(Brand::MySql, &support::trusted())).unwrap()).await
}

async fn first(driver: &dyn Driver, sql: &str) -> Value {
    run(driver, sql).await.remove(0).cells.remove(0)
}

fn bound(sql: &str, values: impl Into<Vec<Value>>) -> Statement {
    Statement {
        sql: sql.to_owned(),
        values: values.into(),
    }
}

#[tokio::test]
async fn no_value_escapes_its_statement() {
    let driver = driver().await;
    let texts = [
        "; SELECT 'no'",
        "'; SELECT 'no' -- ",
        "\\'; SELECT 'no' -- ",
        "\"; SELECT 'no' # ",
        "*/ ; /*",
        "\\",
        "'",
        "--",
        "?",
        "\u{8868}';",
        "\u{1f600}\0\n;\n",
    ];
    let all: Vec<Statement> = texts
        .iter()
        .map(|text| {
            let bytes = Value::Bytes(text.as_bytes().to_vec());
            let sql = "SELECT ?, ? -- ; one of several";
            bound(sql, [Value::Text((*text).to_owned()), bytes])
        })
        .collect();
    let found = driver.read(&all).await.unwrap();
    assert_eq!(found.len(), all.len());
    for (found, asked) in found.iter().zip(&all) {
        assert_eq!(found.cells, asked.values);
    }
    for sql in ["SELECT 1; SELECT 2", "SELECT 1;"] {
        let several = [Statement::plain("SELECT 0"), Statement::plain(sql)];
        let refused = driver.read(&several).await;
        assert!(matches!(refused, Err(DbError::Unsupported(_))), "{sql}");
    }
    assert!(!driver.is_broken());
}

#[tokio::test]
async fn an_error_belongs_to_its_statement_and_stops_the_rest() {
    let target = database(Brand::MySql, "site_test_mysql_failure").await;
    let driver = open(&target).await;
    for table in ["one", "two", "three"] {
        run(
            &*driver,
            &format!("CREATE TABLE {table} (id INT PRIMARY KEY)"),
        )
        .await;
    }
    run(&*driver, "INSERT INTO two VALUES (1)").await;
    let open = driver.clone().begin().unwrap().await.unwrap();
    let all = [
        "SELECT id FROM two",
        "INSERT INTO one VALUES (1)",
        "INSERT INTO two VALUES (1)",
        "INSERT INTO three VALUES (1)",
    ]
    .map(Statement::plain);
    let failed = open.run(&all).await.unwrap_err();
    assert!(
        matches!(&failed, DbError::Unique { table, .. } if table == "two"),
        "{failed:?}"
    );
    let counts = [Statement::plain(
        "SELECT (SELECT COUNT(*) FROM one), (SELECT COUNT(*) FROM three)",
    )];
    let found = open.run(&counts).await.unwrap();
    assert_eq!(found[0].cells, [Value::Int(1), Value::Int(0)]);
    open.roll_back().await.unwrap();
    // The first, one in the middle, and the last; the session continues, and no response is taken for another's.
    for wrong in 0..3 {
        let mut all = ["SELECT 1", "SELECT 2", "SELECT 3"].map(Statement::plain);
        all[wrong] = Statement::plain("SELECT nonsense");
        let failed = driver.read(&all).await;
        assert!(matches!(failed, Err(DbError::Unavailable(_))), "{failed:?}");
        assert_eq!(first(&*driver, "SELECT 4").await, Value::Int(4));
    }
    // A response that cannot be decoded was read to its end.
    let large = "SELECT CAST(18446744073709551615 AS UNSIGNED)";
    let all = ["SELECT 1", large, "SELECT 3"].map(Statement::plain);
    assert!(matches!(driver.read(&all).await, Err(DbError::Driver(_))));
    assert_eq!(first(&*driver, "SELECT 5").await, Value::Int(5));
    assert!(!driver.is_broken());
}

#[tokio::test]
async fn counts_belong_to_their_statements() {
    let target = database(Brand::MySql, "site_test_mysql_counts").await;
    let driver = open(&target).await;
    run(&*driver, "CREATE TABLE one (n INT, body LONGTEXT)").await;
    // Longer than the limit of one text, so that it becomes several.
    let body = Value::Text("x".repeat(400_000));
    let mut all: Vec<Statement> = (1..=7)
        .map(|n| {
            let sql = "INSERT INTO one VALUES (?, ?)";
            bound(sql, [Value::Int(n), body.clone()])
        })
        .collect();
    all.push(Statement::plain("UPDATE one SET body = '' WHERE n > 2"));
    all.push(Statement::plain("SELECT n FROM one WHERE n > 5 ORDER BY n"));
    all.push(Statement::plain("SELECT n FROM one WHERE n > 9"));
    all.push(Statement::plain("DELETE FROM one"));
    let found = driver.write(&all).await.unwrap();
    let affected: Vec<u64> = found.iter().map(|rows| rows.affected).collect();
    assert_eq!(affected, [1, 1, 1, 1, 1, 1, 1, 5, 0, 0, 7]);
    assert_eq!(found[8].cells, [Value::Int(6), Value::Int(7)]);
    assert_eq!((found[9].width, found[9].len()), (1, 0));
}

#[tokio::test]
async fn a_session_in_another_sql_mode_is_dropped() {
    let driver = driver().await;
    let plain = [Statement::plain("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")];
    let refused = driver.read(&plain).await;
    assert!(
        matches!(&refused, Err(DbError::Unsupported(why)) if why.contains("NO_BACKSLASH")),
        "{refused:?}"
    );
    assert!(driver.is_broken());
}

#[tokio::test]
async fn a_server_that_sends_extra_results_is_dropped() {
    let target = database(Brand::MySql, "site_test_mysql_more").await;
    let driver = open(&target).await;
    run(&*driver, "CREATE PROCEDURE more() SELECT 1").await;
    let all = ["CALL more()", "SELECT 2"].map(Statement::plain);
    let answered = driver.read(&all).await;
    assert!(
        matches!(&answered, Err(DbError::Driver(why)) if why.contains("more or fewer results")),
        "{answered:?}"
    );
    assert!(driver.is_broken());
}

/// A connection as a Worker has it.
async fn worker_driver(target: &ServerOptions) -> Arc<dyn Driver> {
    let stream = TcpStream::connect((target.host.as_str(), target.port)).await;
    let (user, password) = (&target.user, target.password.expose());
    let config = Config::new(user, password, Some(&target.database));
    let client = Client::connect(stream.unwrap(), &config, mysql_wire::Tls::Off).await;
    MySql::over(client.unwrap())
}

/// The server ends a deadlock by rolling one of the writes back in its middle: what follows of it must not be done by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_a_deadlock_ends_does_nothing() {
    let target = database(Brand::MySql, "site_test_mysql_ended").await;
    let native = open(&target).await;
    for (driver, name) in [
        (open(&target).await, "native"),
        (worker_driver(&target).await, "worker"),
    ] {
        for sql in [
            format!("CREATE TABLE {name} (id INT PRIMARY KEY, n INT NOT NULL)"),
            format!("INSERT INTO {name} VALUES (1, 0), (2, 0)"),
            format!("INSERT INTO {name} SELECT seq, 0 FROM seq_3_to_500"),
        ] {
            run(&*native, &sql).await;
        }
        let update =
            |where_: &str| Statement::plain(format!("UPDATE {name} SET n = n + 1 WHERE {where_}"));
        // Who changed more rows wins.
        let first = native.clone().begin().unwrap().await.unwrap();
        first
            .run(&[update("id > 2"), update("id = 1")])
            .await
            .unwrap();
        let other = driver.clone();
        let all = [
            update("id = 2"),
            update("id = 1"),
            Statement::plain(format!("INSERT INTO {name} VALUES (-1, 0)")),
        ];
        let write = tokio::spawn(async move { other.write(&all).await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        first.run(&[update("id = 2")]).await.unwrap();
        let ended = write.await.unwrap();
        first.commit().await.unwrap();
        assert!(ended.is_err(), "{name}: {ended:?}");
        let sql = format!("SELECT COUNT(*) FROM {name} WHERE id < 0 OR n <> 1");
        let left = run(&*native, &sql).await.remove(0).cells;
        assert_eq!(left, [Value::Int(0)], "{name}: it was done in part");
        // The connection does whole writes as before.
        let more = [update("id = 1"), update("id = 2")];
        driver.write(&more).await.unwrap();
        run(&*driver, &format!("INSERT INTO {name} VALUES (1001, 2)")).await;
        let sql = format!("SELECT COUNT(*) FROM {name} WHERE n = 2");
        let done = run(&*native, &sql).await.remove(0).cells;
        assert_eq!(done, [Value::Int(3)], "{name}");
    }
}
