//! Raw messages that no well-behaved client sends, and the chunks in which responses arrive.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use postgres_protocol::message::frontend;

use crate::common::{env_url, plan, wait_until};
use crate::postgres::{direct, upstream};
use hyperdrive_standin::{Options, StandIn};

/// A PostgreSQL client that sends hand-made messages.
struct RawClient {
    stream: TcpStream,
    received_tags: Vec<u8>,
}

impl RawClient {
    fn connect(standin: &StandIn) -> Self {
        let stream = TcpStream::connect(standin.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Self {
            stream,
            received_tags: Vec::new(),
        }
    }

    fn send(&mut self, write: impl FnOnce(&mut bytes::BytesMut)) {
        let mut bytes = bytes::BytesMut::new();
        write(&mut bytes);
        self.stream.write_all(&bytes).unwrap();
    }

    /// Reads the next message.
    fn receive(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        self.stream.read_exact(&mut body)?;
        self.received_tags.push(head[0]);
        Ok((head[0], body))
    }

    /// Logs in, after a request for TLS that is declined.
    fn log_in(&mut self) {
        let url = url::Url::parse(&upstream()).unwrap();
        self.send(frontend::ssl_request);
        let mut answer = [0];
        self.stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"N");
        let parameters = [("user", url.username()), ("database", &url.path()[1..])];
        self.send(|bytes| frontend::startup_message(parameters, bytes).unwrap());
        let password = url.password().unwrap_or("").as_bytes();
        let mut scram = ScramSha256::new(password, ChannelBinding::unsupported());
        assert_eq!(self.receive().unwrap().0, b'R');
        let first = scram.message().to_vec();
        self.send(|bytes| frontend::sasl_initial_response("SCRAM-SHA-256", &first, bytes).unwrap());
        scram.update(&self.receive().unwrap().1[4..]).unwrap();
        let last = scram.message().to_vec();
        self.send(|bytes| frontend::sasl_response(&last, bytes).unwrap());
        // Verifies the server's proof, as tokio-postgres does.
        scram.finish(&self.receive().unwrap().1[4..]).unwrap();
        self.read_until_ready();
    }

    /// Reads up to the end of a response and returns the tags of its messages.
    fn read_until_ready(&mut self) -> String {
        self.received_tags.clear();
        while self.receive().unwrap().0 != b'Z' {}
        String::from_utf8(std::mem::take(&mut self.received_tags)).unwrap()
    }
}

fn write_query(sql: &str, bytes: &mut bytes::BytesMut) {
    frontend::parse("", sql, [], bytes).unwrap();
    let bound = frontend::bind("", "", [], [(); 0], |(), _| unreachable!(), [1], bytes);
    assert!(bound.is_ok());
    frontend::execute("", 0, bytes).unwrap();
    frontend::sync(bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_a_named_portal_is_never_answered() {
    let standin = direct().await;
    let mut raw = RawClient::connect(&standin);
    raw.log_in();
    raw.send(|bytes| {
        frontend::close(b'P', "", bytes).unwrap();
        frontend::sync(bytes);
    });
    assert_eq!(
        raw.read_until_ready(),
        "3Z",
        "closing the unnamed portal is answered"
    );
    raw.send(|bytes| {
        frontend::close(b'P', "p0", bytes).unwrap();
        frontend::sync(bytes);
    });
    raw.stream
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let timeout = raw.receive().unwrap_err();
    assert_eq!(timeout.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(standin.stats().rejections["close_portal"], 1);
    drop(raw);
    wait_until(|| standin.stats().open == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_split_into_the_planned_chunks() {
    let standin = direct().await;
    // Three responses of 25 bytes: ParseComplete 5, BindComplete 5, CommandComplete 9, ReadyForQuery 6.
    for (text, chunks) in [
        (r#"{}"#, 3),
        (r#"{"merge":true}"#, 1),
        (r#"{"split":"bytes"}"#, 75),
        (r#"{"split":10}"#, 9),
        (r#"{"split":1000}"#, 3),
        (r#"{"split":10,"merge":true}"#, 8),
    ] {
        let mut raw = RawClient::connect(&standin);
        raw.log_in();
        raw.send(|bytes| write_query("BEGIN", bytes));
        raw.read_until_ready();
        standin.reset();
        standin.set_plan(plan(text));
        raw.send(|bytes| {
            for _ in 0..3 {
                write_query("SET a.b = 1", bytes);
            }
        });
        for _ in 0..3 {
            assert_eq!(raw.read_until_ready(), "12CZ");
        }
        wait_until(|| standin.stats().chunks >= chunks).await;
        assert_eq!(standin.stats().chunks, chunks, "{text}");
        standin.reset();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_arrive_separately() {
    let standin = hyperdrive_standin::start(Options::direct(&env_url("TEST_MYSQL_URL")))
        .await
        .unwrap();
    for (text, at_least) in [("{}", 1), (r#"{"split":"bytes"}"#, 15)] {
        standin.set_plan(plan(text));
        // The server sends its greeting first.
        let mut stream = TcpStream::connect(standin.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .unwrap();
        let mut reads = 0;
        let mut chunk = [0; 1000];
        while let Ok(1..) = stream.read(&mut chunk) {
            reads += 1;
        }
        assert!(
            reads >= at_least && (at_least > 1 || reads == 1),
            "{text}: {reads}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boundary_splits_alternate_between_four_variants() {
    let standin = direct().await;
    let mut raw = RawClient::connect(&standin);
    raw.log_in();
    raw.send(|bytes| write_query("BEGIN", bytes));
    raw.read_until_ready();
    standin.reset();
    standin.set_plan(plan(r#"{"split":"boundaries"}"#));
    let mut chunks = Vec::new();
    for _ in 0..4 {
        raw.send(|bytes| write_query("SET a.b = 1", bytes));
        raw.read_until_ready();
        chunks.push(standin.stats().chunks);
    }
    // Three of the four messages end within the response; one byte before the last end is a fourth position.
    let per_response: Vec<u64> = chunks
        .iter()
        .scan(0, |last, now| Some(now - std::mem::replace(last, *now)))
        .collect();
    let mut sorted = per_response.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [4, 4, 5, 8], "{per_response:?}");
}
