//! A stream that is logged in, as tokio-postgres sees it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that is logged in. It swallows the first message of tokio-postgres's log-in and replies with the server's
/// greeting. Everything after that must be messages of PostgreSQL: tokio-postgres would wait for the rest of a garbage one
/// until the timeout.
pub(super) struct Greeted<S> {
    stream: S,
    greeting: BytesMut,
    to_swallow: Swallow,
    messages: Messages,
}

/// The position in the server's messages.
#[derive(Default)]
struct Messages {
    head: [u8; 5],
    have: usize,
    /// The bytes of the current message that are still to come.
    rest: usize,
}

/// The most bytes of a message; beyond, it is garbage. A row of PostgreSQL is at most 1 GB, and no row of this site is near.
const MAX_MESSAGE_BYTES: usize = 256 << 20;

/// The first bytes of the messages that a server sends (postgresql.org/docs/current/protocol-message-formats.html).
const KINDS: &[u8] = b"123ACDEGHIKNRSTVWZcdnstv";

impl Messages {
    fn are_in(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let skipped = self.rest.min(bytes.len());
            self.rest -= skipped;
            bytes = &bytes[skipped..];
            let Some((first, others)) = bytes.split_first() else {
                break;
            };
            self.head[self.have] = *first;
            self.have += 1;
            bytes = others;
            if self.have < self.head.len() {
                continue;
            }
            let [kind, length @ ..] = self.head;
            let length = u32::from_be_bytes(length) as usize;
            if !KINDS.contains(&kind) || !(4..=MAX_MESSAGE_BYTES).contains(&length) {
                return false;
            }
            self.have = 0;
            self.rest = length - 4;
        }
        true
    }
}

/// The rest of the first message.
enum Swallow {
    /// The bytes of its length that were read.
    Length([u8; 4], usize),
    /// The bytes that are still to come.
    Rest(usize),
}

impl<S> Greeted<S> {
    /// Wraps a stream; `greeting` is the server's message to a client that is logged in.
    pub(super) fn new(stream: S, greeting: BytesMut) -> Self {
        Self {
            stream,
            greeting,
            to_swallow: Swallow::Length([0; 4], 0),
            messages: Messages::default(),
        }
    }

    /// The number of bytes of `buf` that belong to the first message.
    fn swallow(&mut self, buf: &[u8]) -> usize {
        let mut taken = 0;
        while let Swallow::Length(head, have) = &mut self.to_swallow {
            let Some(byte) = buf.get(taken) else {
                return taken;
            };
            head[*have] = *byte;
            *have += 1;
            taken += 1;
            if *have == 4 {
                self.to_swallow =
                    Swallow::Rest((u32::from_be_bytes(*head) as usize).saturating_sub(4));
            }
        }
        if let Swallow::Rest(rest) = &mut self.to_swallow {
            let more = (*rest).min(buf.len() - taken);
            *rest -= more;
            taken += more;
        }
        taken
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Greeted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.greeting.has_remaining() {
            let some = self.greeting.len().min(buf.remaining());
            buf.put_slice(&self.greeting.split_to(some));
            return Poll::Ready(Ok(()));
        }
        let this = &mut *self;
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(task, buf))?;
        if this.messages.are_in(&buf.filled()[before..]) {
            Poll::Ready(Ok(()))
        } else {
            let why = "the server sent something that is not a PostgreSQL message";
            Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)))
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Greeted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.swallow(buf) {
            0 => Pin::new(&mut self.stream).poll_write(task, buf),
            taken => Poll::Ready(Ok(taken)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(task))?;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// True if all of `bytes`, given in pieces of `size`, are messages.
    fn are_messages(bytes: &[u8], size: usize) -> bool {
        let mut messages = Messages::default();
        bytes.chunks(size).all(|piece| messages.are_in(piece))
    }

    #[test]
    fn garbage_is_detected_however_it_is_split() {
        let good = b"Z\0\0\0\x05ID\0\0\0\x0bsevenby1\0\0\0\x04";
        let garbage = b"Z\0\0\0\x05I\xde\xad\xbe\xef\xde\xad";
        let too_long = b"D\x7f\xff\xff\xff";
        let too_short = b"D\0\0\0\x03";
        for size in 1..12 {
            assert!(are_messages(good, size), "{size}");
            assert!(!are_messages(garbage, size), "{size}");
            assert!(!are_messages(too_long, size), "{size}");
            assert!(!are_messages(too_short, size), "{size}");
        }
    }

    #[test]
    fn the_first_message_is_swallowed_however_it_is_split() {
        let sent = b"\0\0\0\x0cstartup!after";
        for size in 1..=sent.len() {
            let mut greeted = Greeted::new((), BytesMut::new());
            let mut passed = Vec::new();
            for piece in sent.chunks(size) {
                let kept = greeted.swallow(piece);
                passed.extend_from_slice(&piece[kept..]);
            }
            assert_eq!(passed, b"after", "{size}");
        }
    }
}
