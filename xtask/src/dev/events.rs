//! Events for open pages in development: a small server of server-sent events.
//! Absent: the page's part; see app/client/dev.js.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::ports;
use crate::ui::strip_ansi;

/// A change of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A new build is served: load the page again.
    Reload,
    /// Only the styles changed: exchange the stylesheet.
    Css,
    /// A build failed, with this output. Pages that open later get it too, until a build succeeds.
    Error(String),
    /// A build succeeded and left the site as it was.
    Ok,
}

/// The server; cheap to clone.
#[derive(Clone)]
pub(super) struct Events {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pages: Vec<TcpStream>,
    error: Option<String>,
}

impl Events {
    /// Listens on a free port for pages of the site at the port `site`.
    pub(super) fn listen(site: u16) -> Result<Self> {
        let (listener, port) = ports::listen()?;
        let events = Self {
            port,
            state: Arc::default(),
        };
        let shared = events.clone();
        thread::spawn(move || {
            for page in listener.incoming().flatten() {
                let events = shared.clone();
                thread::spawn(move || events.accept(page, site));
            }
        });
        Ok(events)
    }

    /// The server's address: `http://127.0.0.1:…`.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends an event to every open page.
    pub(super) fn send(&self, event: &Event) {
        let message = encode(event);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.error = match event {
            Event::Error(text) => Some(text.clone()),
            Event::Reload | Event::Css | Event::Ok => None,
        };
        state
            .pages
            .retain_mut(|page| page.write_all(message.as_bytes()).is_ok());
    }

    /// Answers one request; keeps the connection if a page of the site requests the events.
    fn accept(&self, mut page: TcpStream, site: u16) {
        let timeout = Some(Duration::from_secs(2));
        if page.set_read_timeout(timeout).is_err() || page.set_write_timeout(timeout).is_err() {
            return;
        }
        let Some(origin) = allowed_origin(BufReader::new(&page), site) else {
            let _ = page.write_all(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
            return;
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
             Access-Control-Allow-Origin: {origin}\r\nVary: Origin\r\nConnection: close\r\n\r\nretry: 500\n\n"
        );
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let error = state.error.clone().map(|text| encode(&Event::Error(text)));
        let hello = head + &error.unwrap_or_default();
        if page.write_all(hello.as_bytes()).is_ok() {
            state.pages.push(page);
        }
    }
}

/// The origin of a request for the events, if it is the site's.
fn allowed_origin(request: impl BufRead, site: u16) -> Option<String> {
    let mut lines = request.lines().map_while(Result::ok).take(100);
    let first = lines.next()?;
    let allowed = [
        format!("http://127.0.0.1:{site}"),
        format!("http://localhost:{site}"),
    ];
    let mut origin = None;
    for line in lines {
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("origin")
        {
            origin = Some(value.trim().to_owned());
        }
    }
    let origin = origin.unwrap_or_else(|| allowed[0].clone());
    (first.starts_with("GET /events ") && allowed.contains(&origin)).then_some(origin)
}

fn encode(event: &Event) -> String {
    let (name, text) = match event {
        Event::Reload => ("reload", ""),
        Event::Css => ("css", ""),
        Event::Error(text) => ("error", text.as_str()),
        Event::Ok => ("ok", ""),
    };
    let plain = strip_ansi(text);
    let data: String = plain
        .split('\n')
        .map(|line| format!("data: {line}\n"))
        .collect();
    format!("event: {name}\n{data}\n")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::io::Read;
    use std::net::Ipv4Addr;

    fn open(events: &Events, origin: &str) -> TcpStream {
        let mut page = TcpStream::connect((Ipv4Addr::LOCALHOST, events.port)).unwrap();
        page.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        write!(page, "GET /events HTTP/1.1\r\nOrigin: {origin}\r\n\r\n").unwrap();
        page
    }

    fn read_until(page: &mut TcpStream, wanted: &str) -> String {
        let mut text = String::new();
        let mut buffer = [0; 512];
        while !text.contains(wanted) {
            let length = page.read(&mut buffer).unwrap();
            assert_ne!(length, 0, "closed after {text:?}");
            text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
        text
    }

    #[test]
    fn pages_get_events_and_late_pages_get_the_last_error() {
        let events = Events::listen(8787).unwrap();
        let mut first = open(&events, "http://localhost:8787");
        let head = read_until(&mut first, "retry");
        assert!(
            head.contains("Access-Control-Allow-Origin: http://localhost:8787"),
            "{head}"
        );

        events.send(&Event::Error("\x1b[31merror\x1b[0m: one\n  two".into()));
        let told = read_until(&mut first, "two");
        assert!(
            told.contains("event: error\ndata: error: one\ndata:   two\n"),
            "{told}"
        );
        let mut late = open(&events, "http://127.0.0.1:8787");
        read_until(&mut late, "data: error: one");

        events.send(&Event::Ok);
        read_until(&mut late, "event: ok");
        let mut later = open(&events, "http://127.0.0.1:8787");
        assert!(!read_until(&mut later, "retry: 500\n\n").contains("event: error"));
    }

    #[test]
    fn other_sites_get_nothing() {
        let events = Events::listen(8787).unwrap();
        let mut page = open(&events, "http://evil.example");
        assert!(read_until(&mut page, "\r\n\r\n").starts_with("HTTP/1.1 404"));
    }
}
