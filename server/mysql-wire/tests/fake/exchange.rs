//! Questions and answers: set-up, rows, pipelines, and what a server may not say.

use mysql_wire::{Cell, Client, Error, Param};
use tokio::io::DuplexStream;

use crate::peer::*;

/// Asks one question that is answered by these packets.
async fn answered(
    packets: &[Vec<u8>],
) -> (Result<mysql_wire::Answer, Error>, Client<DuplexStream>) {
    let (mut client, mut peer) = ready(CAPABILITIES).await;
    let serve = async {
        peer.statement().await;
        for packet in packets {
            peer.send(packet).await;
        }
    };
    let (answer, ()) = together(client.query("SELECT 1", &[]), serve).await;
    (answer, client)
}

#[tokio::test]
async fn the_set_up_travels_with_the_first_statement() {
    let (mut client, mut peer) = connected(CAPABILITIES).await;
    let serve = async {
        // Both are here before anything has been answered.
        let first = peer.statement().await.unwrap();
        let second = peer.statement().await.unwrap();
        peer.sequence = 1;
        peer.ok().await;
        peer.sequence = 1;
        peer.ok().await;
        (first, second)
    };
    let (answer, (first, second)) = together(client.query("DO ?", &[Param::Int(1)]), serve).await;
    answer.unwrap();
    assert!(
        first.contains("sql_mode = 'TRADITIONAL,") && first.contains("time_zone = '+00:00'"),
        "{first}"
    );
    assert!(
        !first.contains("BACKSLASH") && !first.contains("ANSI"),
        "{first}"
    );
    assert_eq!(second, "DO 1");
    let (_, third) = together(client.query("DO 2", &[]), async {
        let third = peer.statement().await.unwrap();
        peer.ok().await;
        third
    })
    .await;
    assert_eq!(third, "DO 2");
    within_seconds(client.quit()).await.unwrap();
    assert_eq!(peer.receive().await.unwrap(), [1]);
    assert_eq!(peer.receive().await, None);
}

#[tokio::test]
async fn a_set_up_that_fails_leaves_no_client() {
    let (mut client, mut peer) = connected(CAPABILITIES).await;
    let serve = async {
        peer.statement().await;
        peer.error(1231, "Variable can't be set").await;
    };
    let (answer, ()) = together(client.query("DO 1", &[]), serve).await;
    assert!(matches!(answer, Err(Error::Server { code: 1231, .. })));
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Closed)
    ));
}

#[tokio::test]
async fn rows_come_with_and_without_eof() {
    for capabilities in [CAPABILITIES, CAPABILITIES & !DEPRECATE_EOF] {
        let (mut client, mut peer) = ready(capabilities).await;
        let has_eof = capabilities & DEPRECATE_EOF == 0;
        let serve = async {
            peer.statement().await;
            peer.send(&[2]).await;
            peer.send(&column("id", 8, 63)).await;
            peer.send(&column("name", 253, 45)).await;
            if has_eof {
                peer.send(&[0xfe, 0, 0, 2, 0]).await;
            }
            peer.send(b"\x0242\x03abc").await;
            peer.send(b"\xfb\x00").await;
            match has_eof {
                true => peer.send(&[0xfe, 1, 0, 3, 0]).await,
                false => peer.send(&[0xfe, 0, 0, 3, 0, 1, 0]).await,
            }
        };
        let (answer, ()) = together(client.query("SELECT", &[]), serve).await;
        let answer = answer.unwrap();
        assert_eq!(
            answer
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect::<Vec<_>>(),
            ["id", "name"]
        );
        assert_eq!(
            answer.rows().collect::<Vec<_>>(),
            [
                &[Cell::Int(42), Cell::Text("abc".to_owned())][..],
                &[Cell::Null, Cell::Text(String::new())]
            ]
        );
        assert_eq!(
            (answer.status, answer.warnings, answer.is_in_transaction()),
            (3, 1, true)
        );
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_breaks_the_client() {
    let rows = |row: &[u8]| vec![vec![1], column("a", 253, 45), row.to_vec()];
    for (what, packets) in [
        ("a file is asked for", vec![b"\xfb/etc/passwd".to_vec()]),
        ("several results", vec![ok(2 | 8)]),
        ("no backslash escapes", vec![ok(2 | 0x200)]),
        (
            "several results after rows",
            [rows(b"\x01a"), vec![end(2 | 8)]].concat(),
        ),
        ("an empty packet", vec![vec![]]),
        ("no columns", vec![vec![0xfc, 0, 0]]),
        ("too many columns", vec![vec![0xfc, 1, 0x10]]),
        ("a row that is too short", rows(b"\x05a")),
        ("a row that is too long", rows(b"\x01ab")),
        ("a type that is none", vec![vec![1], column("a", 99, 45)]),
        ("half an error", vec![vec![0xff, 1]]),
    ] {
        let (answer, mut client) = answered(&packets).await;
        assert!(
            matches!(answer, Err(Error::Protocol(_) | Error::Refused(_))),
            "{what}: {answer:?}"
        );
        assert!(client.is_broken(), "{what}");
        assert!(
            matches!(client.query("DO 1", &[]).await, Err(Error::Closed)),
            "{what}"
        );
    }
}

#[tokio::test]
async fn the_server_gets_no_file() {
    let (mut client, mut peer) = ready(CAPABILITIES).await;
    let serve = async {
        peer.statement().await;
        peer.send(b"\xfb/etc/passwd").await;
    };
    assert!(
        together(client.query("LOAD DATA", &[]), serve)
            .await
            .0
            .is_err()
    );
    drop(client);
    assert_eq!(peer.receive().await, None);
}

#[tokio::test]
async fn what_is_wrong_with_a_statement_alone_leaves_the_client_well() {
    let (answer, client) = answered(&[
        vec![1],
        column("a", 8, 63),
        b"\x01x".to_vec(),
        b"\x011".to_vec(),
        end(2),
    ])
    .await;
    assert!(matches!(answer, Err(Error::Decode { column, .. }) if column == "a"));
    assert!(!client.is_broken());
    let (answer, client) =
        answered(&[[&b"\xff\x26\x04#23000Duplicate"[..], &[b'x'; 4000]].concat()]).await;
    assert!(
        matches!(answer, Err(Error::Server { code: 1062, state, message }) if &state == b"23000" && message.len() == 1024)
    );
    assert!(!client.is_broken());
}

#[tokio::test]
async fn a_statement_that_cannot_be_sent_is_not() {
    let (mut client, mut peer) = connected(CAPABILITIES).await;
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
    assert_eq!(peer.receive().await, None);
}

/// Both directions are full long before either side is done: 1 KiB of pipe, 1 MiB each way.
#[tokio::test]
async fn a_pipeline_does_not_wait_for_itself() {
    let (mut client, mut peer) = connected(CAPABILITIES).await;
    let text = "x".repeat(32 << 10);
    let params = [Param::Text(&text)];
    let statements: Vec<(&str, &[Param<'_>])> =
        (0..32).map(|_| ("SELECT ?", &params[..])).collect();
    let serve = async {
        peer.statement().await;
        peer.ok().await;
        for number in 0..32 {
            peer.statement().await;
            if number % 4 == 1 {
                peer.error(1064, "no").await;
                continue;
            }
            peer.send(&[1]).await;
            peer.send(&column("a", 253, 45)).await;
            peer.send(&[&[0xfc, 0, 0x80], text.as_bytes()].concat())
                .await;
            peer.send(&end(2)).await;
        }
    };
    let (answers, ()) = together(client.pipeline(&statements), serve).await;
    let answers = answers.unwrap();
    assert_eq!(answers.len(), 32);
    for (number, answer) in answers.into_iter().enumerate() {
        match number % 4 {
            1 => assert!(matches!(answer, Err(Error::Server { code: 1064, .. }))),
            _ => assert_eq!(answer.unwrap().cells, [Cell::Text(text.clone())]),
        }
    }
    assert!(!client.is_broken());
}

/// A server of many threads moves a request from one to the other.
#[tokio::test]
async fn a_client_can_be_used_from_any_thread() {
    let (mut client, mut peer) = connected(CAPABILITIES).await;
    let asked = tokio::spawn(async move {
        let text = "a".to_owned();
        client.query("DO ?", &[Param::Text(&text)]).await?;
        client.pipeline(&[("DO ?", &[Param::Text(&text)])]).await?;
        client.quit().await
    });
    for sequence in [1, 1, 1] {
        peer.statement().await;
        peer.sequence = sequence;
        peer.ok().await;
    }
    assert_eq!(within_seconds(peer.receive()).await.unwrap(), [1]);
    within_seconds(asked).await.unwrap().unwrap();
}
