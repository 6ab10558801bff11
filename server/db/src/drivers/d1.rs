//! D1, through the Worker's binding.
//!
//! JavaScript values stay on the one thread that a Worker has. [`SendWrapper`] asserts that to the compiler, only here.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use worker::js_sys::{Array, ArrayBuffer, Error, JSON, Object, Reflect, Uint8Array};
use worker::send::{SendFuture, SendWrapper};
use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::types::{D1Database, D1PreparedStatement, D1Result};

use super::d1_rows;
use super::sqlite_errors::from_message;
use crate::decode::MAX_SAFE_INTEGER;
use crate::{
    BoxFuture, Connector, Consistency, ConsistencyToken, DbError, Dialect, Driver, Rows, Statement,
    Timeouts, Value,
};

/// The Worker's environment and the name of a D1 binding in it.
///
/// An eventual connection is a D1 session: its reads may come from the nearest replica that is as far as this session and
/// the visitor's bookmark. A strong connection queries the database itself, which is the primary, and becomes a session
/// with its first write, only for the bookmark.
pub struct D1Connector {
    env: SendWrapper<JsValue>,
    binding: &'static str,
    bookmark: Option<String>,
}

impl D1Connector {
    /// Connects to the database that is bound as `binding` in `env`.
    pub fn new(env: JsValue, binding: &'static str, token: Option<ConsistencyToken>) -> Self {
        let bookmark = match token {
            Some(ConsistencyToken::Bookmark(bookmark)) => Some(bookmark),
            Some(ConsistencyToken::Until(_)) | None => None,
        };
        Self {
            env: SendWrapper::new(env),
            binding,
            bookmark,
        }
    }

    fn open(&self, consistency: Consistency) -> Result<Arc<dyn Driver>, DbError> {
        let found =
            Reflect::get(&self.env, &JsValue::from_str(self.binding)).unwrap_or(JsValue::UNDEFINED);
        let prepares = Reflect::get(&found, &JsValue::from_str("prepare"))
            .is_ok_and(|prepare| prepare.is_function());
        if !prepares {
            return Err(DbError::Unavailable(format!(
                "The D1 binding {} is missing: declare it under d1_databases in wrangler.jsonc and start or deploy again.",
                self.binding
            )));
        }
        let database = found.unchecked_into::<Database>();
        let session = OnceCell::new();
        if consistency == Consistency::Eventual {
            let from = self.bookmark.as_deref().unwrap_or("first-unconstrained");
            let _ = session.set(begin(&database, from)?);
        }
        Ok(Arc::new(D1(SendWrapper::new(Connection {
            database,
            session,
        }))))
    }
}

impl Connector for D1Connector {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn connect(&self, consistency: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        Box::pin(std::future::ready(self.open(consistency)))
    }

    fn is_split(&self) -> bool {
        true
    }

    /// D1 has its own timeouts.
    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            query: Duration::from_secs(30),
            ..Timeouts::default()
        })
    }
}

#[wasm_bindgen]
extern "C" {
    /// A D1 binding with its sessions, for which `worker` has no type.
    #[wasm_bindgen(extends = D1Database)]
    type Database;

    #[wasm_bindgen(method, catch, js_name = withSession)]
    fn with_session(this: &Database, from: &str) -> Result<Session, JsValue>;

    /// A session, which runs queries as the database itself does.
    #[wasm_bindgen(extends = D1Database)]
    type Session;

    #[wasm_bindgen(method, catch, js_name = getBookmark)]
    fn bookmark(this: &Session) -> Result<Option<String>, JsValue>;
}

/// A D1 database, as one request sees it.
struct D1(SendWrapper<Connection>);

struct Connection {
    database: Database,
    session: OnceCell<Session>,
}

fn begin(database: &Database, from: &str) -> Result<Session, DbError> {
    database.with_session(from).map_err(|error| failed(&error))
}

impl D1 {
    /// The object to query: the session, if there is one.
    fn current(&self) -> &D1Database {
        match self.0.session.get() {
            Some(session) => session,
            None => &self.0.database,
        }
    }

    /// The session that covers the writes from here on; begins it if there is none.
    fn session(&self) -> Result<&Session, DbError> {
        if self.0.session.get().is_none() {
            let _ = self
                .0
                .session
                .set(begin(&self.0.database, "first-primary")?);
        }
        self.0
            .session
            .get()
            .ok_or_else(|| DbError::Driver("D1 gave no session".to_owned()))
    }

    async fn batch(on: &D1Database, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let prepared = statements
            .iter()
            .map(|one| prepare(on, one).map(JsValue::from))
            .collect::<Result<Array, _>>()?;
        let promise = on.batch(prepared).map_err(|error| failed(&error))?;
        let results: Array = JsFuture::from(promise)
            .await
            .map_err(|error| failed(&error))?
            .unchecked_into();
        results
            .iter()
            .map(|result| rows_of(result.unchecked_ref()))
            .collect()
    }

    /// Runs one statement for rows as arrays, which is cheaper than a batch of one, where every cell is named.
    async fn raw(&self, statement: &Statement) -> Result<Rows, DbError> {
        let promise = prepare(self.current(), statement)?
            .raw()
            .map_err(|error| failed(&error))?;
        let rows = JsFuture::from(promise)
            .await
            .map_err(|error| failed(&error))?;
        let json = JSON::stringify(&rows).map_err(|error| failed(&error))?;
        d1_rows::rows(&String::from(json))
    }
}

impl Driver for D1 {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        match statements {
            [one] => Box::pin(SendFuture::new(
                async move { Ok(vec![self.raw(one).await?]) },
            )),
            all => Box::pin(SendFuture::new(Self::batch(self.current(), all))),
        }
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(SendFuture::new(async move {
            Self::batch(self.session()?, statements).await
        }))
    }

    fn bookmark(&self) -> Option<String> {
        self.0.session.get()?.bookmark().ok().flatten()
    }
}

fn prepare(on: &D1Database, statement: &Statement) -> Result<D1PreparedStatement, DbError> {
    let prepared = on.prepare(&statement.sql).map_err(|error| failed(&error))?;
    if statement.values.is_empty() {
        return Ok(prepared);
    }
    let values = statement
        .values
        .iter()
        .map(parameter)
        .collect::<Result<Array, _>>()?;
    prepared.bind(values).map_err(|error| failed(&error))
}

/// Converts a batch's result. Each row is an object whose keys are in the order of the select, if names are unique.
fn rows_of(result: &D1Result) -> Result<Rows, DbError> {
    let mut out = Rows::default();
    if let Some(rows) = result.results().map_err(|error| failed(&error))? {
        for row in rows.iter() {
            push(&mut out, &Object::values(row.unchecked_ref()))?;
        }
    }
    let changes = result
        .meta()
        .ok()
        .and_then(|meta| Reflect::get(&meta, &JsValue::from_str("changes")).ok());
    let affected = changes.and_then(|changes| changes.as_f64()).unwrap_or(0.0) as u64;
    out.affected = affected;
    Ok(out)
}

fn push(out: &mut Rows, row: &Array) -> Result<(), DbError> {
    let width = row.length();
    out.width = width as usize;
    out.cells.reserve(out.width);
    for at in 0..width {
        out.cells.push(cell(&row.get(at))?);
    }
    Ok(())
}

fn cell(value: &JsValue) -> Result<Value, DbError> {
    if let Some(text) = value.as_string() {
        Ok(Value::Text(text))
    } else if let Some(number) = value.as_f64() {
        Ok(Value::Float(number))
    } else if value.is_null() || value.is_undefined() {
        Ok(Value::Null)
    } else if Array::is_array(value) || value.is_instance_of::<ArrayBuffer>() {
        Ok(Value::Bytes(Uint8Array::new(value).to_vec()))
    } else {
        Err(DbError::Driver(
            "D1 gave a value of an unknown type".to_owned(),
        ))
    }
}

fn parameter(value: &Value) -> Result<JsValue, DbError> {
    Ok(match value {
        Value::Null => JsValue::NULL,
        Value::Bool(b) => JsValue::from_f64(f64::from(u8::from(*b))),
        Value::Int(n) => number(*n)?,
        Value::Float(n) => JsValue::from_f64(*n),
        Value::Text(text) => JsValue::from_str(text),
        Value::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).buffer().into(),
        Value::Uuid(id) => JsValue::from_str(id.hyphenated().encode_lower(&mut [0; 36])),
        Value::Time(time) => number(time.as_millis())?,
    })
}

/// Converts a whole number, or refuses one that a double, D1's only number, does not hold exactly.
fn number(n: i64) -> Result<JsValue, DbError> {
    if (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&n) {
        Ok(JsValue::from_f64(n as f64))
    } else {
        Err(DbError::Unsupported(format!(
            "the whole number {n} on D1, which is exact within ±(2^53 - 1)"
        )))
    }
}

fn failed(error: &JsValue) -> DbError {
    let message = error.dyn_ref::<Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.message()),
    );
    from_message(&message)
}
