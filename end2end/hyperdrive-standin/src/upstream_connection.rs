//! A connection to the database that runs one request at a time.
//! Absent: the meaning of requests and responses; that is `postgres` and `mysql`.

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::shared::Shared;

/// A connection to the database.
pub(crate) struct UpstreamConnection {
    stream: TcpStream,
    /// Received bytes that belong to the next response.
    buffer: Vec<u8>,
    shared: Arc<Shared>,
}

impl UpstreamConnection {
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

    /// Sends a request and reads packets until `is_last` returns true. Both happen at once, because a long request may have
    /// a long response before its end. If the database closes the connection early, the response is incomplete.
    pub(crate) async fn exchange(
        &mut self,
        request: &[u8],
        packet_length: fn(&[u8]) -> Option<usize>,
        mut is_last: impl FnMut(&[u8]) -> bool,
    ) -> Result<Response> {
        let (mut input, mut output) = self.stream.split();
        let buffer = &mut self.buffer;
        let reading = async {
            let mut at = 0;
            loop {
                while let Some(length) =
                    packet_length(&buffer[at..]).filter(|length| at + length <= buffer.len())
                {
                    let is_end = is_last(&buffer[at..at + length]);
                    at += length;
                    if is_end {
                        let rest = buffer.split_off(at);
                        let bytes = std::mem::replace(buffer, rest);
                        return Ok(Response {
                            bytes,
                            is_complete: true,
                        });
                    }
                }
                if input.read_buf(buffer).await? == 0 {
                    buffer.truncate(at);
                    let bytes = std::mem::take(buffer);
                    return Ok(Response {
                        bytes,
                        is_complete: false,
                    });
                }
            }
        };
        let writing = output.write_all(request);
        tokio::pin!(reading, writing);
        let mut is_written = false;
        loop {
            tokio::select! {
                // A write error shows up as a read error or an incomplete response.
                _ = &mut writing, if !is_written => is_written = true,
                response = &mut reading => return response,
            }
        }
    }

    /// Sends a request, which may be empty, and reads one packet.
    pub(crate) async fn exchange_packet(
        &mut self,
        request: &[u8],
        packet_length: fn(&[u8]) -> Option<usize>,
    ) -> Result<Vec<u8>> {
        let response = self.exchange(request, packet_length, |_| true).await?;
        if response.is_complete {
            return Ok(response.bytes);
        }
        Err(Error::new(
            ErrorKind::UnexpectedEof,
            "the database closed the connection",
        ))
    }

    /// Sends the protocol's packet for the end of a session and closes the connection.
    pub(crate) async fn close(mut self, quit: &[u8]) {
        // The database may have closed it first.
        let _ = self.stream.write_all(quit).await;
    }
}

impl Drop for UpstreamConnection {
    fn drop(&mut self) {
        self.shared.stats().upstream_open -= 1;
    }
}

/// A response of the database.
pub(crate) struct Response {
    pub(crate) bytes: Vec<u8>,
    /// False if the database closed the connection before the end of the response.
    pub(crate) is_complete: bool,
}
