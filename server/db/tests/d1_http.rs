//! D1's HTTP API, against a stand-in that runs the SQL for real; and what becomes of its refusals.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use db::contract::{Clients, Engine, failures};
use db::drivers::native::{Native, PoolSize};
use db::drivers::sqlite::Sqlite;
use db::{Connect, Db, DbError, Driver, Need, Rows, Statement, Value, migrate};
use serde_json::{Value as Json, json};

const TOKEN: &str = "a-very-secret-token";

/// What the stand-in does with a request.
#[derive(Clone)]
enum Answers {
    /// It runs it.
    Runs(Arc<Sqlite>),
    /// It gives this, whatever was asked.
    Gives(u16, String),
}

#[derive(Clone)]
struct StandIn {
    answers: Answers,
    asked: Arc<Mutex<Vec<Json>>>,
}

async fn raw(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let failed = |status: u16, code: u32, message: &str| {
        let text = json!({ "success": false, "errors": [{ "code": code, "message": message }], "result": [] });
        (StatusCode::from_u16(status).unwrap(), text.to_string())
    };
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        return failed(401, 10_000, "Authentication error");
    }
    let asked: Json = serde_json::from_slice(&body).unwrap();
    stand_in.asked.lock().unwrap().push(asked.clone());
    let sqlite = match &stand_in.answers {
        Answers::Gives(status, text) => {
            return (StatusCode::from_u16(*status).unwrap(), text.clone());
        }
        Answers::Runs(sqlite) => sqlite,
    };
    let bodies = match &asked["batch"] {
        Json::Array(all) => all.clone(),
        _ => vec![asked],
    };
    let statements: Vec<Statement> = bodies
        .iter()
        .map(|one| Statement {
            sql: one["sql"].as_str().unwrap().to_owned(),
            values: one["params"]
                .as_array()
                .unwrap()
                .iter()
                .map(value)
                .collect(),
        })
        .collect();
    match sqlite.write(&counted(statements)).await {
        Ok(rows) => {
            let result: Vec<Json> = rows.chunks_exact(3).map(told).collect();
            (
                StatusCode::OK,
                json!({ "success": true, "errors": [], "result": result }).to_string(),
            )
        }
        Err(error) => failed(400, 7500, &in_its_words(&error)),
    }
}

/// Whole doubles are bound as whole numbers, as D1 does.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n
            .as_i64()
            .map_or_else(|| Value::Float(n.as_f64().unwrap()), Value::Int),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(bytes) => Value::Bytes(
            bytes
                .iter()
                .map(|b| u8::try_from(b.as_u64().unwrap()).unwrap())
                .collect(),
        ),
        Json::Object(_) => panic!("no parameter is an object"),
    }
}

/// D1 tells by how much each statement moved `total_changes()`.
fn counted(statements: Vec<Statement>) -> Vec<Statement> {
    let total = || Statement::plain("SELECT total_changes()");
    statements
        .into_iter()
        .flat_map(|one| [total(), one, total()])
        .collect()
}

fn told(counted: &[Rows]) -> Json {
    let [before, rows, after] = counted else {
        panic!("counts around a statement")
    };
    let (Value::Int(before), Value::Int(after)) = (&before.cells[0], &after.cells[0]) else {
        panic!("counts are whole numbers")
    };
    let cells: Vec<Json> = rows
        .cells
        .iter()
        .map(|cell| match cell {
            Value::Null => Json::Null,
            Value::Int(n) => json!(*n as f64),
            Value::Float(n) => json!(n),
            Value::Text(text) => json!(text),
            Value::Bytes(bytes) => json!(bytes),
            other => panic!("SQLite gives no {other:?}"),
        })
        .collect();
    let found: Vec<&[Json]> = cells.chunks(rows.width.max(1)).collect();
    json!({
        "success": true,
        "meta": { "changes": after - before, "duration": 0.1 },
        "results": { "columns": [], "rows": found },
    })
}

/// D1 hands SQLite's own messages on.
fn in_its_words(error: &DbError) -> String {
    match error {
        DbError::Unique { table, column } => {
            format!("UNIQUE constraint failed: {table}.{column}: SQLITE_CONSTRAINT")
        }
        DbError::ForeignKey(_) => "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT".to_owned(),
        DbError::Check(name) => format!("CHECK constraint failed: {name}: SQLITE_CONSTRAINT"),
        DbError::TooLarge(_) => "string or blob too big: SQLITE_TOOBIG".to_owned(),
        DbError::Unavailable(text) => match text.split_once("has no table ") {
            Some((_, rest)) => format!(
                "no such table: {}: SQLITE_ERROR",
                rest.split(':').next().unwrap()
            ),
            None => text.clone(),
        },
        other => other.to_string(),
    }
}

async fn serve(answers: Answers) -> (SocketAddr, Arc<Mutex<Vec<Json>>>) {
    let asked = Arc::default();
    let stand_in = StandIn {
        answers,
        asked: Arc::clone(&asked),
    };
    let app = Router::new()
        .route("/client/v4/accounts/0a1b/d1/database/2c-3d/raw", post(raw))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(stand_in);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, asked)
}

fn native(address: SocketAddr, token: Option<&str>) -> Native {
    Native::parse("d1:0a1b/2c-3d", |name| match name {
        "CLOUDFLARE_API_TOKEN" => token.map(str::to_owned),
        "CLOUDFLARE_API_BASE_URL" => Some(format!("http://{address}/client/v4/")),
        _ => None,
    })
    .unwrap()
}

async fn driver(answers: Answers) -> (Arc<dyn Driver>, Arc<Mutex<Vec<Json>>>) {
    let (address, asked) = serve(answers).await;
    let source = native(address, Some(TOKEN))
        .source(PoolSize::default())
        .unwrap();
    (source.connect(Need::Fresh).await.unwrap(), asked)
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
        .source(PoolSize::default())
        .unwrap();
    let failed = failures(&Clients::new(source, Engine::D1_HTTP)).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn a_write_of_several_is_one_batch_and_one_statement_is_none() {
    let (driver, asked) = driver(Answers::Runs(migrated().await)).await;
    let select = |n: i64| Statement {
        sql: "SELECT ?".into(),
        values: vec![Value::Int(n)],
    };
    driver.write(&[select(1)]).await.unwrap();
    let rows = driver.write(&[select(2), select(3)]).await.unwrap();
    assert_eq!(rows[1].cells, [Value::Float(3.0)]);
    let one = |n: i64| json!({ "sql": "SELECT ?", "params": [n] });
    assert_eq!(
        *asked.lock().unwrap(),
        [one(1), json!({ "batch": [one(2), one(3)] })]
    );
}

#[tokio::test]
async fn refusals_have_their_kinds() {
    let select = [Statement::plain("SELECT 1")];
    let failure = |message: &str| {
        json!({ "success": false, "errors": [{ "code": 7500, "message": message }] }).to_string()
    };
    for (status, text, expected) in [
        (429, String::new(), "Cloudflare takes no more requests"),
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
async fn what_is_no_answer_is_never_rows() {
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
async fn the_token_is_needed_and_shown_nowhere() {
    let (address, _) = serve(Answers::Runs(migrated().await)).await;
    let without = native(address, None).source(PoolSize::default()).unwrap();
    let error = without.connect(Need::Fresh).await.err().unwrap();
    assert!(
        matches!(&error, DbError::Unavailable(why) if why.contains("CLOUDFLARE_API_TOKEN is not set")),
        "{error:?}"
    );

    for token in ["another", "bad\ntoken"] {
        let db = Db::new(
            native(address, Some(token))
                .source(PoolSize::default())
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
async fn where_nobody_listens_a_write_is_known_not_done() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let source = native(nobody, Some(TOKEN))
        .source(PoolSize::default())
        .unwrap();
    let driver = source.connect(Need::Fresh).await.unwrap();
    let select = [Statement::plain("SELECT 1")];
    assert!(matches!(driver.read(&select).await, Err(DbError::Lost(_))));
    let error = driver.write(&select).await.unwrap_err();
    assert!(
        matches!(&error, DbError::Unavailable(why) if !why.contains("2c-3d")),
        "{error:?}"
    );
}
