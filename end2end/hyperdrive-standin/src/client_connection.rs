//! A client's connection: receives requests, sends responses as the fault plan demands, and injects faults.
//! Absent: the meaning of the bytes; that is `postgres` and `mysql`.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::fault_plan::{FaultKind, NamedSplit, Split, Trigger};
use crate::shared::Shared;

/// Received bytes that are buffered while the database is busy, before the client has to wait.
const MAX_READ_AHEAD_BYTES: usize = 4 << 20;
const MAX_REQUEST_BYTES: usize = 64 << 20;
/// The number of chunks of a split response that are followed by a pause, so that they arrive separately.
const MAX_PAUSES: usize = 24;
/// How long a merging connection waits for a further request.
const MERGE_WAIT: Duration = Duration::from_millis(5);

/// The protocol-specific functions that a connection needs.
#[derive(Clone, Copy)]
pub(crate) struct Protocol {
    /// Returns the length of the first packet, including its header, once the header is there.
    pub(crate) packet_length: fn(&[u8]) -> Option<usize>,
    /// Encodes the error that ends a connection; `sequence` is MySQL's packet number.
    pub(crate) fatal_error: fn(FaultKind, sequence: u8) -> Vec<u8>,
    /// Returns the sequence number of the packet at the start.
    pub(crate) sequence: fn(&[u8]) -> u8,
}

/// A client's connection.
pub(crate) struct ClientConnection {
    pub(crate) shared: Arc<Shared>,
    protocol: Protocol,
    /// `None` after a reset of the connection.
    writer: Option<OwnedWriteHalf>,
    reader: JoinHandle<()>,
    received: mpsc::Receiver<(Instant, Vec<u8>)>,
    /// Received bytes that are not yet consumed.
    buffer: Vec<u8>,
    /// Arrival times by the position in the whole stream up to which the bytes had arrived.
    arrivals: VecDeque<(u64, Instant)>,
    /// The number of bytes of the whole stream that were consumed.
    consumed: u64,
    /// The arrival of the current request.
    requested_at: Instant,
    /// The time of the last response.
    responded_at: Instant,
    /// Responses that wait to be merged.
    pending: Vec<u8>,
    /// The sequence number of the next packet to the client.
    pub(crate) sequence: u8,
}

fn disconnected() -> Error {
    Error::new(ErrorKind::ConnectionAborted, "the client disconnected")
}

fn ended_by_fault() -> Error {
    Error::new(ErrorKind::ConnectionAborted, "ended by an injected fault")
}

impl ClientConnection {
    pub(crate) fn new(stream: TcpStream, protocol: Protocol, shared: Arc<Shared>) -> Result<Self> {
        stream.set_nodelay(true)?;
        let (mut input, writer) = stream.into_split();
        let (sender, received) = mpsc::channel(16);
        let reader = tokio::spawn(async move {
            let mut chunk = vec![0; 64 << 10];
            while let Ok(length @ 1..) = input.read(&mut chunk).await {
                let part = (Instant::now(), chunk[..length].to_vec());
                if sender.send(part).await.is_err() {
                    break;
                }
            }
        });
        let now = Instant::now();
        Ok(Self {
            shared,
            protocol,
            writer: Some(writer),
            reader,
            received,
            buffer: Vec::new(),
            arrivals: VecDeque::new(),
            consumed: 0,
            requested_at: now,
            responded_at: now,
            pending: Vec::new(),
            sequence: 0,
        })
    }

    /// Returns the received bytes that are not yet consumed.
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Consumes the first bytes of the buffer as the current request.
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        self.consumed += length as u64;
        while let Some((end, at)) = self.arrivals.front().copied() {
            self.requested_at = at;
            if end > self.consumed {
                break;
            }
            self.arrivals.pop_front();
            if end == self.consumed {
                break;
            }
        }
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }

    fn push(&mut self, (at, bytes): (Instant, Vec<u8>)) {
        self.buffer.extend_from_slice(&bytes);
        let end = self.consumed + self.buffer.len() as u64;
        self.arrivals.push_back((end, at));
    }

    /// Waits for more bytes; an error if the client has disconnected.
    pub(crate) async fn read_more(&mut self) -> Result<()> {
        if self.buffer.len() > MAX_REQUEST_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "the request is too large",
            ));
        }
        if !self.pending.is_empty() {
            if let Ok(part) = tokio::time::timeout(MERGE_WAIT, self.received.recv()).await {
                self.push(part.ok_or_else(disconnected)?);
                return Ok(());
            }
            self.flush().await?;
        }
        let part = self.received.recv().await.ok_or_else(disconnected)?;
        self.push(part);
        Ok(())
    }

    /// Reads one complete packet.
    pub(crate) async fn read_packet(&mut self) -> Result<Vec<u8>> {
        loop {
            match (self.protocol.packet_length)(&self.buffer) {
                Some(length) if length <= self.buffer.len() => return Ok(self.take(length)),
                _ => self.read_more().await?,
            }
        }
    }

    /// Runs `work` while the client is connected; an error if it disconnects.
    pub(crate) async fn while_connected<T>(&mut self, work: impl Future<Output = T>) -> Result<T> {
        tokio::pin!(work);
        loop {
            let may_read = self.buffer.len() < MAX_READ_AHEAD_BYTES;
            tokio::select! {
                result = &mut work => return Ok(result),
                part = self.received.recv(), if may_read => match part {
                    Some(part) => self.push(part),
                    None => return Err(disconnected()),
                },
            }
        }
    }

    /// Injects the fault that is due at this trigger, if any. The error then ends the connection.
    pub(crate) async fn trigger(&mut self, trigger: Trigger, statement: &str) -> Result<()> {
        match self.shared.trigger(trigger, statement) {
            Some(kind) => Err(self.inject(kind, &[]).await),
            None => Ok(()),
        }
    }

    /// Sends the database's response, or injects the fault that is due. `is_committed` means that the database has run a
    /// COMMIT or a write outside a transaction.
    pub(crate) async fn respond(
        &mut self,
        response: &[u8],
        statement: &str,
        is_committed: bool,
    ) -> Result<()> {
        let mut kind = None;
        if is_committed {
            kind = self
                .shared
                .trigger(Trigger::AfterCommitBeforeReply, statement);
        }
        if kind.is_none() {
            kind = self
                .shared
                .trigger(Trigger::AfterQueryBeforeReply, statement);
        }
        if let Some(kind) = kind {
            return Err(self.inject(kind, response).await);
        }
        if let Some(kind) = self.shared.trigger(Trigger::MidReply, statement) {
            let ends = self.packet_ends(response);
            let half = match (ends.len(), kind) {
                (2.., _) => ends[ends.len() / 2 - 1],
                (_, FaultKind::Drop | FaultKind::Stall | FaultKind::Reset) => response.len() / 2,
                // Within a packet, the bytes that follow would be taken for the rest of it.
                _ => 0,
            };
            self.send(&response[..half]).await?;
            return Err(self.inject(kind, &response[half..]).await);
        }
        self.send(response).await
    }

    /// Sends bytes, split, merged and delayed as the fault plan demands.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.pending.extend_from_slice(bytes);
        if self.shared.plan().merge {
            return Ok(());
        }
        self.flush().await
    }

    /// Sends the pending bytes.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let plan = self.shared.plan();
        if plan.delay_ms > 0 {
            let due = self.requested_at + Duration::from_millis(plan.delay_ms);
            self.while_connected(tokio::time::sleep_until(due)).await?;
        }
        if self.requested_at > self.responded_at {
            self.shared.stats().round_trips += 1;
        }
        self.responded_at = Instant::now();
        let bytes = std::mem::take(&mut self.pending);
        let Some(split) = plan.split else {
            return self.write(&bytes).await;
        };
        let turn = self.shared.next_split_turn();
        let positions = self.split_positions(split, &bytes, turn);
        let stride = positions.len().div_ceil(MAX_PAUSES).max(1);
        let mut from = 0;
        for (number, to) in positions.iter().copied().chain([bytes.len()]).enumerate() {
            if to <= from {
                continue;
            }
            self.write(&bytes[from..to]).await?;
            from = to;
            if (number + turn).is_multiple_of(stride) && to < bytes.len() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Returns the positions at which the bytes are split, in order.
    fn split_positions(&self, split: Split, bytes: &[u8], turn: usize) -> Vec<usize> {
        let every = |step: usize| (step.max(1)..bytes.len()).step_by(step.max(1)).collect();
        match split {
            Split::Every(step) => every(step),
            Split::Named(NamedSplit::Bytes) => every(1),
            Split::Named(NamedSplit::Boundaries) => {
                let offsets: &[isize] = match turn % 4 {
                    0 => &[0],
                    1 => &[-1],
                    2 => &[1],
                    _ => &[-1, 1],
                };
                self.packet_ends(bytes)
                    .into_iter()
                    .flat_map(|end| {
                        offsets
                            .iter()
                            .map(move |offset| end.saturating_add_signed(*offset))
                    })
                    .filter(|position| *position < bytes.len())
                    .collect()
            }
        }
    }

    /// Returns the positions at which packets end.
    fn packet_ends(&self, bytes: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut at = 0;
        while let Some(length) = (self.protocol.packet_length)(&bytes[at..]) {
            at += length;
            if at > bytes.len() {
                break;
            }
            ends.push(at);
        }
        ends
    }

    /// Injects a fault and returns the error that ends the connection. `next` are the bytes that would have been sent.
    async fn inject(&mut self, kind: FaultKind, next: &[u8]) -> Error {
        match self.try_inject(kind, next).await {
            Ok(()) => ended_by_fault(),
            Err(error) => error,
        }
    }

    async fn try_inject(&mut self, kind: FaultKind, next: &[u8]) -> Result<()> {
        self.flush().await?;
        let sequence = match next {
            [] => self.sequence,
            next => (self.protocol.sequence)(next),
        };
        let fatal_error = (self.protocol.fatal_error)(kind, sequence);
        match kind {
            FaultKind::Drop => self.close().await,
            FaultKind::Stall => self.stall().await,
            FaultKind::Garbage => {
                let garbage: [u8; 64] = rand::random();
                self.write(&garbage).await?;
                self.stall().await
            }
            FaultKind::HalfPacket => {
                let next = if next.is_empty() { &fatal_error } else { next };
                let length = (self.protocol.packet_length)(next)
                    .unwrap_or(next.len())
                    .min(next.len());
                self.write(&next[..length / 2]).await?;
                self.close().await
            }
            FaultKind::Reset => match self.writer.take() {
                Some(writer) => {
                    writer.as_ref().set_zero_linger()?;
                    // Dropping it would close the connection properly first.
                    writer.forget();
                    Ok(())
                }
                None => Err(ended_by_fault()),
            },
            FaultKind::ErrorFatal | FaultKind::NoConnection => {
                self.write(&fatal_error).await?;
                self.close().await
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.writer {
            Some(writer) => {
                self.shared.stats().chunks += 1;
                writer.write_all(bytes).await
            }
            None => Err(ended_by_fault()),
        }
    }

    async fn close(&mut self) -> Result<()> {
        match &mut self.writer {
            Some(writer) => writer.shutdown().await,
            None => Err(ended_by_fault()),
        }
    }

    /// Sends nothing more and waits until the client disconnects.
    pub(crate) async fn stall(&mut self) -> Result<()> {
        self.flush().await?;
        while self.received.recv().await.is_some() {}
        Err(disconnected())
    }

    /// Sends the pending bytes and closes the connection.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        self.flush().await?;
        self.close().await
    }
}

impl Drop for ClientConnection {
    fn drop(&mut self) {
        // The reader holds the other half of the socket.
        self.reader.abort();
    }
}
