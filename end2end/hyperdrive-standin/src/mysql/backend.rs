//! The stand-in's own connection to MySQL or MariaDB.

use std::sync::Arc;

use super::auth;
use super::entrance::CHARSET;
use super::wire::{self, Replies};
use crate::shared::Shared;
use crate::upstream::{Reply, Socket};

/// A connection that has been let in.
pub(crate) struct Backend {
    socket: Socket,
    /// What the server says that it is.
    pub(crate) version: Vec<u8>,
    capabilities: u32,
    /// Something was asked since the session was new.
    is_used: bool,
}

/// Why there is no connection: code, state, message.
pub(crate) type Refused = (u16, String, String);

fn unreachable(error: &std::io::Error) -> Refused {
    let kind = match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection_refused".to_owned(),
        _ => error.to_string(),
    };
    let message = format!("Server connection attempt failed: {kind}");
    (1105, "HY000".to_owned(), message)
}

fn unknown(what: &str) -> Refused {
    (1105, "HY000".to_owned(), what.to_owned())
}

/// The error in an ERR.
fn refused(body: &[u8]) -> Refused {
    let code = body
        .get(1..3)
        .map_or(1105, |code| u16::from_le_bytes([code[0], code[1]]));
    let text = String::from_utf8_lossy(body.get(3..).unwrap_or(&[])).into_owned();
    match text
        .strip_prefix('#')
        .and_then(|text| text.split_at_checked(5))
    {
        Some((state, message)) => (code, state.to_owned(), message.to_owned()),
        None => (code, "HY000".to_owned(), text),
    }
}

impl Backend {
    /// `capabilities` is what the client asked for and the database is to do.
    pub(crate) async fn open(
        shared: &Arc<Shared>,
        database: &str,
        capabilities: u32,
    ) -> Result<Self, Refused> {
        let socket = Socket::open(Arc::clone(shared))
            .await
            .map_err(|error| unreachable(&error))?;
        let mut backend = Self {
            socket,
            version: Vec::new(),
            capabilities: wire::BASIC | wire::CONNECT_WITH_DB | wire::PLUGIN_AUTH | capabilities,
            is_used: false,
        };
        backend.enter(shared, database).await?;
        Ok(backend)
    }

    async fn enter(&mut self, shared: &Shared, database: &str) -> Result<(), Refused> {
        let password = &shared.upstream.password;
        let greeting = self.say(&[]).await?;
        let (version, mut nonce, mut plugin) = read_greeting(&greeting[4..])?;
        self.version = version;
        let mut sequence = greeting[3].wrapping_add(1);
        // What the server proposes may be another plugin than the account's; then it says so.
        let proof = auth::scramble(&plugin, password, &nonce).unwrap_or_default();
        let mut answer = self.capabilities.to_le_bytes().to_vec();
        answer.extend_from_slice(&(64_u32 << 20).to_le_bytes());
        answer.push(CHARSET);
        answer.extend_from_slice(&[0; 23]);
        answer.extend_from_slice(shared.upstream.user.as_bytes());
        answer.push(0);
        answer.push(u8::try_from(proof.len()).unwrap_or(0));
        answer.extend_from_slice(&proof);
        answer.extend_from_slice(format!("{database}\0{plugin}\0").as_bytes());
        let mut words = wire::make(sequence, &answer);
        loop {
            let packet = self.say(&words).await?;
            sequence = packet[3].wrapping_add(1);
            let body = &packet[4..];
            let next = match body.first() {
                Some(0) => return Ok(()),
                Some(0xff) => return Err(refused(body)),
                Some(0xfe) => {
                    let (name, rest) = wire::text(&body[1..]);
                    plugin = String::from_utf8_lossy(name).into_owned();
                    nonce = rest.strip_suffix(&[0]).unwrap_or(rest).to_vec();
                    auth::scramble(&plugin, password, &nonce)
                }
                Some(1) if body == auth::ENOUGH => {
                    words = Vec::new();
                    continue;
                }
                Some(1) if body == auth::IN_FULL => Some(auth::KEY_PLEASE.to_vec()),
                Some(1) => auth::hide(password, &nonce, &body[1..]),
                _ => None,
            };
            let next = next.ok_or_else(|| unknown("the database asks for an unknown proof"))?;
            words = wire::make(sequence, &next);
        }
    }

    async fn say(&mut self, words: &[u8]) -> Result<Vec<u8>, Refused> {
        let answer = self.socket.packet(words, wire::packet).await;
        answer.map_err(|error| unreachable(&error))
    }

    /// Asks; what is learned of the reply comes with it.
    pub(crate) async fn ask(&mut self, question: &[u8]) -> std::io::Result<(Reply, Replies)> {
        self.is_used = true;
        let mut replies = Replies::new(self.capabilities);
        let reply = self
            .socket
            .exchange(question, wire::packet, |packet| replies.is_last(packet))
            .await?;
        Ok((reply, replies))
    }

    /// Makes the session new again; false when that failed.
    pub(crate) async fn renew(&mut self) -> bool {
        if !self.is_used {
            return true;
        }
        // A reset brings back the server's own character set.
        for question in [&b"\x1f"[..], b"\x03SET NAMES utf8mb4"] {
            match self.ask(&wire::make(0, question)).await {
                Ok((reply, replies)) if reply.is_whole && !replies.has_error => {}
                _ => return false,
            }
        }
        self.is_used = false;
        true
    }

    pub(crate) async fn leave(self) {
        self.socket.leave(&wire::make(0, &[1])).await;
    }
}

/// The server's version, nonce and plugin.
fn read_greeting(body: &[u8]) -> Result<(Vec<u8>, Vec<u8>, String), Refused> {
    let malformed = || unknown("the database greets in an unknown way");
    match body.split_first() {
        Some((10, rest)) => {
            let (version, rest) = wire::text(rest);
            let first = rest.get(4..12).ok_or_else(malformed)?;
            let second = rest.get(31..43).ok_or_else(malformed)?;
            let plugin = wire::text(rest.get(44..).unwrap_or(&[])).0;
            let plugin = String::from_utf8_lossy(plugin).into_owned();
            Ok((version.to_vec(), [first, second].concat(), plugin))
        }
        Some((0xff, _)) => Err(refused(body)),
        _ => Err(malformed()),
    }
}
