//! The program itself: its one line, its orders by HTTP, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::common::{soon, url};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

/// Says one thing to the control end; gives the status and what was answered.
fn order(control: &str, what: &str, body: &str) -> (String, Value) {
    let mut stream = TcpStream::connect(control.strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "{what} HTTP/1.1\r\nhost: standin\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().to_owned();
    (status, serde_json::from_str(body).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_where_it_is_and_does_what_it_is_told() {
    let upstream = url("TEST_POSTGRES_URL");
    let mut program = Command::new(env!("CARGO_BIN_EXE_hyperdrive-standin"))
        .args(["--upstream", &upstream, "--cached"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let control = ready["control"].as_str().unwrap();

    let mut here = url::Url::parse(&upstream).unwrap();
    let (host, port) = ready["address"].as_str().unwrap().split_once(':').unwrap();
    here.set_host(Some(host)).unwrap();
    here.set_port(Some(port.parse().unwrap())).unwrap();
    let (client, connection) = tokio_postgres::connect(here.as_str(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    for _ in 0..2 {
        soon(client.query_typed("SELECT 'secret'", &[]))
            .await
            .unwrap();
    }
    assert_eq!(
        order(control, "POST /clock", r#"{"advance_s":61}"#),
        ("200".to_owned(), json!({}))
    );
    soon(client.query_typed("SELECT 'secret'", &[]))
        .await
        .unwrap();
    let (_, stats) = order(control, "GET /stats", "");
    assert_eq!(
        (&stats["cache_hits"], &stats["cache_misses"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        stats["statements"],
        json!(["SELECT ?", "SELECT ?", "SELECT ?"])
    );
    assert_eq!((&stats["open"], &stats["queries"]), (&json!(1), &json!(3)));

    let planned = r#"{"split":"bytes","fault":{"kind":"stall","at":"connect","nth":3}}"#;
    assert_eq!(order(control, "POST /plan", planned).0, "200");
    let (_, plan) = order(control, "GET /plan", "");
    assert_eq!(
        (&plan["split"], &plan["fault"]["nth"]),
        (&json!("bytes"), &json!(3))
    );
    let (status, refused) = order(control, "POST /plan", r#"{"fault":{"kind":"flood"}}"#);
    assert_eq!(status, "400");
    assert!(refused["error"].as_str().unwrap().contains("flood"));
    assert_eq!(order(control, "GET /nothing", "").0, "404");
    assert_eq!(order(control, "POST /reset", "").0, "200");
    assert_eq!(order(control, "GET /plan", "").1["split"], Value::Null);

    let pid = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    soon(tokio::task::spawn_blocking(move || program.wait()))
        .await
        .unwrap()
        .unwrap();
    assert!(soon(connection).await.unwrap().is_err() || client.is_closed());
}

#[test]
fn a_database_out_of_reach_is_said_at_the_start() {
    let output = Command::new(env!("CARGO_BIN_EXE_hyperdrive-standin"))
        .args(["--upstream", "postgres://me:secret@127.0.0.1:1/site"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && said.contains("connection_refused"),
        "{said}"
    );
    assert!(!said.contains("secret"), "{said}");
}
