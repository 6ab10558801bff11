//! A stand-in for D1's HTTP API that runs the SQL on SQLite.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use db::drivers::sqlite::Sqlite;
use db::{DbError, Driver, Rows, Statement, Value};
use serde_json::{Value as Json, json};

/// The only token that it accepts.
pub(crate) const TOKEN: &str = "a-very-secret-token";

/// The URL of its only database.
pub(crate) const URL: &str = "d1:0a1b/2c-3d";

/// The bookmark of its database, at any time.
pub(crate) const BOOKMARK: &str = "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683";

/// The stand-in's response to a request.
#[derive(Clone)]
pub(crate) enum Answers {
    /// Runs it.
    Runs(Arc<Sqlite>),
    /// Sends this, whatever was requested.
    Gives(u16, String),
    /// Fails with this message of D1 as many times as are left, and runs it then.
    RunsAfter(Arc<AtomicUsize>, String, Arc<Sqlite>),
}

#[derive(Clone)]
struct StandIn {
    answers: Answers,
    requests: Arc<Mutex<Vec<Json>>>,
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
    let requests: Json = serde_json::from_slice(&body).unwrap();
    stand_in.requests.lock().unwrap().push(requests.clone());
    let sqlite = match &stand_in.answers {
        Answers::Gives(status, text) => {
            return (StatusCode::from_u16(*status).unwrap(), text.clone());
        }
        Answers::Runs(sqlite) => sqlite,
        Answers::RunsAfter(left, message, sqlite) => {
            let fails = left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
            if fails.is_ok() {
                return failed(500, 7500, message);
            }
            sqlite
        }
    };
    let bodies = match &requests["batch"] {
        Json::Array(all) => all.clone(),
        _ => vec![requests],
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

async fn bookmark(State(stand_in): State<StandIn>, headers: HeaderMap) -> (StatusCode, String) {
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    if let Answers::Gives(status, text) = &stand_in.answers {
        return (StatusCode::from_u16(*status).unwrap(), text.clone());
    }
    let body = json!({ "success": true, "errors": [], "result": { "bookmark": BOOKMARK } });
    (StatusCode::OK, body.to_string())
}

/// Binds whole doubles as whole numbers, as D1 does.
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

/// Adds a count of changes after each statement, as D1 counts by `total_changes()`.
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

/// Words an error as D1 does, which passes SQLite's messages on.
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

/// Starts the stand-in. Returns its address, where it serves `/client/v4/`, and the requests that it receives.
pub(crate) async fn serve(answers: Answers) -> (SocketAddr, Arc<Mutex<Vec<Json>>>) {
    let requests = Arc::default();
    let stand_in = StandIn {
        answers,
        requests: Arc::clone(&requests),
    };
    let app = Router::new()
        .route("/client/v4/accounts/0a1b/d1/database/2c-3d/raw", post(raw))
        .route(
            "/client/v4/accounts/0a1b/d1/database/2c-3d/time_travel/bookmark",
            get(bookmark),
        )
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(stand_in);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, requests)
}
