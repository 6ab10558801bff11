//! What a statement brings: rows, or how many it changed. Owns the order in which the parts of a reply come, and what a
//! reply may take in memory.

use mysql_common::constants::StatusFlags;

use crate::Error;
use crate::cell::{Cell, ColumnInfo, column};
use crate::reader::Reader;

/// MySQL allows 4,096 columns.
const MOST_COLUMNS: u64 = 4096;

/// What one statement brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The columns; none when the statement gives no rows.
    pub columns: Vec<ColumnInfo>,
    /// The cells of all rows, one row after the other; see [`Answer::rows`].
    pub cells: Vec<Cell>,
    /// How many rows were inserted, deleted, or matched by an update.
    pub affected: u64,
    /// The number that AUTO_INCREMENT gave out, or 0.
    pub last_insert_id: u64,
    /// The server's status word after the statement.
    pub status: u16,
    /// How many warnings the statement gave.
    pub warnings: u16,
}

impl Answer {
    /// The rows, each as long as there are columns.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.columns.len().max(1))
    }

    /// Whether a transaction is open after the statement.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.status & StatusFlags::SERVER_STATUS_IN_TRANS.bits() != 0
    }
}

enum State {
    First,
    Columns(usize),
    ColumnsEnd,
    Rows,
}

/// Puts an answer together from its packets.
pub(crate) struct Collector {
    answer: Answer,
    state: State,
    deprecates_eof: bool,
    /// What the rows may still take in memory.
    room: usize,
    /// Why the statement failed; its packets are read to the end all the same.
    failure: Option<Error>,
}

impl Collector {
    pub(crate) fn new(deprecates_eof: bool, room: usize) -> Self {
        Self {
            answer: Answer::default(),
            state: State::First,
            deprecates_eof,
            room,
            failure: None,
        }
    }

    /// Takes a packet, and says whether it was the last.
    ///
    /// # Errors
    /// What leaves the connection in doubt. What is wrong with the statement alone comes out of [`Collector::finish`].
    pub(crate) fn take(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match self.state {
            State::First => self.first(packet),
            State::Columns(left) => {
                self.answer.columns.push(column(packet)?);
                self.state = match left - 1 {
                    0 if self.deprecates_eof => State::Rows,
                    0 => State::ColumnsEnd,
                    left => State::Columns(left),
                };
                Ok(false)
            }
            State::ColumnsEnd => {
                end_of_file(packet)?;
                self.state = State::Rows;
                Ok(false)
            }
            State::Rows => self.row_or_end(packet),
        }
    }

    /// The answer, or why there is none.
    pub(crate) fn finish(self) -> Result<Answer, Error> {
        match self.failure {
            None => Ok(self.answer),
            Some(failure) => Err(failure),
        }
    }

    fn fail(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match Error::of_packet(packet) {
            said @ Error::Server { .. } => {
                self.failure = Some(said);
                Ok(true)
            }
            unreadable => Err(unreadable),
        }
    }

    fn first(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match packet.first() {
            Some(0x00) => self.done(packet),
            Some(0xff) => self.fail(packet),
            Some(0xfb) => Err(Error::protocol("the server asks for a file, and gets none")),
            _ => {
                let mut reader = Reader::new(packet);
                let count = reader.length_encoded()?;
                if !(1..=MOST_COLUMNS).contains(&count) || !reader.is_empty() {
                    return Err(Error::protocol("a result that begins with garbage"));
                }
                self.state = State::Columns(count as usize);
                Ok(false)
            }
        }
    }

    /// Takes an OK packet, or the one in its form that ends the rows.
    fn done(&mut self, packet: &[u8]) -> Result<bool, Error> {
        let mut reader = Reader::new(packet);
        reader.u8()?;
        self.answer.affected = reader.length_encoded()?;
        self.answer.last_insert_id = reader.length_encoded()?;
        self.answer.status = checked(reader.u16()?)?;
        self.answer.warnings = reader.u16()?;
        Ok(true)
    }

    fn row_or_end(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match packet.first() {
            Some(0xff) => self.fail(packet),
            // A cell of 16 MB or more begins with this byte as well; its packet is longer than any end.
            Some(0xfe) if self.deprecates_eof && packet.len() < 0xff_ffff => self.done(packet),
            Some(0xfe) if !self.deprecates_eof && packet.len() < 9 => {
                (self.answer.warnings, self.answer.status) = end_of_file(packet)?;
                Ok(true)
            }
            _ => self.row(packet).map(|()| false),
        }
    }

    fn row(&mut self, packet: &[u8]) -> Result<(), Error> {
        let cost = packet.len() + self.answer.columns.len() * size_of::<Cell>();
        self.room = self.room.checked_sub(cost).ok_or(Error::TooLarge)?;
        let mut reader = Reader::new(packet);
        for column in &self.answer.columns {
            let cell = reader.cell()?;
            if self.failure.is_some() {
                continue;
            }
            match cell.map_or(Ok(Cell::Null), |bytes| column.kind.decode(bytes)) {
                Ok(cell) => self.answer.cells.push(cell),
                Err(reason) => {
                    self.failure = Some(Error::Decode {
                        column: column.name.clone(),
                        reason,
                    });
                }
            }
        }
        if reader.is_empty() {
            Ok(())
        } else {
            Err(Error::protocol("a row with more cells than columns"))
        }
    }
}

/// Warnings and status of an EOF packet.
fn end_of_file(packet: &[u8]) -> Result<(u16, u16), Error> {
    let mut reader = Reader::new(packet);
    if packet.len() > 8 || reader.u8()? != 0xfe {
        return Err(Error::protocol("no end after the columns"));
    }
    let warnings = reader.u16()?;
    Ok((warnings, checked(reader.u16()?)?))
}

/// Looks at a status word for what must not be.
fn checked(status: u16) -> Result<u16, Error> {
    let flags = StatusFlags::from_bits_retain(status);
    if flags.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS) {
        return Err(Error::protocol("several results for one statement"));
    }
    if flags.contains(StatusFlags::SERVER_STATUS_NO_BACKSLASH_ESCAPES) {
        return Err(Error::Refused(
            "the session is in the mode NO_BACKSLASH_ESCAPES, in which statements mean something else".to_owned(),
        ));
    }
    Ok(status)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A NULL is one byte on the wire and a whole cell in memory.
    #[test]
    fn rows_are_counted_by_what_they_take_in_memory() {
        let mut collector = Collector::new(true, 100 * size_of::<Cell>());
        let described = b"\x03def\0\0\0\x01a\0\x0c\x2d\0\0\0\0\0\xfd\0\0\0\0\0";
        for packet in [&[1][..], described] {
            assert!(!collector.take(packet).unwrap());
        }
        let taken = (0..200)
            .take_while(|_| collector.take(&[0xfb]).is_ok())
            .count();
        assert!((90..100).contains(&taken), "{taken}");
    }
}
