//! Cancelled calls, disconnects, and responses that are too long.

use std::time::Duration;

use mysql_wire::{Client, Config, Error, Tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::*;

#[tokio::test]
async fn a_cancelled_query_leaves_the_client_broken() {
    let (mut client, mut server) = ready(CAPABILITIES).await;
    let outcome = tokio::time::timeout(
        Duration::from_millis(20),
        client.query("SELECT SLEEP(9)", &[]),
    )
    .await;
    assert!(outcome.is_err());
    // The late response must not be taken for that of the next query.
    server.read_statement().await;
    server.send_ok().await;
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Closed)
    ));
    with_timeout(client.quit()).await.unwrap();
    assert_eq!(server.receive().await, None);
}

#[tokio::test]
async fn a_disconnect_is_an_io_error_and_then_closed() {
    let (mut client, server) = ready(CAPABILITIES).await;
    drop(server);
    assert!(matches!(client.query("DO 1", &[]).await, Err(Error::Io(_))));
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Closed)
    ));
}

#[tokio::test]
async fn the_reason_for_a_disconnect_is_reported() {
    let (mut client, mut server) = ready(CAPABILITIES).await;
    server.sequence = 0;
    server.send_error(1053, "Server shutdown in progress").await;
    drop(server);
    assert!(matches!(
        client.query("DO 1", &[]).await,
        Err(Error::Server { code: 1053, .. })
    ));
    assert!(client.is_broken());
}

/// The second of two responses to one query must not be taken for that of the next query.
#[tokio::test]
async fn an_extra_response_breaks_the_client() {
    let (mut client, mut server) = ready(CAPABILITIES).await;
    let serve = async {
        server.read_statement().await;
        server
            .stream
            .write_all(&[
                7, 0, 0, 1, 0, 9, 0, 2, 0, 0, 0, 7, 0, 0, 1, 0, 8, 0, 2, 0, 0, 0,
            ])
            .await
            .unwrap();
    };
    assert_eq!(
        join(client.query("DO 1", &[]), serve)
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
async fn an_endless_result_is_cut_off() {
    for row in [
        &b"\xfb"[..],
        &[&[0xfc, 0xff, 0xff][..], &[b'x'; 65_535]].concat(),
    ] {
        let config = Config {
            max_result_bytes: 1 << 20,
            ..Config::new("writer", "", None)
        };
        let (near, far) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn({
            let row = row.to_vec();
            async move {
                let mut server = FakeServer::new(far);
                server.accept_login(CAPABILITIES).await;
                server.read_statement().await;
                server.send_ok().await;
                server.read_statement().await;
                server.send(&[1]).await;
                server.send(&column_packet("a", 253, 45)).await;
                let mut rows = Vec::new();
                for _ in 0..(8 << 20) / row.len() {
                    rows.extend_from_slice(&[
                        row.len() as u8,
                        (row.len() >> 8) as u8,
                        (row.len() >> 16) as u8,
                        server.sequence,
                    ]);
                    rows.extend_from_slice(&row);
                    server.sequence = server.sequence.wrapping_add(1);
                }
                let _ = server.stream.write_all(&rows).await;
                let _ = server.stream.read(&mut [0]).await;
            }
        });
        let mut client = Client::connect(near, &config, Tls::Off).await.unwrap();
        let result = with_timeout(client.query("SELECT", &[])).await;
        assert!(matches!(result, Err(Error::TooLarge)), "{result:?}");
        assert!(client.is_broken());
        drop(client);
        with_timeout(server).await.unwrap();
    }
}
