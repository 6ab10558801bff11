//! How a conversation ends: given up, hung up, with too much said.

use std::time::Duration;

use mysql_wire::{Client, Config, Error, Tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::peer::*;

#[tokio::test]
async fn a_question_that_was_given_up_leaves_the_client_broken() {
    let (mut client, mut peer) = ready(CAPABILITIES).await;
    let asked = tokio::time::timeout(
        Duration::from_millis(20),
        client.query("SELECT SLEEP(9)", &[]),
    )
    .await;
    assert!(asked.is_err());
    // Its answer comes, and is nobody's.
    peer.statement().await;
    peer.ok().await;
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Closed)
    ));
    within_seconds(client.quit()).await.unwrap();
    assert_eq!(peer.receive().await, None);
}

#[tokio::test]
async fn a_server_that_hangs_up_is_an_error_and_then_closed() {
    let (mut client, peer) = ready(CAPABILITIES).await;
    drop(peer);
    assert!(matches!(client.query("DO 1", &[]).await, Err(Error::Io(_))));
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Closed)
    ));
}

#[tokio::test]
async fn a_server_that_says_why_it_hung_up_is_heard() {
    let (mut client, mut peer) = ready(CAPABILITIES).await;
    peer.sequence = 0;
    peer.error(1053, "Server shutdown in progress").await;
    drop(peer);
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Server { code: 1053, .. })
    ));
    assert!(client.is_broken());
}

/// Two answers to one question: the second must not be that of the next.
#[tokio::test]
async fn an_answer_too_many_breaks_the_client() {
    let (mut client, mut peer) = ready(CAPABILITIES).await;
    let serve = async {
        peer.statement().await;
        peer.stream
            .write_all(&[
                7, 0, 0, 1, 0, 9, 0, 2, 0, 0, 0, 7, 0, 0, 1, 0, 8, 0, 2, 0, 0, 0,
            ])
            .await
            .unwrap();
    };
    assert_eq!(
        together(client.query("DO 1", &[]), serve)
            .await
            .0
            .unwrap()
            .affected,
        9
    );
    assert!(matches!(
        client.query("DO 2", &[]).await,
        Err(Error::Protocol(_))
    ));
    assert!(client.is_broken());
}

#[tokio::test]
async fn a_result_without_end_ends() {
    for row in [
        &b"\xfb"[..],
        &[&[0xfc, 0xff, 0xff][..], &[b'x'; 65_535]].concat(),
    ] {
        let config = Config {
            max_result: 1 << 20,
            ..Config::new("writer", "", None)
        };
        let (near, far) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn({
            let row = row.to_vec();
            async move {
                let mut peer = Peer::new(far);
                peer.let_in(CAPABILITIES).await;
                peer.statement().await;
                peer.ok().await;
                peer.statement().await;
                peer.send(&[1]).await;
                peer.send(&column("a", 253, 45)).await;
                let mut rows = Vec::new();
                for _ in 0..(8 << 20) / row.len() {
                    rows.extend_from_slice(&[
                        row.len() as u8,
                        (row.len() >> 8) as u8,
                        (row.len() >> 16) as u8,
                        peer.sequence,
                    ]);
                    rows.extend_from_slice(&row);
                    peer.sequence = peer.sequence.wrapping_add(1);
                }
                let _ = peer.stream.write_all(&rows).await;
                let _ = peer.stream.read(&mut [0]).await;
            }
        });
        let mut client = Client::connect(near, &config, Tls::Off).await.unwrap();
        let answer = within_seconds(client.query("SELECT", &[])).await;
        assert!(matches!(answer, Err(Error::TooLarge)), "{answer:?}");
        assert!(client.is_broken());
        drop(client);
        within_seconds(server).await.unwrap();
    }
}
