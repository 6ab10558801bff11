//! The way to the database: its address, and a connection that is asked one question at a time.
//! Absent: what questions and replies mean; that is `postgres` and `mysql`.

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

use anyhow::{Context, bail};
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use crate::shared::Shared;
use crate::sql::Engine;

/// Where the database is, and who enters it.
pub(crate) struct Upstream {
    pub(crate) engine: Engine,
    host: String,
    port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

impl Upstream {
    /// Reads `postgres://user:password@host:port/database`, or `mysql://…`. A query part is ignored.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text).context("the upstream is not a URL")?;
        let (engine, port) = match url.scheme() {
            "postgres" | "postgresql" => (Engine::Postgres, 5432),
            "mysql" | "mariadb" => (Engine::Mysql, 3306),
            other => bail!("the upstream begins with {other}:, not with postgres: or mysql:"),
        };
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let database = plain(url.path().trim_start_matches('/'));
        if database.is_empty() || url.username().is_empty() {
            bail!("the upstream lacks a user or a database");
        }
        Ok(Self {
            engine,
            host: url.host_str().unwrap_or("127.0.0.1").to_owned(),
            port: url.port().unwrap_or(port),
            user: plain(url.username()),
            password: plain(url.password().unwrap_or("")),
            database,
        })
    }
}

/// A connection to the database.
pub(crate) struct Socket {
    stream: TcpStream,
    /// What came and belongs to the next reply.
    buffer: Vec<u8>,
    shared: Arc<Shared>,
}

impl Socket {
    pub(crate) async fn open(shared: Arc<Shared>) -> Result<Self> {
        let upstream = &shared.upstream;
        let stream = TcpStream::connect((upstream.host.as_str(), upstream.port)).await?;
        stream.set_nodelay(true)?;
        shared.stats().upstream_open += 1;
        Ok(Self {
            stream,
            buffer: Vec::new(),
            shared,
        })
    }

    /// Asks, and reads packets up to the last. Both at once: a long question may have a long reply before its end.
    /// A connection that ends before gives what it said; `is_last` has not been true then.
    pub(crate) async fn exchange(
        &mut self,
        question: &[u8],
        packet: fn(&[u8]) -> Option<usize>,
        mut is_last: impl FnMut(&[u8]) -> bool,
    ) -> Result<Reply> {
        let (mut input, mut output) = self.stream.split();
        let buffer = &mut self.buffer;
        let reading = async {
            let mut at = 0;
            loop {
                while let Some(length) =
                    packet(&buffer[at..]).filter(|length| at + length <= buffer.len())
                {
                    let is_end = is_last(&buffer[at..at + length]);
                    at += length;
                    if is_end {
                        let rest = buffer.split_off(at);
                        let bytes = std::mem::replace(buffer, rest);
                        return Ok(Reply {
                            bytes,
                            is_whole: true,
                        });
                    }
                }
                if input.read_buf(buffer).await? == 0 {
                    buffer.truncate(at);
                    let bytes = std::mem::take(buffer);
                    return Ok(Reply {
                        bytes,
                        is_whole: false,
                    });
                }
            }
        };
        let writing = output.write_all(question);
        tokio::pin!(reading, writing);
        let mut is_written = false;
        loop {
            tokio::select! {
                // A failure to write is told by what is read.
                _ = &mut writing, if !is_written => is_written = true,
                reply = &mut reading => return reply,
            }
        }
    }

    /// One packet, without a question or after one.
    pub(crate) async fn packet(
        &mut self,
        question: &[u8],
        packet: fn(&[u8]) -> Option<usize>,
    ) -> Result<Vec<u8>> {
        let reply = self.exchange(question, packet, |_| true).await?;
        if reply.is_whole {
            return Ok(reply.bytes);
        }
        Err(Error::new(
            ErrorKind::UnexpectedEof,
            "the database has closed the connection",
        ))
    }

    /// Says goodbye, without waiting for an answer.
    pub(crate) async fn leave(mut self, word: &[u8]) {
        // It may have gone before us.
        let _ = self.stream.write_all(word).await;
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.stats().upstream_open -= 1;
    }
}

/// What the database said.
pub(crate) struct Reply {
    pub(crate) bytes: Vec<u8>,
    /// Whether it came to its end.
    pub(crate) is_whole: bool,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn urls() {
        let upstream =
            Upstream::parse("postgres://me:p%40ss@db.example:6000/site?sslmode=disable").unwrap();
        assert_eq!(
            (upstream.engine, upstream.host.as_str(), upstream.port),
            (Engine::Postgres, "db.example", 6000)
        );
        assert_eq!(
            (upstream.user.as_str(), upstream.password.as_str()),
            ("me", "p@ss")
        );
        assert_eq!(upstream.database, "site");
        assert_eq!(Upstream::parse("mysql://me@db/site").unwrap().port, 3306);
        assert!(Upstream::parse("sqlite://a/b").is_err());
        assert!(Upstream::parse("mysql://db/site").is_err());
    }
}
