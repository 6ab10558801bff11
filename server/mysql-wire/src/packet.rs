//! Framing: packets in and out of a stream. Owns the buffers, the sequence numbers and the limits of what is read.
//!
//! What is to be sent is queued, and sent while reading: a reply that fills the one direction while a question still
//! fills the other cannot make both sides wait for each other.

use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use crate::Error;

/// What one frame can hold; a packet of this size or more goes on in the next frame.
const FULL_FRAME: usize = 0xff_ffff;

/// The longest packet that is read or written, over all its frames.
pub(crate) const LONGEST_PACKET: usize = 32 << 20;

/// Everything that one exchange may send.
const LONGEST_OUTPUT: usize = 64 << 20;

/// The head of a frame: three bytes of length, one of sequence.
const HEAD: usize = 4;

/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// A stream of packets.
pub(crate) struct Wire<S> {
    stream: S,
    /// Read and not yet taken: `input[start..end]`.
    input: Vec<u8>,
    start: usize,
    end: usize,
    /// A packet of several frames, put together.
    long: Vec<u8>,
    output: Vec<u8>,
    written: usize,
    is_flushed: bool,
    /// Where the packet that is being written begins in `output`.
    opened: usize,
    /// The number that the next frame from the server must bear.
    sequence: u8,
    /// How many bytes the server may still send.
    allowance: usize,
    /// Kept until it is clear that the server said nothing about why it hung up.
    failure: Option<io::Error>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            input: Vec::new(),
            start: 0,
            end: 0,
            long: Vec::new(),
            output: Vec::new(),
            written: 0,
            is_flushed: true,
            opened: 0,
            sequence: 0,
            allowance: 0,
            failure: None,
        }
    }

    /// Lets the server send this much from now on, frames' heads included.
    pub(crate) fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Expects the next frame to bear this number.
    pub(crate) fn expect(&mut self, sequence: u8) {
        self.sequence = sequence;
    }

    /// The number of the answer to the frame that was read last.
    pub(crate) fn next_sequence(&self) -> u8 {
        self.sequence
    }

    /// Whether something has come that nobody has read.
    pub(crate) fn has_unread(&self) -> bool {
        self.start != self.end
    }

    /// Opens a packet: what is appended to the vector is its content, until [`Wire::close`].
    pub(crate) fn open(&mut self) -> &mut Vec<u8> {
        self.opened = self.output.len();
        self.output.extend_from_slice(&[0; HEAD]);
        &mut self.output
    }

    /// Ends the packet and numbers its frames from `sequence`. Gives the number that the reply begins with.
    pub(crate) fn close(&mut self, sequence: u8) -> Result<u8, Error> {
        let mut head = self.opened;
        let mut left = self.output.len() - head - HEAD;
        if left > LONGEST_PACKET || self.output.len() > LONGEST_OUTPUT {
            return Err(Error::TooLarge);
        }
        let mut number = sequence;
        loop {
            let length = left.min(FULL_FRAME);
            let [low, middle, high, _] = (length as u32).to_le_bytes();
            self.output[head..head + HEAD].copy_from_slice(&[low, middle, high, number]);
            number = number.wrapping_add(1);
            if length < FULL_FRAME {
                break;
            }
            // A full frame is followed by another one, be it empty.
            head += HEAD + length;
            left -= length;
            self.output.splice(head..head, [0; HEAD]);
        }
        self.is_flushed = false;
        Ok(number)
    }

    /// Forgets what was queued; only for what has not begun to be sent.
    pub(crate) fn discard(&mut self) {
        self.output.clear();
        self.written = 0;
        self.is_flushed = true;
    }

    /// The next packet.
    pub(crate) async fn packet(&mut self) -> Result<&[u8], Error> {
        let mut part = self.frame().await?;
        if part.len() < FULL_FRAME {
            return Ok(&self.input[part]);
        }
        self.long.clear();
        loop {
            if self.long.len() + part.len() > LONGEST_PACKET {
                return Err(Error::TooLarge);
            }
            self.long.extend_from_slice(&self.input[part.clone()]);
            if part.len() < FULL_FRAME {
                return Ok(&self.long);
            }
            part = self.frame().await?;
        }
    }

    async fn frame(&mut self) -> Result<Range<usize>, Error> {
        loop {
            if let Some(frame) = self.arrived()? {
                return Ok(frame);
            }
            self.make_room();
            poll_fn(|context| self.poll_exchange(context)).await?;
        }
    }

    /// Takes the next frame out of what was read, if all of it is there.
    fn arrived(&mut self) -> Result<Option<Range<usize>>, Error> {
        let waiting = &self.input[self.start..self.end];
        let Some(([low, middle, high, number], content)) = waiting.split_first_chunk::<HEAD>()
        else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([*low, *middle, *high, 0]) as usize;
        // Checked before the content has come, so that garbage is found out at once.
        if *number != self.sequence {
            // A server that closes a connection of its own accord says why, out of turn.
            if *number == 0 && (1..=1024).contains(&length) && content.first() == Some(&0xff) {
                return content
                    .get(..length)
                    .map_or(Ok(None), |content| Err(Error::of_packet(content)));
            }
            if *number == 0 && content.is_empty() {
                return Ok(None);
            }
            return Err(Error::protocol("packets out of order"));
        }
        if length + HEAD > self.allowance {
            return Err(Error::TooLarge);
        }
        if content.len() < length {
            return Ok(None);
        }
        self.allowance -= length + HEAD;
        self.sequence = self.sequence.wrapping_add(1);
        let from = self.start + HEAD;
        self.start = from + length;
        Ok(Some(from..self.start))
    }

    /// Room for another read. Grows with what has come, and not with what a frame's head announces.
    fn make_room(&mut self) {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        if self.input.len() - self.end >= CHUNK / 4 {
            return;
        }
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.input.len() - self.end < CHUNK / 4 {
            let size = (self.input.len() * 2).clamp(CHUNK, FULL_FRAME + HEAD + CHUNK);
            self.input.resize(size, 0);
        }
    }

    fn poll_exchange(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.failure.is_none()
            && let Poll::Ready(Err(failure)) = self.poll_send(context)
        {
            self.failure = Some(failure);
        }
        let mut room = ReadBuf::new(&mut self.input[self.end..]);
        let ended = match Pin::new(&mut self.stream).poll_read(context, &mut room) {
            Poll::Ready(Ok(())) => match room.filled().len() {
                0 => io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"),
                length => {
                    self.end += length;
                    return Poll::Ready(Ok(()));
                }
            },
            Poll::Ready(Err(failure)) => failure,
            Poll::Pending => match self.failure.take() {
                Some(failure) => failure,
                None => return Poll::Pending,
            },
        };
        Poll::Ready(Err(Error::Io(self.failure.take().unwrap_or(ended))))
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.output.len() {
            match Pin::new(&mut self.stream).poll_write(context, &self.output[self.written..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(length)) => self.written += length,
                Poll::Ready(Err(failure)) => return Poll::Ready(Err(failure)),
                Poll::Pending => return Poll::Pending,
            }
        }
        if !self.is_flushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Ready(Ok(())) => self.discard(),
                other => return other,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends all that is queued, without reading.
    pub(crate) async fn send(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.poll_send(context)).await?;
        Ok(())
    }

    /// Ends the stream in an orderly way.
    pub(crate) async fn shut_down(&mut self) -> Result<(), Error> {
        self.stream.shutdown().await?;
        Ok(())
    }

    /// The bare stream again, to put TLS around it.
    ///
    /// # Errors
    /// When the server has already sent more: somebody else could have put it there, to be taken for the server's own.
    pub(crate) fn into_stream(self) -> Result<S, Error> {
        if self.has_unread() {
            return Err(Error::protocol("the server spoke before TLS was there"));
        }
        Ok(self.stream)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn wire(stream: tokio::io::DuplexStream) -> Wire<tokio::io::DuplexStream> {
        let mut wire = Wire::new(stream);
        wire.allow(LONGEST_OUTPUT);
        wire
    }

    /// Both ends send before either reads, through a pipe of 64 bytes.
    async fn check(length: usize, frames: u8) {
        let (near, far) = tokio::io::duplex(64 << 10);
        let (mut near, mut far) = (wire(near), wire(far));
        let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        for wire in [&mut near, &mut far] {
            wire.open().extend_from_slice(&content);
            assert_eq!(wire.close(0).unwrap(), frames);
        }
        let (there, back) = tokio::join!(
            async {
                let same = near.packet().await.unwrap() == content;
                near.send().await.unwrap();
                same
            },
            async {
                let same = far.packet().await.unwrap() == content;
                far.send().await.unwrap();
                same
            }
        );
        assert!(there && back, "{length}");
    }

    #[tokio::test]
    async fn packets_of_any_size_come_through_both_ways_at_once() {
        for (length, frames) in [
            (0, 1),
            (1, 1),
            (100_000, 1),
            (FULL_FRAME - 1, 1),
            (FULL_FRAME, 2),
            (FULL_FRAME + 1, 2),
        ] {
            check(length, frames).await;
        }
    }

    #[test]
    fn a_packet_beyond_the_limit_is_not_sent() {
        let (near, _far) = tokio::io::duplex(64);
        let mut near = wire(near);
        near.open().resize(LONGEST_PACKET + HEAD + 1, 0);
        assert!(matches!(near.close(0), Err(Error::TooLarge)));
    }

    async fn refused(bytes: &[u8]) -> (Error, usize) {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        far.write_all(bytes).await.unwrap();
        far.shutdown().await.unwrap();
        let mut near = wire(near);
        near.allow(1 << 20);
        (near.packet().await.unwrap_err(), near.input.len())
    }

    #[tokio::test]
    async fn what_is_out_of_order_or_too_long_is_refused_before_it_has_come() {
        assert!(matches!(
            refused(&[1, 0, 0, 7, 9]).await.0,
            Error::Protocol(_)
        ));
        let (error, room) = refused(&[0xff, 0xff, 0xff, 0, 1, 2]).await;
        assert!(matches!(error, Error::TooLarge));
        assert!(room <= CHUNK, "{room}");
    }
}
