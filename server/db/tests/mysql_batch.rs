//! Several MySQL statements as one text: each keeps its values, its response and its error.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(dead_code, reason = "each test target uses a part of the support")]

mod support;

use std::sync::Arc;

use db::drivers::server_options::ServerOptions;
use db::{DbError, Driver, Statement, Value};
use support::{Brand, database, open, run};

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
