//! The client's end of the wire: what came and when, and how replies go out. Owns all misbehaviour.
//! Absent: what the bytes mean; that is `postgres` and `mysql`.

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

use crate::plan::{Cut, FaultKind, Moment, Split};
use crate::shared::Shared;

/// Bytes that wait to be read before the client must wait too.
const WAITING: usize = 4 << 20;
/// A question may be as large as this.
const LARGEST: usize = 64 << 20;
/// Of each reply that is cut, so many pieces are followed by a pause, so that they arrive apart.
const PAUSES: usize = 24;

/// What a line must know of its protocol.
#[derive(Clone, Copy)]
pub(crate) struct Wire {
    /// The length of the first packet, its header included, once that can be told.
    pub(crate) packet: fn(&[u8]) -> Option<usize>,
    /// The error that ends a connection; `sequence` is what MySQL numbers packets with.
    pub(crate) fatal: fn(FaultKind, sequence: u8) -> Vec<u8>,
    /// The number of the packet at the start of these bytes.
    pub(crate) sequence: fn(&[u8]) -> u8,
}

/// A client's connection.
pub(crate) struct Line {
    pub(crate) shared: Arc<Shared>,
    wire: Wire,
    /// None once the connection was reset.
    writer: Option<OwnedWriteHalf>,
    reader: JoinHandle<()>,
    came: mpsc::Receiver<(Instant, Vec<u8>)>,
    /// What came and was not taken yet.
    buffer: Vec<u8>,
    /// When the bytes up to a place in the whole stream came.
    times: VecDeque<(u64, Instant)>,
    /// Bytes of the whole stream that were taken.
    taken: u64,
    /// When the question that is being answered came.
    asked: Instant,
    /// When the last reply went out.
    replied: Instant,
    /// Replies that wait to be merged.
    pending: Vec<u8>,
    /// The number that the next packet to the client would bear.
    pub(crate) sequence: u8,
}

fn left() -> Error {
    Error::new(ErrorKind::ConnectionAborted, "the client has left")
}

fn ended() -> Error {
    Error::new(ErrorKind::ConnectionAborted, "ended on order")
}

impl Line {
    pub(crate) fn new(stream: TcpStream, wire: Wire, shared: Arc<Shared>) -> Result<Self> {
        stream.set_nodelay(true)?;
        let (mut input, writer) = stream.into_split();
        let (sender, came) = mpsc::channel(16);
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
            wire,
            writer: Some(writer),
            reader,
            came,
            buffer: Vec::new(),
            times: VecDeque::new(),
            taken: 0,
            asked: now,
            replied: now,
            pending: Vec::new(),
            sequence: 0,
        })
    }

    /// What came and was not taken yet.
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Takes the first bytes of what came: the question that is answered next.
    pub(crate) fn take(&mut self, length: usize) -> Vec<u8> {
        self.taken += length as u64;
        while let Some((end, at)) = self.times.front().copied() {
            self.asked = at;
            if end > self.taken {
                break;
            }
            self.times.pop_front();
            if end == self.taken {
                break;
            }
        }
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }

    fn add(&mut self, (at, bytes): (Instant, Vec<u8>)) {
        self.buffer.extend_from_slice(&bytes);
        let end = self.taken + self.buffer.len() as u64;
        self.times.push_back((end, at));
    }

    /// Waits for more bytes; an error once the client has left.
    pub(crate) async fn more(&mut self) -> Result<()> {
        if self.buffer.len() > LARGEST {
            return Err(Error::new(ErrorKind::InvalidData, "too large a question"));
        }
        if !self.pending.is_empty() {
            // Merging: give the client a moment to ask more.
            if let Ok(part) = tokio::time::timeout(Duration::from_millis(5), self.came.recv()).await
            {
                self.add(part.ok_or_else(left)?);
                return Ok(());
            }
            self.flush().await?;
        }
        let part = self.came.recv().await.ok_or_else(left)?;
        self.add(part);
        Ok(())
    }

    /// Takes one packet whole.
    pub(crate) async fn packet(&mut self) -> Result<Vec<u8>> {
        loop {
            match (self.wire.packet)(&self.buffer) {
                Some(length) if length <= self.buffer.len() => return Ok(self.take(length)),
                _ => self.more().await?,
            }
        }
    }

    /// Waits for something else, for as long as the client is there.
    pub(crate) async fn while_present<T>(&mut self, work: impl Future<Output = T>) -> Result<T> {
        tokio::pin!(work);
        loop {
            let is_listening = self.buffer.len() < WAITING;
            tokio::select! {
                result = &mut work => return Ok(result),
                part = self.came.recv(), if is_listening => match part {
                    Some(part) => self.add(part),
                    None => return Err(left()),
                },
            }
        }
    }

    /// A moment has come, without a reply to spoil.
    pub(crate) async fn moment(&mut self, moment: Moment, statement: &str) -> Result<()> {
        match self.shared.arrive(moment, statement) {
            Some(kind) => Err(self.misbehave(kind, &[]).await),
            None => Ok(()),
        }
    }

    /// Sends what the database has answered, unless something goes wrong on order. `is_committed` says that it has
    /// done a COMMIT or a write outside a transaction.
    pub(crate) async fn deliver(
        &mut self,
        reply: &[u8],
        statement: &str,
        is_committed: bool,
    ) -> Result<()> {
        let mut kind = None;
        if is_committed {
            kind = self
                .shared
                .arrive(Moment::AfterCommitBeforeReply, statement);
        }
        if kind.is_none() {
            kind = self.shared.arrive(Moment::AfterQueryBeforeReply, statement);
        }
        if let Some(kind) = kind {
            return Err(self.misbehave(kind, reply).await);
        }
        if let Some(kind) = self.shared.arrive(Moment::MidReply, statement) {
            let ends = self.ends(reply);
            let half = match (ends.len(), kind) {
                (2.., _) => ends[ends.len() / 2 - 1],
                (_, FaultKind::Drop | FaultKind::Stall | FaultKind::Reset) => reply.len() / 2,
                // Within a packet, what follows would pass for the rest of it, and be believed.
                _ => 0,
            };
            self.reply(&reply[..half]).await?;
            return Err(self.misbehave(kind, &reply[half..]).await);
        }
        self.reply(reply).await
    }

    /// Sends bytes as the plan says.
    pub(crate) async fn reply(&mut self, bytes: &[u8]) -> Result<()> {
        self.pending.extend_from_slice(bytes);
        if self.shared.plan().merge {
            return Ok(());
        }
        self.flush().await
    }

    /// Sends what waits.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let plan = self.shared.plan();
        if plan.delay_ms > 0 {
            let due = self.asked + Duration::from_millis(plan.delay_ms);
            self.while_present(tokio::time::sleep_until(due)).await?;
        }
        if self.asked > self.replied {
            self.shared.stats().round_trips += 1;
        }
        self.replied = Instant::now();
        let bytes = std::mem::take(&mut self.pending);
        let Some(split) = plan.split else {
            return self.send(&bytes).await;
        };
        let turn = self.shared.turn();
        let cuts = self.cuts(split, &bytes, turn);
        let stride = cuts.len().div_ceil(PAUSES).max(1);
        let mut from = 0;
        for (number, to) in cuts.iter().copied().chain([bytes.len()]).enumerate() {
            if to <= from {
                continue;
            }
            self.send(&bytes[from..to]).await?;
            from = to;
            if (number + turn).is_multiple_of(stride) && to < bytes.len() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Where the bytes are cut, in order.
    fn cuts(&self, split: Split, bytes: &[u8], turn: usize) -> Vec<usize> {
        let every = |step: usize| (step.max(1)..bytes.len()).step_by(step.max(1)).collect();
        match split {
            Split::Every(step) => every(step),
            Split::Named(Cut::Bytes) => every(1),
            Split::Named(Cut::Boundaries) => {
                let around: &[isize] = match turn % 4 {
                    0 => &[0],
                    1 => &[-1],
                    2 => &[1],
                    _ => &[-1, 1],
                };
                self.ends(bytes)
                    .into_iter()
                    .flat_map(|end| around.iter().map(move |by| end.saturating_add_signed(*by)))
                    .filter(|cut| *cut < bytes.len())
                    .collect()
            }
        }
    }

    /// Where the packets end.
    fn ends(&self, bytes: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut at = 0;
        while let Some(length) = (self.wire.packet)(&bytes[at..]) {
            at += length;
            if at > bytes.len() {
                break;
            }
            ends.push(at);
        }
        ends
    }

    /// Does what goes wrong, and gives the error that ends the connection. `next` is what would have been sent.
    async fn misbehave(&mut self, kind: FaultKind, next: &[u8]) -> Error {
        match self.spoil(kind, next).await {
            Ok(()) => ended(),
            Err(error) => error,
        }
    }

    async fn spoil(&mut self, kind: FaultKind, next: &[u8]) -> Result<()> {
        self.flush().await?;
        let sequence = match next {
            [] => self.sequence,
            next => (self.wire.sequence)(next),
        };
        let fatal = (self.wire.fatal)(kind, sequence);
        match kind {
            FaultKind::Drop => self.close().await,
            FaultKind::Stall => self.stall().await,
            FaultKind::Garbage => {
                let garbage: [u8; 64] = rand::random();
                self.send(&garbage).await?;
                self.stall().await
            }
            FaultKind::HalfPacket => {
                let next = if next.is_empty() { &fatal } else { next };
                let length = (self.wire.packet)(next)
                    .unwrap_or(next.len())
                    .min(next.len());
                self.send(&next[..length / 2]).await?;
                self.close().await
            }
            FaultKind::Reset => match self.writer.take() {
                Some(writer) => {
                    writer.as_ref().set_zero_linger()?;
                    // Dropped, it would end in order first.
                    writer.forget();
                    Ok(())
                }
                None => Err(ended()),
            },
            FaultKind::ErrorFatal | FaultKind::NoConnection => {
                self.send(&fatal).await?;
                self.close().await
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.writer {
            Some(writer) => {
                self.shared.stats().pieces += 1;
                writer.write_all(bytes).await
            }
            None => Err(ended()),
        }
    }

    async fn close(&mut self) -> Result<()> {
        match &mut self.writer {
            Some(writer) => writer.shutdown().await,
            None => Err(ended()),
        }
    }

    /// Answers nothing until the client leaves.
    pub(crate) async fn stall(&mut self) -> Result<()> {
        self.flush().await?;
        while self.came.recv().await.is_some() {}
        Err(left())
    }

    /// Ends in order, with what was to be sent sent.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        self.flush().await?;
        self.close().await
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // The reader holds the other half of the socket.
        self.reader.abort();
    }
}
