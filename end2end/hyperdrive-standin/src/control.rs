//! Control commands over HTTP: `POST /plan`, `POST /clock`, `POST /reset`, `GET /plan`, `GET /stats`.
//! Absent: the rest of HTTP. A connection carries one request, and a body needs a `content-length`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fault_plan::FaultPlan;
use crate::shared::Shared;

const MAX_REQUEST_BYTES: usize = 64 << 10;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The body of `POST /clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_s: u64,
}

pub(crate) async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let Ok(Some(request)) = tokio::time::timeout(REQUEST_TIMEOUT, read(&mut stream)).await else {
        return;
    };
    let (status, body) = match handle(&request, &shared) {
        Ok(body) => ("200 OK", body),
        Err((status, error)) => (status, serde_json::json!({ "error": error }).to_string()),
    };
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // The client may have disconnected.
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
}

struct Request {
    /// Method and path, such as `POST /plan`.
    route: String,
    body: String,
}

/// Reads a complete request; `None` if the client sends anything else.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = parse(&bytes) {
            return Some(request);
        }
        if bytes.len() > MAX_REQUEST_BYTES || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// Parses a request, if it is complete.
fn parse(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let route = format!("{} {}", first.next()?, first.next()?);
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    let body = bytes[end + 4..].get(..length)?;
    let body = String::from_utf8_lossy(body).into_owned();
    Some(Request { route, body })
}

/// Status and reason.
type HttpError = (&'static str, String);

fn handle(request: &Request, shared: &Shared) -> Result<String, HttpError> {
    let bad_request = |error: serde_json::Error| ("400 Bad Request", error.to_string());
    let ok = || "{}".to_owned();
    match request.route.as_str() {
        "POST /plan" => {
            let plan: FaultPlan = serde_json::from_str(&request.body).map_err(bad_request)?;
            shared.set_plan(plan);
            Ok(ok())
        }
        "GET /plan" => serde_json::to_string(&shared.plan()).map_err(bad_request),
        "GET /stats" => serde_json::to_string(&*shared.stats()).map_err(bad_request),
        "POST /clock" => {
            let clock: Clock = serde_json::from_str(&request.body).map_err(bad_request)?;
            let by = Duration::from_secs(clock.advance_s);
            if let Some(mut cache) = shared.cache() {
                cache.advance_clock(by);
            }
            Ok(ok())
        }
        "POST /reset" => {
            shared.reset();
            Ok(ok())
        }
        other => Err((
            "404 Not Found",
            format!(
                "no route {other}; there are POST /plan, POST /clock, POST /reset, GET /plan and GET /stats"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_parsed_once_it_is_complete() {
        let text = b"POST /plan HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
        for length in 0..text.len() {
            assert!(parse(&text[..length]).is_none(), "{length}");
        }
        let request = parse(text);
        assert!(
            request.is_some_and(|request| request.route == "POST /plan" && request.body == "{}")
        );
    }
}
