//! Queries: session setup, rows, pipelines, and responses that violate the protocol.

use mysql_wire::{Cell, Client, Error, Param};
use tokio::io::DuplexStream;

use crate::server::*;

/// Runs one query to which the server responds with these packets.
async fn query_with_response(
    packets: &[Vec<u8>],
) -> (Result<mysql_wire::QueryResult, Error>, Client<DuplexStream>) {
    let (mut client, mut server) = ready(CAPABILITIES).await;
    let serve = async {
        server.read_statement().await;
        for packet in packets {
            server.send(packet).await;
        }
    };
    let (result, ()) = join(client.query("SELECT 1", &[]), serve).await;
    (result, client)
}

#[tokio::test]
async fn the_session_setup_is_sent_with_the_first_statement() {
    let (mut client, mut server) = logged_in(CAPABILITIES).await;
    let serve = async {
        // Both statements arrive before the server sends a response.
        let first = server.read_statement().await.unwrap();
        let second = server.read_statement().await.unwrap();
        server.sequence = 1;
        server.send_ok().await;
        server.sequence = 1;
        server.send_ok().await;
        (first, second)
    };
    let (result, (first, second)) = join(client.query("DO ?", &[Param::Int(1)]), serve).await;
    result.unwrap();
    assert!(
        first.contains("sql_mode = 'TRADITIONAL,") && first.contains("time_zone = '+00:00'"),
        "{first}"
    );
    assert!(
        !first.contains("BACKSLASH") && !first.contains("ANSI"),
        "{first}"
    );
    assert_eq!(second, "DO 1");
    let (_, third) = join(client.query("DO 2", &[]), async {
        let third = server.read_statement().await.unwrap();
        server.send_ok().await;
        third
    })
    .await;
    assert_eq!(third, "DO 2");
    with_timeout(client.quit()).await.unwrap();
    assert_eq!(server.receive().await.unwrap(), [1]);
    assert_eq!(server.receive().await, None);
}

#[tokio::test]
async fn a_failed_session_setup_breaks_the_client() {
    let (mut client, mut server) = logged_in(CAPABILITIES).await;
    let serve = async {
        server.read_statement().await;
        server.send_error(1231, "Variable can't be set").await;
    };
    let (result, ()) = join(client.query("DO 1", &[]), serve).await;
    assert!(matches!(result, Err(Error::Server { code: 1231, .. })));
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Closed)
    ));
}

#[tokio::test]
async fn rows_are_read_with_and_without_eof_packets() {
    for capabilities in [CAPABILITIES, CAPABILITIES & !DEPRECATE_EOF] {
        let (mut client, mut server) = ready(capabilities).await;
        let has_eof = capabilities & DEPRECATE_EOF == 0;
        let serve = async {
            server.read_statement().await;
            server.send(&[2]).await;
            server.send(&column_packet("id", 8, 63)).await;
            server.send(&column_packet("name", 253, 45)).await;
            if has_eof {
                server.send(&[0xfe, 0, 0, 2, 0]).await;
            }
            server.send(b"\x0242\x03abc").await;
            server.send(b"\xfb\x00").await;
            match has_eof {
                true => server.send(&[0xfe, 1, 0, 3, 0]).await,
                false => server.send(&[0xfe, 0, 0, 3, 0, 1, 0]).await,
            }
        };
        let (result, ()) = join(client.query("SELECT", &[]), serve).await;
        let result = result.unwrap();
        assert_eq!(
            result
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect::<Vec<_>>(),
            ["id", "name"]
        );
        assert_eq!(
            result.rows().collect::<Vec<_>>(),
            [
                &[Cell::Int(42), Cell::Text("abc".to_owned())][..],
                &[Cell::Null, Cell::Text(String::new())]
            ]
        );
        assert_eq!(
            (result.status, result.warnings, result.is_in_transaction()),
            (3, 1, true)
        );
    }
}

#[tokio::test]
async fn protocol_violations_break_the_client() {
    let rows = |row: &[u8]| vec![vec![1], column_packet("a", 253, 45), row.to_vec()];
    for (case, packets) in [
        ("a request for a file", vec![b"\xfb/etc/passwd".to_vec()]),
        ("more than one result", vec![ok_packet(2 | 8)]),
        ("no backslash escapes", vec![ok_packet(2 | 0x200)]),
        (
            "more than one result after rows",
            [rows(b"\x01a"), vec![end_packet(2 | 8)]].concat(),
        ),
        ("an empty packet", vec![vec![]]),
        ("no columns", vec![vec![0xfc, 0, 0]]),
        ("too many columns", vec![vec![0xfc, 1, 0x10]]),
        ("a row that is too short", rows(b"\x05a")),
        ("a row that is too long", rows(b"\x01ab")),
        ("an unknown type", vec![vec![1], column_packet("a", 99, 45)]),
        ("a truncated error", vec![vec![0xff, 1]]),
    ] {
        let (result, mut client) = query_with_response(&packets).await;
        assert!(
            matches!(result, Err(Error::Protocol(_) | Error::Refused(_))),
            "{case}: {result:?}"
        );
        assert!(client.is_broken(), "{case}");
        assert!(
            matches!(client.query("DO 1", &[]).await, Err(Error::Closed)),
            "{case}"
        );
    }
}

#[tokio::test]
async fn the_server_cannot_request_a_file() {
    let (mut client, mut server) = ready(CAPABILITIES).await;
    let serve = async {
        server.read_statement().await;
        server.send(b"\xfb/etc/passwd").await;
    };
    assert!(join(client.query("LOAD DATA", &[]), serve).await.0.is_err());
    drop(client);
    assert_eq!(server.receive().await, None);
}

#[tokio::test]
async fn statement_errors_leave_the_client_usable() {
    let (result, client) = query_with_response(&[
        vec![1],
        column_packet("a", 8, 63),
        b"\x01x".to_vec(),
        b"\x011".to_vec(),
        end_packet(2),
    ])
    .await;
    assert!(matches!(result, Err(Error::Decode { column, .. }) if column == "a"));
    assert!(!client.is_broken());
    let (result, client) =
        query_with_response(&[[&b"\xff\x26\x04#23000Duplicate"[..], &[b'x'; 4000]].concat()]).await;
    assert!(
        matches!(result, Err(Error::Server { code: 1062, state, message }) if &state == b"23000" && message.len() == 1024)
    );
    assert!(!client.is_broken());
}

#[tokio::test]
async fn a_statement_that_cannot_be_sent_leaves_the_client_usable() {
    let (mut client, mut server) = logged_in(CAPABILITIES).await;
    let large = "x".repeat(33 << 20);
    for (sql, param, others) in [
        ("DO ?, ?", Param::Int(1), "DO 1"),
        ("DO ?", Param::Float(f64::NAN), "DO 1"),
        ("DO ?", Param::Text(&large), "DO 1"),
    ] {
        let sent = client.pipeline(&[(others, &[]), (sql, &[param])]).await;
        assert!(matches!(sent, Err(Error::Refused(_) | Error::TooLarge)));
        assert!(!client.is_broken());
    }
    drop(client);
    assert_eq!(server.receive().await, None);
}

/// 1 MiB in each direction through a pipe of 1 KiB.
#[tokio::test]
async fn a_large_pipeline_does_not_deadlock() {
    let (mut client, mut server) = logged_in(CAPABILITIES).await;
    let text = "x".repeat(32 << 10);
    let params = [Param::Text(&text)];
    let statements: Vec<(&str, &[Param<'_>])> =
        (0..32).map(|_| ("SELECT ?", &params[..])).collect();
    let serve = async {
        server.read_statement().await;
        server.send_ok().await;
        for number in 0..32 {
            server.read_statement().await;
            if number % 4 == 1 {
                server.send_error(1064, "no").await;
                continue;
            }
            server.send(&[1]).await;
            server.send(&column_packet("a", 253, 45)).await;
            server
                .send(&[&[0xfc, 0, 0x80], text.as_bytes()].concat())
                .await;
            server.send(&end_packet(2)).await;
        }
    };
    let (results, ()) = join(client.pipeline(&statements), serve).await;
    let results = results.unwrap();
    assert_eq!(results.len(), 32);
    for (number, result) in results.into_iter().enumerate() {
        match number % 4 {
            1 => assert!(matches!(result, Err(Error::Server { code: 1064, .. }))),
            _ => assert_eq!(result.unwrap().cells, [Cell::Text(text.clone())]),
        }
    }
    assert!(!client.is_broken());
}

/// A multi-threaded server moves a request between threads.
#[tokio::test]
async fn a_client_can_be_used_from_any_thread() {
    let (mut client, mut server) = logged_in(CAPABILITIES).await;
    let call = tokio::spawn(async move {
        let text = "a".to_owned();
        client.query("DO ?", &[Param::Text(&text)]).await?;
        client.pipeline(&[("DO ?", &[Param::Text(&text)])]).await?;
        client.quit().await
    });
    for sequence in [1, 1, 1] {
        server.read_statement().await;
        server.sequence = sequence;
        server.send_ok().await;
    }
    assert_eq!(with_timeout(server.receive()).await.unwrap(), [1]);
    with_timeout(call).await.unwrap().unwrap();
}
