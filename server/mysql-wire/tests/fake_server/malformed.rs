//! Garbage and altered conversations: whatever a server sends, no call of the client hangs or panics.

use std::time::Duration;

use mysql_wire::{Client, Config, Param, Tls};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use crate::server::*;

/// The bytes that a server sends for a login and three statements: a result set, an error and an update.
fn conversation(plugin: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut push = |sequence: u8, content: &[u8]| {
        bytes.extend_from_slice(&[content.len() as u8, (content.len() >> 8) as u8, 0, sequence]);
        bytes.extend_from_slice(content);
    };
    push(0, &greeting_packet(plugin, CAPABILITIES));
    let mut next = 2;
    if plugin == SHA2 {
        push(2, &[1, 3]);
        next = 3;
    }
    push(next, &ok_packet(2));
    push(1, &ok_packet(2));
    push(1, &[3]);
    push(2, &column_packet("id", 8, 63));
    push(3, &column_packet("name", 253, 45));
    push(4, &column_packet("at", 12, 63));
    push(5, b"\x0242\x03abc\x1a1970-01-01 00:00:00.123456");
    push(6, b"\xfb\xfc\x03\0abc\xfb");
    push(7, &end_packet(2));
    push(1, b"\xff\x26\x04#23000Duplicate entry");
    push(1, &[0, 1, 5, 2, 0, 0, 0]);
    bytes
}

/// Runs the client against a server that sends these bytes and closes. Returns true if all went well, `None` if the client
/// hangs.
fn run_against(bytes: &[u8], chunk: usize) -> Option<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let client = async {
            let config = Config {
                max_result_bytes: 1 << 20,
                ..Config::new("writer", "secret", Some("base"))
            };
            let mut client = Client::connect(near, &config, Tls::Off).await?;
            let results = client
                .pipeline(&[
                    ("SELECT ?", &[Param::Text("a'b")]),
                    ("DO 1", &[]),
                    ("DO 2", &[]),
                ])
                .await?;
            let is_expected = results.iter().filter(|result| result.is_ok()).count() == 2;
            client.quit().await?;
            Ok::<bool, mysql_wire::Error>(is_expected)
        };
        let server = async {
            for part in bytes.chunks(chunk.max(1)) {
                if far.write_all(part).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            // The client's packets are never read.
            far.shutdown().await.ok();
        };
        let both = async { tokio::join!(client, server).0 };
        let result = tokio::time::timeout(Duration::from_secs(5), both)
            .await
            .ok()?;
        Some(result.unwrap_or(false))
    })
}

/// Proves that the other tests get beyond the first packet. Byte by byte, because a server that sends results before they
/// are requested is refused.
#[test]
fn the_unaltered_conversation_succeeds() {
    assert_eq!(run_against(&conversation(NATIVE), 1), Some(true));
    assert_eq!(run_against(&conversation(SHA2), 1), Some(true));
}

#[test]
fn a_truncated_conversation_is_an_error() {
    for plugin in [NATIVE, SHA2] {
        let bytes = conversation(plugin);
        for length in 0..bytes.len() {
            assert_eq!(
                run_against(&bytes[..length], 7),
                Some(false),
                "{plugin} {length}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_does_not_hang(bytes in proptest::collection::vec(any::<u8>(), 0..600), chunk in prop::sample::select(vec![1_usize, 1, 5, 64])) {
        prop_assert!(run_against(&bytes, chunk).is_some());
    }

    #[test]
    fn garbage_after_a_login_does_not_hang(garbage in proptest::collection::vec(any::<u8>(), 0..600), keep in 100_usize..300, chunk in prop::sample::select(vec![1_usize, 1, 5, 64])) {
        let mut bytes = conversation(NATIVE);
        bytes.truncate(keep);
        bytes.extend_from_slice(&garbage);
        prop_assert!(run_against(&bytes, chunk).is_some());
    }

    #[test]
    fn a_conversation_with_wrong_bytes_does_not_hang(
        is_native: bool,
        wrong in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        chunk in prop::sample::select(vec![1_usize, 1, 5, 64]),
    ) {
        let mut bytes = conversation(if is_native { NATIVE } else { SHA2 });
        for (at, byte) in wrong {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert!(run_against(&bytes, chunk).is_some());
    }

    /// Valid frames with invalid content, to reach the code that decodes packets.
    #[test]
    fn frames_of_garbage_do_not_hang(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..8),
        first in prop::sample::select(vec![0x00_u8, 0x01, 0x03, 0xfb, 0xfc, 0xfe, 0xff]),
    ) {
        let mut bytes = conversation(NATIVE);
        // The greeting, the OK of the login and the OK of the session setup.
        let mut keep = 0;
        for _ in 0..3 {
            keep += 4 + usize::from(bytes[keep]);
        }
        bytes.truncate(keep);
        for (number, mut frame) in frames.into_iter().enumerate() {
            if number == 0 {
                frame.insert(0, first);
            }
            bytes.extend_from_slice(&[frame.len() as u8, 0, 0, number as u8 + 1]);
            bytes.extend_from_slice(&frame);
        }
        prop_assert!(run_against(&bytes, 1).is_some());
    }
}
