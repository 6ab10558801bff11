//! D1's HTTP API, against a stand-in that runs the SQL on SQLite, and the mapping of its errors.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use db::contract::{Clients, EngineTraits, failures};
use db::drivers::native::{DatabaseUrl, PoolSize};
use db::drivers::sqlite::Sqlite;
use db::{Connector, Consistency, Db, DbError, Driver, Statement, Value, migrate};
use serde_json::{Value as Json, json};

use self::d1::{Answers, TOKEN, URL, serve};

#[path = "support/d1.rs"]
mod d1;

fn native(address: SocketAddr, token: Option<&str>) -> DatabaseUrl {
    DatabaseUrl::parse(URL, |name| match name {
        "CLOUDFLARE_API_TOKEN" => token.map(str::to_owned),
        "CLOUDFLARE_API_BASE_URL" => Some(format!("http://{address}/client/v4/")),
        _ => None,
    })
    .unwrap()
}

async fn driver(answers: Answers) -> (Arc<dyn Driver>, Arc<Mutex<Vec<Json>>>) {
    let (address, requests) = serve(answers).await;
    let source = native(address, Some(TOKEN))
        .connector(PoolSize::default())
        .unwrap();
    (source.connect(Consistency::Strong).await.unwrap(), requests)
}

async fn migrated() -> Arc<Sqlite> {
    let sqlite = Arc::new(Sqlite::in_memory().unwrap());
    migrate::apply(&sqlite, migrate::SQLITE).await.unwrap();
    sqlite
}

#[tokio::test(flavor = "multi_thread")]
async fn contract() {
    let (address, _) = serve(Answers::Runs(migrated().await)).await;
    let source = native(address, Some(TOKEN))
        .connector(PoolSize::default())
        .unwrap();
    let failed = failures(&Clients::new(source, EngineTraits::D1_HTTP)).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn several_writes_are_one_batch_and_a_single_write_is_none() {
    let (driver, requests) = driver(Answers::Runs(migrated().await)).await;
    let select = |n: i64| Statement {
        sql: "SELECT ?".into(),
        values: vec![Value::Int(n)],
    };
    driver.write(&[select(1)]).await.unwrap();
    let rows = driver.write(&[select(2), select(3)]).await.unwrap();
    assert_eq!(rows[1].cells, [Value::Float(3.0)]);
    let one = |n: i64| json!({ "sql": "SELECT ?", "params": [n] });
    assert_eq!(
        *requests.lock().unwrap(),
        [one(1), json!({ "batch": [one(2), one(3)] })]
    );
}

#[tokio::test]
async fn d1_errors_are_mapped() {
    let select = [Statement::plain("SELECT 1")];
    let failure = |message: &str| {
        json!({ "success": false, "errors": [{ "code": 7500, "message": message }] }).to_string()
    };
    for (status, text, expected) in [
        (429, String::new(), "accepts no more requests"),
        (403, failure("no"), "refused the token"),
        (404, failure("no"), "no such D1 database"),
        (
            400,
            failure("no such table: users: SQLITE_ERROR"),
            "cargo x db migrate",
        ),
        (
            200,
            failure("no such table: users: SQLITE_ERROR"),
            "cargo x db migrate",
        ),
    ] {
        let (driver, _) = driver(Answers::Gives(status, text)).await;
        for error in [driver.read(&select).await, driver.write(&select).await] {
            let error = error.unwrap_err();
            assert!(
                matches!(&error, DbError::Unavailable(why) if why.contains(expected)),
                "{status}: {error:?}"
            );
            assert!(!format!("{error:?}").contains(TOKEN));
        }
    }
    let (driver, _) = driver(Answers::Gives(
        400,
        failure("UNIQUE constraint failed: users.email: SQLITE_CONSTRAINT"),
    ))
    .await;
    let unique = DbError::Unique {
        table: "users".into(),
        column: "email".into(),
    };
    assert_eq!(driver.write(&select).await, Err(unique));
}

#[tokio::test]
async fn a_read_is_asked_again_after_a_passing_failure_and_a_write_is_not() {
    let sqlite = migrated().await;
    for (message, is_passing) in [
        ("D1 DB reset because its code was updated.", true),
        ("Network connection lost.", true),
        (
            "Cannot resolve D1 DB due to transient issue on remote node.",
            true,
        ),
        (
            "Internal error in D1 DB storage caused object to be reset.",
            true,
        ),
        ("D1 DB is overloaded. Too many requests queued.", true),
        ("D1 DB exceeded its CPU time limit and was reset.", false),
        (
            "D1 DB's isolate exceeded its memory limit and was reset.",
            false,
        ),
    ] {
        for failures in [1, 2, 9] {
            let answers = || {
                let left = Arc::new(AtomicUsize::new(failures));
                Answers::RunsAfter(left, format!("D1_ERROR: {message}"), Arc::clone(&sqlite))
            };
            let (address, requests) = serve(answers()).await;
            let size = PoolSize::default();
            let db = Db::new(native(address, Some(TOKEN)).connector(size).unwrap());
            let read = db.read(&[Statement::plain("SELECT 1")]).await;
            let asked = requests.lock().unwrap().len();
            if is_passing && failures < 3 {
                assert!(read.is_ok(), "{message}: {read:?}");
                assert_eq!(asked, failures + 1, "{message}");
            } else {
                assert!(
                    read.as_ref().is_err_and(DbError::is_unavailable),
                    "{message}: {read:?}"
                );
                assert_eq!(asked, if is_passing { 3 } else { 1 }, "{message}");
            }

            let (address, requests) = serve(answers()).await;
            let db = Db::new(native(address, Some(TOKEN)).connector(size).unwrap());
            let written = db.write(&[Statement::plain("DELETE FROM comments")]).await;
            assert!(
                written.is_err_and(|error| error.is_unavailable()),
                "{message}"
            );
            assert_eq!(requests.lock().unwrap().len(), 1, "{message}");
        }
    }
}

#[tokio::test]
async fn malformed_responses_are_errors() {
    let select = [Statement::plain("SELECT 1")];
    let row = |rows: &str| {
        format!(r#"{{"success":true,"result":[{{"results":{{"rows":{rows}}},"meta":{{}}}}]}}"#)
    };
    for (status, text) in [
        (500, String::new()),
        (502, "<html>".to_owned()),
        (524, "{}".to_owned()),
        (200, String::new()),
        (200, "<html>".to_owned()),
        (200, "[]".to_owned()),
        (200, "{}".to_owned()),
        (200, r#"{"success":true,"result":[]}"#.to_owned()),
        (200, r#"{"success":true,"result":[{},{}]}"#.to_owned()),
        (200, row("[1]")),
        (200, row(r#"[[{"a":1}]]"#)),
        (200, row("[[1],[1,2]]")),
        (200, row("[[[256]]]")),
        (200, row("[[[0.5]]]")),
        (200, "[".repeat(100_000)),
    ] {
        let (driver, _) = driver(Answers::Gives(status, text.clone())).await;
        let error = driver.read(&select).await.unwrap_err();
        assert!(
            matches!(error, DbError::Lost(_)),
            "{status} {text}: {error:?}"
        );
    }
}

#[tokio::test]
async fn the_token_is_required_and_never_shown() {
    let (address, _) = serve(Answers::Runs(migrated().await)).await;
    let without = native(address, None)
        .connector(PoolSize::default())
        .unwrap();
    let error = without.connect(Consistency::Strong).await.err().unwrap();
    assert!(
        matches!(&error, DbError::Unavailable(why) if why.contains("CLOUDFLARE_API_TOKEN is not set")),
        "{error:?}"
    );

    for token in ["another", "bad\ntoken"] {
        let db = Db::new(
            native(address, Some(token))
                .connector(PoolSize::default())
                .unwrap(),
        );
        let error = db.read(&[Statement::plain("SELECT 1")]).await.unwrap_err();
        assert!(
            matches!(&error, DbError::Unavailable(why) if why.contains("CLOUDFLARE_API_TOKEN")),
            "{error:?}"
        );
        assert!(!format!("{error:?} {error}").contains(token), "{error:?}");
    }
    assert!(!format!("{:?}", native(address, Some(TOKEN))).contains(TOKEN));
}

#[tokio::test]
async fn a_refused_connection_means_the_write_was_not_done() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let source = native(nobody, Some(TOKEN))
        .connector(PoolSize::default())
        .unwrap();
    let driver = source.connect(Consistency::Strong).await.unwrap();
    let select = [Statement::plain("SELECT 1")];
    assert!(matches!(driver.read(&select).await, Err(DbError::Lost(_))));
    let error = driver.write(&select).await.unwrap_err();
    assert!(
        matches!(&error, DbError::Unavailable(why) if !why.contains("2c-3d")),
        "{error:?}"
    );
}
