//! Framing: reads and writes packets on a stream. Owns the buffers, the sequence numbers and the size limits.
//!
//! Outgoing packets are queued and sent while reading. Otherwise a large query and a large response could fill both
//! directions of the stream and make both sides wait for each other.

use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use crate::{Error, err_packet};

/// The largest content of one frame. A packet of this size or more continues in the next frame.
const MAX_FRAME_BYTES: usize = 0xff_ffff;

/// The largest packet that is read or written, over all its frames.
pub(crate) const MAX_PACKET_BYTES: usize = 32 << 20;

/// The most that one call may send.
const MAX_OUTPUT_BYTES: usize = 64 << 20;

/// A frame's header: three bytes of length, one of sequence.
const HEADER_BYTES: usize = 4;

/// The size of one read.
const READ_CHUNK_BYTES: usize = 16 << 10;

/// A stream of packets.
pub(crate) struct PacketStream<S> {
    stream: S,
    /// Received bytes; `input[start..end]` are not yet consumed.
    input: Vec<u8>,
    start: usize,
    end: usize,
    /// A packet of several frames, joined.
    joined: Vec<u8>,
    output: Vec<u8>,
    written: usize,
    is_flushed: bool,
    /// The offset in `output` of the packet that is being written.
    packet_start: usize,
    /// The expected sequence number of the server's next frame.
    sequence: u8,
    /// The number of bytes that the server may still send.
    read_limit: usize,
    /// A write error, held back because the server may have sent the reason before it disconnected.
    write_error: Option<io::Error>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> PacketStream<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            input: Vec::new(),
            start: 0,
            end: 0,
            joined: Vec::new(),
            output: Vec::new(),
            written: 0,
            is_flushed: true,
            packet_start: 0,
            sequence: 0,
            read_limit: 0,
            write_error: None,
        }
    }

    /// Limits the bytes that the server may send from now on, frame headers included.
    pub(crate) fn set_read_limit(&mut self, bytes: usize) {
        self.read_limit = bytes;
    }

    pub(crate) fn expect_sequence(&mut self, sequence: u8) {
        self.sequence = sequence;
    }

    /// Returns the sequence number that follows the last frame.
    pub(crate) fn next_sequence(&self) -> u8 {
        self.sequence
    }

    /// Returns true if received bytes are not yet consumed.
    pub(crate) fn has_unread(&self) -> bool {
        self.start != self.end
    }

    /// Begins a packet. Its content is to be appended to the vector, up to [`PacketStream::end_packet`].
    pub(crate) fn begin_packet(&mut self) -> &mut Vec<u8> {
        self.packet_start = self.output.len();
        self.output.extend_from_slice(&[0; HEADER_BYTES]);
        &mut self.output
    }

    /// Ends the packet and numbers its frames from `sequence`. Returns the first sequence number of the response.
    pub(crate) fn end_packet(&mut self, sequence: u8) -> Result<u8, Error> {
        let mut header = self.packet_start;
        let mut remaining = self.output.len() - header - HEADER_BYTES;
        if remaining > MAX_PACKET_BYTES || self.output.len() > MAX_OUTPUT_BYTES {
            return Err(Error::TooLarge);
        }
        let mut number = sequence;
        loop {
            let length = remaining.min(MAX_FRAME_BYTES);
            let [low, middle, high, _] = (length as u32).to_le_bytes();
            self.output[header..header + HEADER_BYTES]
                .copy_from_slice(&[low, middle, high, number]);
            number = number.wrapping_add(1);
            if length < MAX_FRAME_BYTES {
                break;
            }
            // A full frame is followed by another one, even if that is empty.
            header += HEADER_BYTES + length;
            remaining -= length;
            self.output.splice(header..header, [0; HEADER_BYTES]);
        }
        self.is_flushed = false;
        Ok(number)
    }

    /// Clears the queue. Its packets must be either unsent or sent in full.
    pub(crate) fn discard_output(&mut self) {
        self.output.clear();
        self.written = 0;
        self.is_flushed = true;
    }

    pub(crate) async fn read_packet(&mut self) -> Result<&[u8], Error> {
        let mut frame = self.read_frame().await?;
        if frame.len() < MAX_FRAME_BYTES {
            return Ok(&self.input[frame]);
        }
        self.joined.clear();
        loop {
            if self.joined.len() + frame.len() > MAX_PACKET_BYTES {
                return Err(Error::TooLarge);
            }
            self.joined.extend_from_slice(&self.input[frame.clone()]);
            if frame.len() < MAX_FRAME_BYTES {
                return Ok(&self.joined);
            }
            frame = self.read_frame().await?;
        }
    }

    async fn read_frame(&mut self) -> Result<Range<usize>, Error> {
        loop {
            if let Some(frame) = self.take_frame()? {
                return Ok(frame);
            }
            self.reserve_input();
            poll_fn(|context| self.poll_exchange(context)).await?;
        }
    }

    /// Takes the next frame from the received bytes, if it is complete.
    fn take_frame(&mut self) -> Result<Option<Range<usize>>, Error> {
        let received = &self.input[self.start..self.end];
        let Some(([low, middle, high, number], content)) =
            received.split_first_chunk::<HEADER_BYTES>()
        else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([*low, *middle, *high, 0]) as usize;
        // Checked before the content has arrived, so that garbage is detected at once.
        if *number != self.sequence {
            // A server that closes a connection on its own sends an ERR packet out of sequence.
            if *number == 0 && (1..=1024).contains(&length) && content.first() == Some(&0xff) {
                return content
                    .get(..length)
                    .map_or(Ok(None), |content| Err(err_packet::decode(content)));
            }
            if *number == 0 && content.is_empty() {
                return Ok(None);
            }
            return Err(Error::protocol("packets out of order"));
        }
        if length + HEADER_BYTES > self.read_limit {
            return Err(Error::TooLarge);
        }
        if content.len() < length {
            return Ok(None);
        }
        self.read_limit -= length + HEADER_BYTES;
        self.sequence = self.sequence.wrapping_add(1);
        let content_start = self.start + HEADER_BYTES;
        self.start = content_start + length;
        Ok(Some(content_start..self.start))
    }

    /// Makes room for another read. The buffer grows with the bytes received, not with the length that a frame announces.
    fn reserve_input(&mut self) {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        if self.input.len() - self.end >= READ_CHUNK_BYTES / 4 {
            return;
        }
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.input.len() - self.end < READ_CHUNK_BYTES / 4 {
            let size = (self.input.len() * 2).clamp(
                READ_CHUNK_BYTES,
                MAX_FRAME_BYTES + HEADER_BYTES + READ_CHUNK_BYTES,
            );
            self.input.resize(size, 0);
        }
    }

    fn poll_exchange(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.write_error.is_none()
            && let Poll::Ready(Err(error)) = self.poll_flush(context)
        {
            self.write_error = Some(error);
        }
        let mut free = ReadBuf::new(&mut self.input[self.end..]);
        let read_error = match Pin::new(&mut self.stream).poll_read(context, &mut free) {
            Poll::Ready(Ok(())) => match free.filled().len() {
                0 => io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the server closed the connection",
                ),
                length => {
                    self.end += length;
                    return Poll::Ready(Ok(()));
                }
            },
            Poll::Ready(Err(error)) => error,
            Poll::Pending => match self.write_error.take() {
                Some(error) => error,
                None => return Poll::Pending,
            },
        };
        Poll::Ready(Err(Error::Io(
            self.write_error.take().unwrap_or(read_error),
        )))
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.output.len() {
            match Pin::new(&mut self.stream).poll_write(context, &self.output[self.written..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(length)) => self.written += length,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        if !self.is_flushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Ready(Ok(())) => self.discard_output(),
                other => return other,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends all queued packets, without reading.
    pub(crate) async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.poll_flush(context)).await?;
        Ok(())
    }

    pub(crate) async fn shutdown(&mut self) -> Result<(), Error> {
        self.stream.shutdown().await?;
        Ok(())
    }

    /// Returns the underlying stream, for TLS.
    ///
    /// # Errors
    /// If bytes were received already. An attacker could have injected them, to have them taken for the server's own.
    pub(crate) fn into_inner(self) -> Result<S, Error> {
        if self.has_unread() {
            return Err(Error::protocol("data before TLS was set up"));
        }
        Ok(self.stream)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn packets(stream: tokio::io::DuplexStream) -> PacketStream<tokio::io::DuplexStream> {
        let mut packets = PacketStream::new(stream);
        packets.set_read_limit(MAX_OUTPUT_BYTES);
        packets
    }

    /// Both ends queue a packet before either reads, through a pipe of 64 KiB.
    async fn check(length: usize, frames: u8) {
        let (near, far) = tokio::io::duplex(64 << 10);
        let (mut near, mut far) = (packets(near), packets(far));
        let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        for end in [&mut near, &mut far] {
            end.begin_packet().extend_from_slice(&content);
            assert_eq!(end.end_packet(0).unwrap(), frames);
        }
        let (near_received, far_received) = tokio::join!(
            async {
                let same = near.read_packet().await.unwrap() == content;
                near.flush().await.unwrap();
                same
            },
            async {
                let same = far.read_packet().await.unwrap() == content;
                far.flush().await.unwrap();
                same
            }
        );
        assert!(near_received && far_received, "{length}");
    }

    #[tokio::test]
    async fn packets_of_any_size_pass_in_both_directions_at_once() {
        for (length, frames) in [
            (0, 1),
            (1, 1),
            (100_000, 1),
            (MAX_FRAME_BYTES - 1, 1),
            (MAX_FRAME_BYTES, 2),
            (MAX_FRAME_BYTES + 1, 2),
        ] {
            check(length, frames).await;
        }
    }

    #[test]
    fn a_packet_beyond_the_limit_is_not_sent() {
        let (near, _far) = tokio::io::duplex(64);
        let mut near = packets(near);
        near.begin_packet()
            .resize(MAX_PACKET_BYTES + HEADER_BYTES + 1, 0);
        assert!(matches!(near.end_packet(0), Err(Error::TooLarge)));
    }

    async fn read_error(bytes: &[u8]) -> (Error, usize) {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        far.write_all(bytes).await.unwrap();
        far.shutdown().await.unwrap();
        let mut near = packets(near);
        near.set_read_limit(1 << 20);
        (near.read_packet().await.unwrap_err(), near.input.len())
    }

    #[tokio::test]
    async fn frames_out_of_order_or_too_long_are_rejected_by_their_header() {
        assert!(matches!(
            read_error(&[1, 0, 0, 7, 9]).await.0,
            Error::Protocol(_)
        ));
        let (error, buffer_size) = read_error(&[0xff, 0xff, 0xff, 0, 1, 2]).await;
        assert!(matches!(error, Error::TooLarge));
        assert!(buffer_size <= READ_CHUNK_BYTES, "{buffer_size}");
    }
}
