//! A fake MySQL server. It shares no code with the client.

use std::future::Future;
use std::time::Duration;

use mysql_wire::{Client, Config, Error, Tls};
use sha1::Digest as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};

/// The nonce of every greeting.
pub(crate) const NONCE: [u8; 20] = *b"abcdefghijklmnopqrst";

pub(crate) const SSL: u32 = 0x0800;
pub(crate) const DEPRECATE_EOF: u32 = 0x0100_0000;
/// The capabilities that a current server offers, without TLS.
pub(crate) const CAPABILITIES: u32 = 0x01ff_f7ff;

pub(crate) const NATIVE: &str = "mysql_native_password";
pub(crate) const SHA2: &str = "caching_sha2_password";

pub(crate) struct FakeServer<S> {
    pub(crate) stream: S,
    /// The sequence number of the next packet, in either direction.
    pub(crate) sequence: u8,
}

impl<S: AsyncRead + AsyncWrite + Unpin> FakeServer<S> {
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

    /// Reads the next packet; `None` if the client has disconnected.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).await.ok()?;
        self.sequence = head[3].wrapping_add(1);
        let mut content = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
        self.stream.read_exact(&mut content).await.ok()?;
        Some(content)
    }

    pub(crate) async fn send_greeting(&mut self, plugin: &str, capabilities: u32) {
        self.send(&greeting_packet(plugin, capabilities)).await;
    }

    pub(crate) async fn send_ok(&mut self) {
        self.send(&ok_packet(2)).await;
    }

    pub(crate) async fn send_error(&mut self, code: u16, message: &str) {
        let mut packet = vec![0xff];
        packet.extend_from_slice(&code.to_le_bytes());
        packet.extend_from_slice(b"#28000");
        packet.extend_from_slice(message.as_bytes());
        self.send(&packet).await;
    }

    /// Sends a greeting and accepts any login.
    pub(crate) async fn accept_login(&mut self, capabilities: u32) {
        self.send_greeting(NATIVE, capabilities).await;
        self.receive().await.unwrap();
        self.send_ok().await;
    }

    /// Reads the next COM_QUERY; `None` if the client has disconnected.
    pub(crate) async fn read_statement(&mut self) -> Option<String> {
        let packet = self.receive().await?;
        assert_eq!(packet[0], 3, "not COM_QUERY");
        Some(String::from_utf8(packet[1..].to_vec()).unwrap())
    }
}

pub(crate) fn greeting_packet(plugin: &str, capabilities: u32) -> Vec<u8> {
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

pub(crate) fn ok_packet(status: u16) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    vec![0, 0, 0, low, high, 0, 0]
}

/// A column definition packet.
pub(crate) fn column_packet(name: &str, kind: u8, charset: u8) -> Vec<u8> {
    let mut packet = b"\x03def\0\0\0".to_vec();
    packet.push(name.len() as u8);
    packet.extend_from_slice(name.as_bytes());
    packet.extend_from_slice(&[0, 12, charset, 0, 0, 1, 0, 0, kind, 0, 0, 0, 0, 0]);
    packet
}

/// The packet that ends the rows for a client with CLIENT_DEPRECATE_EOF.
pub(crate) fn end_packet(status: u16) -> Vec<u8> {
    let mut packet = ok_packet(status);
    packet[0] = 0xfe;
    packet
}

/// A client's handshake response.
pub(crate) struct Login {
    pub(crate) capabilities: u32,
    pub(crate) user: String,
    pub(crate) auth_response: Vec<u8>,
    pub(crate) database: Option<String>,
    pub(crate) plugin: String,
}

pub(crate) fn parse_login(packet: &[u8]) -> Login {
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
    let auth_response = rest[1..1 + length].to_vec();
    rest = &rest[1 + length..];
    let database = (capabilities & 8 != 0).then(|| name(&mut rest));
    let plugin = name(&mut rest);
    assert!(rest.is_empty());
    Login {
        capabilities,
        user,
        auth_response,
        database,
        plugin,
    }
}

/// Checks a `mysql_native_password` response against the digest that a server stores.
pub(crate) fn is_native_response(response: &[u8], nonce: &[u8], password: &str) -> bool {
    let stored = sha1::Sha1::digest(sha1::Sha1::digest(password));
    let mask = sha1::Sha1::new()
        .chain_update(nonce)
        .chain_update(stored)
        .finalize();
    let candidate: Vec<u8> = response
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    response.len() == 20 && sha1::Sha1::digest(candidate) == stored
}

/// Checks a `caching_sha2_password` response against the digest that a server stores.
pub(crate) fn is_sha2_response(response: &[u8], nonce: &[u8], password: &str) -> bool {
    use sha2::{Digest as _, Sha256};
    let stored = Sha256::digest(Sha256::digest(password));
    let mask = Sha256::new()
        .chain_update(stored)
        .chain_update(nonce)
        .finalize();
    let candidate: Vec<u8> = response
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    response.len() == 32 && Sha256::digest(candidate) == stored
}

/// Connects a client to a fake server that runs `serve`. Returns the results of both, or panics after 10 seconds.
pub(crate) async fn connect_to<F, T>(
    config: &Config<'_>,
    tls: Tls,
    serve: impl FnOnce(FakeServer<DuplexStream>) -> F,
) -> (Result<Client<DuplexStream>, Error>, T)
where
    F: Future<Output = T>,
{
    let (near, far) = tokio::io::duplex(1 << 10);
    with_timeout(async {
        tokio::join!(
            Client::connect(near, config, tls),
            serve(FakeServer::new(far))
        )
    })
    .await
}

pub(crate) async fn with_timeout<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("finished within 10 seconds")
}

/// Returns a client that is logged in, and its server.
pub(crate) async fn logged_in(
    capabilities: u32,
) -> (Client<DuplexStream>, FakeServer<DuplexStream>) {
    let (client, server) = connect_to(
        &Config::new("writer", "", None),
        Tls::Off,
        async |mut server| {
            server.accept_login(capabilities).await;
            server
        },
    )
    .await;
    (client.unwrap(), server)
}

/// Returns a client that is logged in and has set up its session, and its server.
pub(crate) async fn ready(capabilities: u32) -> (Client<DuplexStream>, FakeServer<DuplexStream>) {
    let (mut client, mut server) = logged_in(capabilities).await;
    let serve = async {
        server.read_statement().await;
        server.send_ok().await;
        server.read_statement().await;
        server.sequence = 1;
        server.send_ok().await;
    };
    join(client.query("DO 1", &[]), serve).await.0.unwrap();
    (client, server)
}

pub(crate) async fn join<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    with_timeout(async { tokio::join!(a, b) }).await
}
