//! What no well-behaved client says or can see: packets by hand, and the pieces that replies come in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use postgres_protocol::authentication::sasl::{ChannelBinding, ScramSha256};
use postgres_protocol::message::frontend;

use crate::common::{plan, until, url};
use crate::postgres::{direct, upstream};
use hyperdrive_standin::{Options, StandIn};

/// A client of PostgreSQL that says what it is told to.
struct Raw {
    stream: TcpStream,
    said: Vec<u8>,
}

impl Raw {
    fn connect(standin: &StandIn) -> Self {
        let stream = TcpStream::connect(standin.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Self {
            stream,
            said: Vec::new(),
        }
    }

    fn say(&mut self, write: impl FnOnce(&mut bytes::BytesMut)) {
        let mut bytes = bytes::BytesMut::new();
        write(&mut bytes);
        self.stream.write_all(&bytes).unwrap();
    }

    /// The next packet.
    fn hear(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        self.stream.read_exact(&mut body)?;
        self.said.push(head[0]);
        Ok((head[0], body))
    }

    /// Enters, after asking for TLS in vain.
    fn enter(&mut self) {
        let here = url::Url::parse(&upstream()).unwrap();
        self.say(frontend::ssl_request);
        let mut answer = [0];
        self.stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"N");
        let asked = [("user", here.username()), ("database", &here.path()[1..])];
        self.say(|bytes| frontend::startup_message(asked, bytes).unwrap());
        let password = here.password().unwrap_or("").as_bytes();
        let mut scram = ScramSha256::new(password, ChannelBinding::unsupported());
        assert_eq!(self.hear().unwrap().0, b'R');
        let first = scram.message().to_vec();
        self.say(|bytes| frontend::sasl_initial_response("SCRAM-SHA-256", &first, bytes).unwrap());
        scram.update(&self.hear().unwrap().1[4..]).unwrap();
        let last = scram.message().to_vec();
        self.say(|bytes| frontend::sasl_response(&last, bytes).unwrap());
        // The server's own proof, which tokio-postgres would check too.
        scram.finish(&self.hear().unwrap().1[4..]).unwrap();
        self.until_ready();
    }

    /// Reads up to the end of a reply; gives the tags of its packets.
    fn until_ready(&mut self) -> String {
        self.said.clear();
        while self.hear().unwrap().0 != b'Z' {}
        String::from_utf8(std::mem::take(&mut self.said)).unwrap()
    }
}

fn question(sql: &str, bytes: &mut bytes::BytesMut) {
    frontend::parse("", sql, [], bytes).unwrap();
    let bound = frontend::bind("", "", [], [(); 0], |(), _| unreachable!(), [1], bytes);
    assert!(bound.is_ok());
    frontend::execute("", 0, bytes).unwrap();
    frontend::sync(bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_a_named_portal_is_never_answered() {
    let standin = direct().await;
    let mut raw = Raw::connect(&standin);
    raw.enter();
    raw.say(|bytes| {
        frontend::close(b'P', "", bytes).unwrap();
        frontend::sync(bytes);
    });
    assert_eq!(raw.until_ready(), "3Z", "the unnamed one is");
    raw.say(|bytes| {
        frontend::close(b'P', "p0", bytes).unwrap();
        frontend::sync(bytes);
    });
    raw.stream
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let silence = raw.hear().unwrap_err();
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(standin.stats().refusals["close_portal"], 1);
    drop(raw);
    until(|| standin.stats().open == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_come_in_the_pieces_that_were_asked_for() {
    let standin = direct().await;
    // Three replies of 25 bytes: ParseComplete 5, BindComplete 5, CommandComplete 9, ReadyForQuery 6.
    for (text, pieces) in [
        (r#"{}"#, 3),
        (r#"{"merge":true}"#, 1),
        (r#"{"split":"bytes"}"#, 75),
        (r#"{"split":10}"#, 9),
        (r#"{"split":1000}"#, 3),
        (r#"{"split":10,"merge":true}"#, 8),
    ] {
        let mut raw = Raw::connect(&standin);
        raw.enter();
        raw.say(|bytes| question("BEGIN", bytes));
        raw.until_ready();
        standin.reset();
        standin.plan(plan(text));
        raw.say(|bytes| {
            for _ in 0..3 {
                question("SET a.b = 1", bytes);
            }
        });
        for _ in 0..3 {
            assert_eq!(raw.until_ready(), "12CZ");
        }
        until(|| standin.stats().pieces >= pieces).await;
        assert_eq!(standin.stats().pieces, pieces, "{text}");
        standin.reset();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pieces_arrive_apart() {
    let standin = hyperdrive_standin::start(Options::direct(&url("TEST_MYSQL_URL")))
        .await
        .unwrap();
    for (text, at_least) in [("{}", 1), (r#"{"split":"bytes"}"#, 15)] {
        standin.plan(plan(text));
        // The greeting comes unasked.
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
async fn boundaries_are_cut_in_four_ways() {
    let standin = direct().await;
    let mut raw = Raw::connect(&standin);
    raw.enter();
    raw.say(|bytes| question("BEGIN", bytes));
    raw.until_ready();
    standin.reset();
    standin.plan(plan(r#"{"split":"boundaries"}"#));
    let mut pieces = Vec::new();
    for _ in 0..4 {
        raw.say(|bytes| question("SET a.b = 1", bytes));
        raw.until_ready();
        pieces.push(standin.stats().pieces);
    }
    // Of four packets, three end inside; a byte before the last end is a fourth cut.
    let each: Vec<u64> = pieces
        .iter()
        .scan(0, |last, now| Some(now - std::mem::replace(last, *now)))
        .collect();
    let mut sorted = each.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [4, 4, 5, 8], "{each:?}");
}
