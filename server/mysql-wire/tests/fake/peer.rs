//! A server's side of the wire, written for the tests alone: it shares no code with the client.

use std::future::Future;
use std::time::Duration;

use mysql_wire::{Client, Config, Error, Tls};
use sha1::Digest as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};

/// The challenge that every greeting here bears.
pub(crate) const NONCE: [u8; 20] = *b"abcdefghijklmnopqrst";

pub(crate) const SSL: u32 = 0x0800;
pub(crate) const DEPRECATE_EOF: u32 = 0x0100_0000;
/// What a server of today offers, without TLS.
pub(crate) const CAPABILITIES: u32 = 0x01ff_f7ff;

pub(crate) const NATIVE: &str = "mysql_native_password";
pub(crate) const SHA2: &str = "caching_sha2_password";

pub(crate) struct Peer<S> {
    pub(crate) stream: S,
    /// The number of the next packet, in either direction.
    pub(crate) sequence: u8,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            sequence: 0,
        }
    }

    pub(crate) async fn send(&mut self, content: &[u8]) {
        let mut packet = (content.len() as u32).to_le_bytes();
        packet[3] = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        self.stream.write_all(&packet).await.unwrap();
        self.stream.write_all(content).await.unwrap();
    }

    /// The next packet; `None` when the client has gone.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).await.ok()?;
        self.sequence = head[3].wrapping_add(1);
        let mut content = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
        self.stream.read_exact(&mut content).await.ok()?;
        Some(content)
    }

    pub(crate) async fn greet(&mut self, plugin: &str, capabilities: u32) {
        self.send(&greeting(plugin, capabilities)).await;
    }

    pub(crate) async fn ok(&mut self) {
        self.send(&ok(2)).await;
    }

    pub(crate) async fn error(&mut self, code: u16, message: &str) {
        let mut packet = vec![0xff];
        packet.extend_from_slice(&code.to_le_bytes());
        packet.extend_from_slice(b"#28000");
        packet.extend_from_slice(message.as_bytes());
        self.send(&packet).await;
    }

    /// Greets, and lets in whoever comes.
    pub(crate) async fn let_in(&mut self, capabilities: u32) {
        self.greet(NATIVE, capabilities).await;
        self.receive().await.unwrap();
        self.ok().await;
    }

    /// The next statement.
    pub(crate) async fn statement(&mut self) -> Option<String> {
        let packet = self.receive().await?;
        assert_eq!(packet[0], 3, "not COM_QUERY");
        Some(String::from_utf8(packet[1..].to_vec()).unwrap())
    }
}

pub(crate) fn greeting(plugin: &str, capabilities: u32) -> Vec<u8> {
    let [a, b, c, d] = capabilities.to_le_bytes();
    let mut packet = b"\x0a8.4.3\0".to_vec();
    packet.extend_from_slice(&[1, 0, 0, 0]);
    packet.extend_from_slice(&NONCE[..8]);
    packet.extend_from_slice(&[0, a, b, 45, 2, 0, c, d, 21]);
    packet.extend_from_slice(&[0; 10]);
    packet.extend_from_slice(&NONCE[8..]);
    packet.push(0);
    packet.extend_from_slice(plugin.as_bytes());
    packet.push(0);
    packet
}

pub(crate) fn ok(status: u16) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    vec![0, 0, 0, low, high, 0, 0]
}

/// The definition of a column.
pub(crate) fn column(name: &str, kind: u8, charset: u8) -> Vec<u8> {
    let mut packet = b"\x03def\0\0\0".to_vec();
    packet.push(name.len() as u8);
    packet.extend_from_slice(name.as_bytes());
    packet.extend_from_slice(&[0, 12, charset, 0, 0, 1, 0, 0, kind, 0, 0, 0, 0, 0]);
    packet
}

/// Ends the rows, for a client that asked to hear no EOF.
pub(crate) fn end(status: u16) -> Vec<u8> {
    let mut packet = ok(status);
    packet[0] = 0xfe;
    packet
}

/// What a login sent.
pub(crate) struct Login {
    pub(crate) capabilities: u32,
    pub(crate) user: String,
    pub(crate) proof: Vec<u8>,
    pub(crate) database: Option<String>,
    pub(crate) plugin: String,
}

pub(crate) fn login(packet: &[u8]) -> Login {
    let capabilities = u32::from_le_bytes(packet[..4].try_into().unwrap());
    let mut rest = &packet[32..];
    fn name(rest: &mut &[u8]) -> String {
        let end = rest.iter().position(|byte| *byte == 0).unwrap();
        let name = String::from_utf8(rest[..end].to_vec()).unwrap();
        *rest = &rest[end + 1..];
        name
    }
    let user = name(&mut rest);
    let length = usize::from(rest[0]);
    let proof = rest[1..1 + length].to_vec();
    rest = &rest[1 + length..];
    let database = (capabilities & 8 != 0).then(|| name(&mut rest));
    let plugin = name(&mut rest);
    assert!(rest.is_empty());
    Login {
        capabilities,
        user,
        proof,
        database,
        plugin,
    }
}

/// Whether the proof is that of a `mysql_native_password`, from the digest that a server keeps.
pub(crate) fn native_proves(proof: &[u8], nonce: &[u8], password: &str) -> bool {
    let stored = sha1::Sha1::digest(sha1::Sha1::digest(password));
    let mask = sha1::Sha1::new()
        .chain_update(nonce)
        .chain_update(stored)
        .finalize();
    let candidate: Vec<u8> = proof
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    proof.len() == 20 && sha1::Sha1::digest(candidate) == stored
}

/// The same for `caching_sha2_password`.
pub(crate) fn sha2_proves(proof: &[u8], nonce: &[u8], password: &str) -> bool {
    use sha2::{Digest as _, Sha256};
    let stored = Sha256::digest(Sha256::digest(password));
    let mask = Sha256::new()
        .chain_update(stored)
        .chain_update(nonce)
        .finalize();
    let candidate: Vec<u8> = proof
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    proof.len() == 32 && Sha256::digest(candidate) == stored
}

/// Lets a client log in to what `serve` plays, and gives both their results. Neither may take longer than seconds.
pub(crate) async fn meet<F, T>(
    config: &Config<'_>,
    tls: Tls,
    serve: impl FnOnce(Peer<DuplexStream>) -> F,
) -> (Result<Client<DuplexStream>, Error>, T)
where
    F: Future<Output = T>,
{
    let (near, far) = tokio::io::duplex(1 << 10);
    within_seconds(async {
        tokio::join!(Client::connect(near, config, tls), serve(Peer::new(far)))
    })
    .await
}

pub(crate) async fn within_seconds<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("nothing waits for ever")
}

/// A client that is logged in, and its server.
pub(crate) async fn connected(capabilities: u32) -> (Client<DuplexStream>, Peer<DuplexStream>) {
    let (client, peer) = meet(
        &Config::new("writer", "", None),
        Tls::Off,
        async |mut peer| {
            peer.let_in(capabilities).await;
            peer
        },
    )
    .await;
    (client.unwrap(), peer)
}

/// The same, with the session set up.
pub(crate) async fn ready(capabilities: u32) -> (Client<DuplexStream>, Peer<DuplexStream>) {
    let (mut client, mut peer) = connected(capabilities).await;
    let serve = async {
        peer.statement().await;
        peer.ok().await;
        peer.statement().await;
        peer.sequence = 1;
        peer.ok().await;
    };
    together(client.query("DO 1", &[]), serve).await.0.unwrap();
    (client, peer)
}

pub(crate) async fn together<A, B>(
    a: impl Future<Output = A>,
    b: impl Future<Output = B>,
) -> (A, B) {
    within_seconds(async { tokio::join!(a, b) }).await
}
