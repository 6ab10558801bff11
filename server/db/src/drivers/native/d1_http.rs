//! D1 through Cloudflare's HTTP API, for programs that run elsewhere: one request for each round trip.
//!
//! Contract: developers.cloudflare.com/api/resources/d1/subresources/database/methods/raw. The API takes one statement or
//! a batch. A batch is one transaction, as D1's own (developers.cloudflare.com/d1/worker-api/d1-database/#batch), so a
//! write of several statements is one batch. The description calls parameters strings; numbers, NULL and bytes travel in
//! the form in which a Worker's binding sends them to the same service: as JSON numbers, null and arrays of bytes.
//! Absent: sessions and bookmarks, which the API does not have. Every request goes to the primary.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value as Json, json};

use super::tls;
use crate::decode::MAX_SAFE_INTEGER;
use crate::drivers::server_options::Authorities;
use crate::drivers::sqlite_errors::from_message;
use crate::{
    BoxFuture, Connector, Consistency, DbError, Dialect, Driver, Rows, Statement, Timeouts, Value,
};

const API: &str = "https://api.cloudflare.com/client/v4";
const TOKEN: &str = "CLOUDFLARE_API_TOKEN";
const BASE_URL: &str = "CLOUDFLARE_API_BASE_URL";
/// The largest response that is read, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 << 20;

/// A D1 database by account and id, and the token that opens it. `Debug` does not show the token.
#[derive(Clone)]
pub struct D1Http {
    account: String,
    database: String,
    api: String,
    token: Option<Arc<str>>,
    client: Result<Client, String>,
}

impl D1Http {
    /// Makes a way to a database; `setting` returns the token and, if set, another address of the API.
    pub(super) fn new(
        account: String,
        database: String,
        setting: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let present = |name| setting(name).filter(|value| !value.is_empty());
        Self {
            account,
            database,
            api: present(BASE_URL).map_or_else(
                || API.to_owned(),
                |url| url.trim_end_matches('/').to_owned(),
            ),
            token: present(TOKEN).map(Arc::from),
            client: client().map_err(|error| error.to_string()),
        }
    }

    pub(super) fn describe(&self) -> String {
        format!("D1 database {} of account {}", self.database, self.account)
    }

    /// The present bookmark of Time Travel, as `wrangler d1 time-travel info` asks for it.
    pub(super) async fn bookmark(&self) -> Result<String, DbError> {
        let open = self.open()?;
        let url = open.url.trim_end_matches("raw");
        let request = open.client.get(format!("{url}time_travel/bookmark"));
        let request = request.header(AUTHORIZATION, open.authorization.clone());
        let (status, answer) = read(request.send().await.map_err(lost)?).await?;
        if !status.is_success() {
            return Err(refused(status, answer.as_ref()));
        }
        let bookmark = answer
            .as_ref()
            .and_then(|answer| answer["result"]["bookmark"].as_str());
        bookmark.map(str::to_owned).ok_or_else(malformed)
    }

    fn open(&self) -> Result<OpenD1, DbError> {
        let Some(token) = &self.token else {
            return Err(DbError::Unavailable(format!(
                "{TOKEN} is not set: D1's HTTP API needs a token that may edit D1 (dash.cloudflare.com/profile/api-tokens)."
            )));
        };
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
                DbError::Unavailable(format!(
                    "{TOKEN} is not a token: it contains characters that no token has."
                ))
            })?;
        authorization.set_sensitive(true);
        Ok(OpenD1 {
            client: self.client.clone().map_err(DbError::Unavailable)?,
            url: format!(
                "{}/accounts/{}/d1/database/{}/raw",
                self.api, self.account, self.database
            ),
            authorization,
        })
    }
}

fn client() -> Result<Client, DbError> {
    Client::builder()
        .tls_backend_preconfigured(tls::trusting(&Authorities::Public)?)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| DbError::Unavailable(error.to_string()))
}

impl fmt::Debug for D1Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl Connector for D1Http {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn connect(&self, _: Consistency) -> BoxFuture<'_, Result<Arc<dyn Driver>, DbError>> {
        let open = self.open().map(|open| Arc::new(open) as Arc<dyn Driver>);
        Box::pin(std::future::ready(open))
    }

    /// D1 has its own timeouts.
    fn timeouts(&self) -> Option<Timeouts> {
        Some(Timeouts {
            query: Duration::from_secs(30),
            ..Timeouts::default()
        })
    }
}

/// Reads a response to its end.
async fn read(mut response: Response) -> Result<(StatusCode, Option<Json>), DbError> {
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if text.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(DbError::TooLarge("a response of D1".to_owned()));
        }
        text.extend_from_slice(&chunk);
    }
    Ok((response.status(), serde_json::from_slice(&text).ok()))
}

/// An open D1 database. The HTTP client keeps the connections.
struct OpenD1 {
    client: Client,
    url: String,
    authorization: HeaderValue,
}

impl OpenD1 {
    async fn request(&self, statements: &[Statement]) -> Result<Vec<Rows>, DbError> {
        let mut bodies = statements.iter().map(body).collect::<Result<Vec<_>, _>>()?;
        let body = match bodies.pop() {
            Some(one) if bodies.is_empty() => one,
            last => {
                bodies.extend(last);
                json!({ "batch": bodies })
            }
        };
        let response = self
            .client
            .post(&self.url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .send()
            .await
            .map_err(lost)?;
        let (status, answer) = read(response).await?;
        if !status.is_success() {
            return Err(refused(status, answer.as_ref()));
        }
        let results = answer
            .as_ref()
            .filter(|answer| answer["success"] == true)
            .and_then(|answer| answer["result"].as_array());
        match (results, answer.as_ref().and_then(first_error)) {
            (Some(results), _) if results.len() == statements.len() => {
                results.iter().map(rows_of).collect()
            }
            (None, Some(message)) => Err(from_message(&message)),
            _ => Err(malformed()),
        }
    }
}

impl Driver for OpenD1 {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn read<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(self.request(statements))
    }

    fn write<'a>(
        &'a self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Rows>, DbError>> {
        Box::pin(async {
            self.request(statements).await.map_err(|error| match error {
                // Nothing was sent, or it was refused: the write was not done.
                DbError::Lost(why) if why.starts_with(UNREACHABLE) => DbError::Unavailable(why),
                error => error,
            })
        })
    }
}

const UNREACHABLE: &str = "D1's HTTP API cannot be reached";

/// Maps a transport error. Its own text would contain the whole address.
fn lost(error: reqwest::Error) -> DbError {
    if error.is_connect() {
        return DbError::Lost(format!("{UNREACHABLE}: {}", error.without_url()));
    }
    DbError::Lost(error.without_url().to_string())
}

fn refused(status: StatusCode, answer: Option<&Json>) -> DbError {
    let said = answer.and_then(first_error);
    match status.as_u16() {
        401 | 403 => DbError::Unavailable(format!(
            "Cloudflare refused the token in {TOKEN}: it must be valid and allowed to edit D1 in this account."
        )),
        404 => DbError::Unavailable(
            "There is no such D1 database in this account: check both ids in the database's URL (`wrangler d1 list`)."
                .to_owned(),
        ),
        413 => DbError::TooLarge("a statement is larger than D1 allows".to_owned()),
        // It was not run.
        429 => DbError::Unavailable(
            "Cloudflare's API accepts no more requests with this token for now: wait a few minutes.".to_owned(),
        ),
        // D1's own words tell whether it makes sense to ask again.
        code @ 500.. => match said.as_deref().map(from_message) {
            Some(error) if error.is_unavailable() => error,
            Some(_) | None => DbError::Lost(format!("D1's HTTP API answered {code}")),
        },
        code => match said {
            Some(message) => from_message(&message),
            None => DbError::Driver(format!("D1's HTTP API answered {code}")),
        },
    }
}

fn first_error(answer: &Json) -> Option<String> {
    Some(answer["errors"][0]["message"].as_str()?.to_owned())
}

fn malformed() -> DbError {
    DbError::Lost("D1's HTTP API sent a malformed response".to_owned())
}

fn rows_of(result: &Json) -> Result<Rows, DbError> {
    let found = result["results"]["rows"].as_array().ok_or_else(malformed)?;
    let mut rows = Rows {
        affected: result["meta"]["changes"].as_f64().unwrap_or(0.0) as u64,
        ..Rows::default()
    };
    for row in found {
        let row = row.as_array().ok_or_else(malformed)?;
        if rows.width != 0 && rows.width != row.len() {
            return Err(malformed());
        }
        rows.width = row.len();
        for cell in row {
            rows.cells.push(value(cell)?);
        }
    }
    Ok(rows)
}

/// Converts a cell. D1's numbers are doubles.
fn value(cell: &Json) -> Result<Value, DbError> {
    Ok(match cell {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => Value::Float(number.as_f64().ok_or_else(malformed)?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(bytes) => Value::Bytes(
            bytes
                .iter()
                .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
                .collect::<Option<_>>()
                .ok_or_else(malformed)?,
        ),
        Json::Object(_) => return Err(malformed()),
    })
}

fn body(statement: &Statement) -> Result<Json, DbError> {
    let parameters = statement
        .values
        .iter()
        .map(parameter)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "sql": statement.sql, "params": parameters }))
}

fn parameter(value: &Value) -> Result<Json, DbError> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(u8::from(*b)),
        Value::Int(n) => whole(*n)?,
        Value::Float(n) if n.is_finite() => json!(n),
        Value::Float(_) => {
            return Err(DbError::Unsupported(
                "a number that is not finite through D1's HTTP API".to_owned(),
            ));
        }
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(bytes),
        Value::Uuid(id) => json!(id.hyphenated().encode_lower(&mut [0; 36])),
        Value::Time(time) => whole(time.as_millis())?,
    })
}

fn whole(n: i64) -> Result<Json, DbError> {
    if (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&n) {
        Ok(json!(n))
    } else {
        Err(DbError::Unsupported(format!(
            "the whole number {n} on D1, which is exact within ±(2^53 - 1)"
        )))
    }
}
