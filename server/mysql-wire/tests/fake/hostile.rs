//! Garbage, and conversations with a part of them changed: whatever a server sends, the client ends with a result.

use std::time::Duration;

use mysql_wire::{Client, Config, Param, Tls};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;

use crate::peer::*;

/// Everything that a server says in a login and three statements: a result, an error, a change.
fn conversation(plugin: &str) -> Vec<u8> {
    let mut said = Vec::new();
    let mut say = |sequence: u8, content: &[u8]| {
        said.extend_from_slice(&[content.len() as u8, (content.len() >> 8) as u8, 0, sequence]);
        said.extend_from_slice(content);
    };
    say(0, &greeting(plugin, CAPABILITIES));
    let mut next = 2;
    if plugin == SHA2 {
        say(2, &[1, 3]);
        next = 3;
    }
    say(next, &ok(2));
    say(1, &ok(2));
    say(1, &[3]);
    say(2, &column("id", 8, 63));
    say(3, &column("name", 253, 45));
    say(4, &column("at", 12, 63));
    say(5, b"\x0242\x03abc\x1a1970-01-01 00:00:00.123456");
    say(6, b"\xfb\xfc\x03\0abc\xfb");
    say(7, &end(2));
    say(1, b"\xff\x26\x04#23000Duplicate entry");
    say(1, &[0, 1, 5, 2, 0, 0, 0]);
    said
}

/// Plays a server that says this and no more, and asks. `None` if it waits for ever.
fn ends(said: &[u8], chunk: usize) -> Option<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (near, mut far) = tokio::io::duplex(1 << 16);
        let client = async {
            let config = Config {
                max_result: 1 << 20,
                ..Config::new("writer", "secret", Some("base"))
            };
            let mut client = Client::connect(near, &config, Tls::Off).await?;
            let answers = client
                .pipeline(&[
                    ("SELECT ?", &[Param::Text("a'b")]),
                    ("DO 1", &[]),
                    ("DO 2", &[]),
                ])
                .await?;
            let is_well = answers.iter().filter(|answer| answer.is_ok()).count() == 2;
            client.quit().await?;
            Ok::<bool, mysql_wire::Error>(is_well)
        };
        let server = async {
            for part in said.chunks(chunk.max(1)) {
                if far.write_all(part).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            // No more will come; what the client says goes unread.
            far.shutdown().await.ok();
        };
        let both = async { tokio::join!(client, server).0 };
        let result = tokio::time::timeout(Duration::from_secs(5), both)
            .await
            .ok()?;
        Some(result.unwrap_or(false))
    })
}

/// Otherwise the tests below would all end at the first packet. Byte by byte, because a server whose answers come with
/// the login, before they are asked for, is refused.
#[test]
fn the_conversation_itself_is_understood() {
    assert_eq!(ends(&conversation(NATIVE), 1), Some(true));
    assert_eq!(ends(&conversation(SHA2), 1), Some(true));
}

#[test]
fn a_conversation_that_breaks_off_anywhere_ends() {
    for plugin in [NATIVE, SHA2] {
        let said = conversation(plugin);
        for length in 0..said.len() {
            assert_eq!(ends(&said[..length], 7), Some(false), "{plugin} {length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_ends(said in proptest::collection::vec(any::<u8>(), 0..600), chunk in prop::sample::select(vec![1_usize, 1, 5, 64])) {
        prop_assert!(ends(&said, chunk).is_some());
    }

    #[test]
    fn garbage_after_a_login_ends(garbage in proptest::collection::vec(any::<u8>(), 0..600), keep in 100_usize..300, chunk in prop::sample::select(vec![1_usize, 1, 5, 64])) {
        let mut said = conversation(NATIVE);
        said.truncate(keep);
        said.extend_from_slice(&garbage);
        prop_assert!(ends(&said, chunk).is_some());
    }

    #[test]
    fn a_conversation_with_wrong_bytes_ends(
        is_native: bool,
        wrong in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        chunk in prop::sample::select(vec![1_usize, 1, 5, 64]),
    ) {
        let mut said = conversation(if is_native { NATIVE } else { SHA2 });
        for (at, byte) in wrong {
            let at = at.index(said.len());
            said[at] = byte;
        }
        prop_assert!(ends(&said, chunk).is_some());
    }

    /// The frames are right and their content is not, so that what reads packets is reached.
    #[test]
    fn frames_of_garbage_end(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..8),
        first in prop::sample::select(vec![0x00_u8, 0x01, 0x03, 0xfb, 0xfc, 0xfe, 0xff]),
    ) {
        let mut said = conversation(NATIVE);
        // The greeting, the login's OK and the set-up's.
        let mut keep = 0;
        for _ in 0..3 {
            keep += 4 + usize::from(said[keep]);
        }
        said.truncate(keep);
        for (number, mut frame) in frames.into_iter().enumerate() {
            if number == 0 {
                frame.insert(0, first);
            }
            said.extend_from_slice(&[frame.len() as u8, 0, 0, number as u8 + 1]);
            said.extend_from_slice(&frame);
        }
        prop_assert!(ends(&said, 1).is_some());
    }
}
