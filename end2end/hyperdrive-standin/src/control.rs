//! The orders, by HTTP: `POST /plan`, `POST /clock`, `POST /reset`, `GET /plan`, `GET /stats`.
//! Absent: everything else of HTTP. One request a connection, a body only with `content-length`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::plan::Plan;
use crate::shared::Shared;

/// A request may be as large as this.
const LARGEST: usize = 64 << 10;

/// `POST /clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_s: u64,
}

pub(crate) async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let wait = Duration::from_secs(10);
    let Ok(Some(request)) = tokio::time::timeout(wait, read(&mut stream)).await else {
        return;
    };
    let (status, body) = match answer(&request, &shared) {
        Ok(body) => ("200 OK", body),
        Err((status, why)) => (status, serde_json::json!({ "error": why }).to_string()),
    };
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // Who asked may have left.
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// What was asked.
struct Request {
    /// Such as `POST /plan`.
    what: String,
    body: String,
}

/// Reads a request whole; none when that is not what comes.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = parse(&bytes) {
            return Some(request);
        }
        if bytes.len() > LARGEST || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The request, once it is whole.
fn parse(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let what = format!("{} {}", first.next()?, first.next()?);
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    let body = bytes[end + 4..].get(..length)?;
    let body = String::from_utf8_lossy(body).into_owned();
    Some(Request { what, body })
}

type Refused = (&'static str, String);

fn answer(request: &Request, shared: &Shared) -> Result<String, Refused> {
    let bad = |error: serde_json::Error| ("400 Bad Request", error.to_string());
    let done = || "{}".to_owned();
    match request.what.as_str() {
        "POST /plan" => {
            let plan: Plan = serde_json::from_str(&request.body).map_err(bad)?;
            shared.set_plan(plan);
            Ok(done())
        }
        "GET /plan" => serde_json::to_string(&shared.plan()).map_err(bad),
        "GET /stats" => serde_json::to_string(&*shared.stats()).map_err(bad),
        "POST /clock" => {
            let clock: Clock = serde_json::from_str(&request.body).map_err(bad)?;
            let by = Duration::from_secs(clock.advance_s);
            if let Some(mut cache) = shared.cache() {
                cache.advance(by);
            }
            Ok(done())
        }
        "POST /reset" => {
            shared.reset();
            Ok(done())
        }
        other => Err((
            "404 Not Found",
            format!(
                "{other}: there is POST /plan, POST /clock, POST /reset, GET /plan and GET /stats"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_when_it_is_whole() {
        let text = b"POST /plan HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
        for length in 0..text.len() {
            assert!(parse(&text[..length]).is_none(), "{length}");
        }
        let request = parse(text);
        assert!(
            request.is_some_and(|request| request.what == "POST /plan" && request.body == "{}")
        );
    }
}
