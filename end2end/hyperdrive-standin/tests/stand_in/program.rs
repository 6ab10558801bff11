//! The program: its output, its control commands over HTTP, and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::common::{env_url, within_timeout};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

/// Sends a command to the control interface and returns the status and the body of the response.
fn send_command(control: &str, route: &str, body: &str) -> (String, Value) {
    let mut stream = TcpStream::connect(control.strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "{route} HTTP/1.1\r\nhost: standin\r\ncontent-length: {}\r\n\r\n{body}",
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
async fn the_program_prints_its_addresses_and_obeys_commands() {
    let upstream = env_url("TEST_POSTGRES_URL");
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
        within_timeout(client.query_typed("SELECT 'secret'", &[]))
            .await
            .unwrap();
    }
    assert_eq!(
        send_command(control, "POST /clock", r#"{"advance_s":61}"#),
        ("200".to_owned(), json!({}))
    );
    within_timeout(client.query_typed("SELECT 'secret'", &[]))
        .await
        .unwrap();
    let (_, stats) = send_command(control, "GET /stats", "");
    assert_eq!(
        (&stats["cache_hits"], &stats["cache_misses"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        stats["statements"],
        json!(["SELECT ?", "SELECT ?", "SELECT ?"])
    );
    assert_eq!((&stats["open"], &stats["queries"]), (&json!(1), &json!(3)));

    let new_plan = r#"{"split":"bytes","fault":{"kind":"stall","at":"connect","nth":3}}"#;
    assert_eq!(send_command(control, "POST /plan", new_plan).0, "200");
    let (_, plan) = send_command(control, "GET /plan", "");
    assert_eq!(
        (&plan["split"], &plan["fault"]["nth"]),
        (&json!("bytes"), &json!(3))
    );
    let (status, response) = send_command(control, "POST /plan", r#"{"fault":{"kind":"flood"}}"#);
    assert_eq!(status, "400");
    assert!(response["error"].as_str().unwrap().contains("flood"));
    assert_eq!(send_command(control, "GET /nothing", "").0, "404");
    assert_eq!(send_command(control, "POST /reset", "").0, "200");
    assert_eq!(
        send_command(control, "GET /plan", "").1["split"],
        Value::Null
    );

    let pid = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    within_timeout(tokio::task::spawn_blocking(move || program.wait()))
        .await
        .unwrap()
        .unwrap();
    assert!(within_timeout(connection).await.unwrap().is_err() || client.is_closed());
}

#[test]
fn an_unreachable_database_is_reported_at_startup() {
    let output = Command::new(env!("CARGO_BIN_EXE_hyperdrive-standin"))
        .args(["--upstream", "postgres://me:secret@127.0.0.1:1/site"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && stderr.contains("connection_refused"),
        "{stderr}"
    );
    assert!(!stderr.contains("secret"), "{stderr}");
}
