//! Query results: rows, or the number of changed rows. Checks the order of the packets of a response and limits the
//! memory that a result may use.

use mysql_common::constants::StatusFlags;

use crate::cell::{Cell, ColumnInfo, decode_column};
use crate::reader::Reader;
use crate::{Error, err_packet};

/// MySQL's own limit.
const MAX_COLUMNS: u64 = 4096;

/// The result of one statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResult {
    /// The columns; empty for a statement without a result set.
    pub columns: Vec<ColumnInfo>,
    /// The cells of all rows, row by row; see [`QueryResult::rows`].
    pub cells: Vec<Cell>,
    /// The number of rows that were inserted, deleted, or matched by an update.
    pub affected: u64,
    /// The first id that AUTO_INCREMENT generated, or 0.
    pub last_insert_id: u64,
    /// The server's status flags after the statement.
    pub status: u16,
    /// The number of warnings.
    pub warnings: u16,
}

impl QueryResult {
    /// Iterates over the rows; each has one cell per column.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.columns.len().max(1))
    }

    /// Returns true if a transaction is open after the statement.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.status & StatusFlags::SERVER_STATUS_IN_TRANS.bits() != 0
    }
}

enum State {
    FirstPacket,
    Columns(usize),
    EndOfColumns,
    Rows,
}

/// Assembles a result from the packets of a response.
pub(crate) struct ResultReader {
    result: QueryResult,
    state: State,
    deprecates_eof: bool,
    /// The number of bytes that further rows may use in memory.
    remaining_bytes: usize,
    /// The statement's error; its packets are still read to the end.
    error: Option<Error>,
}

impl ResultReader {
    pub(crate) fn new(deprecates_eof: bool, max_bytes: usize) -> Self {
        Self {
            result: QueryResult::default(),
            state: State::FirstPacket,
            deprecates_eof,
            remaining_bytes: max_bytes,
            error: None,
        }
    }

    /// Reads a packet and returns true if it was the last of the response.
    ///
    /// # Errors
    /// Errors that leave the connection in an unknown state. Errors of the statement alone come from
    /// [`ResultReader::finish`].
    pub(crate) fn read(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match self.state {
            State::FirstPacket => self.read_first(packet),
            State::Columns(left) => {
                self.result.columns.push(decode_column(packet)?);
                self.state = match left - 1 {
                    0 if self.deprecates_eof => State::Rows,
                    0 => State::EndOfColumns,
                    left => State::Columns(left),
                };
                Ok(false)
            }
            State::EndOfColumns => {
                read_eof(packet)?;
                self.state = State::Rows;
                Ok(false)
            }
            State::Rows => self.read_row_or_end(packet),
        }
    }

    /// Returns the result, or the statement's error.
    pub(crate) fn finish(self) -> Result<QueryResult, Error> {
        match self.error {
            None => Ok(self.result),
            Some(error) => Err(error),
        }
    }

    fn read_error(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match err_packet::decode(packet) {
            error @ Error::Server { .. } => {
                self.error = Some(error);
                Ok(true)
            }
            malformed => Err(malformed),
        }
    }

    fn read_first(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match packet.first() {
            Some(0x00) => self.read_ok(packet),
            Some(0xff) => self.read_error(packet),
            Some(0xfb) => Err(Error::protocol(
                "a request for a local file, which is never sent",
            )),
            _ => {
                let mut reader = Reader::new(packet);
                let count = reader.length_encoded_int()?;
                if !(1..=MAX_COLUMNS).contains(&count) || !reader.is_empty() {
                    return Err(Error::protocol("an invalid column count"));
                }
                self.state = State::Columns(count as usize);
                Ok(false)
            }
        }
    }

    /// Reads an OK packet, or the packet of that form that ends the rows.
    fn read_ok(&mut self, packet: &[u8]) -> Result<bool, Error> {
        let mut reader = Reader::new(packet);
        reader.u8()?;
        self.result.affected = reader.length_encoded_int()?;
        self.result.last_insert_id = reader.length_encoded_int()?;
        self.result.status = check_status(reader.u16()?)?;
        self.result.warnings = reader.u16()?;
        Ok(true)
    }

    fn read_row_or_end(&mut self, packet: &[u8]) -> Result<bool, Error> {
        match packet.first() {
            Some(0xff) => self.read_error(packet),
            // A cell of 16 MB or more begins with this byte as well; its packet is longer than an OK packet.
            Some(0xfe) if self.deprecates_eof && packet.len() < 0xff_ffff => self.read_ok(packet),
            Some(0xfe) if !self.deprecates_eof && packet.len() < 9 => {
                (self.result.warnings, self.result.status) = read_eof(packet)?;
                Ok(true)
            }
            _ => self.read_row(packet).map(|()| false),
        }
    }

    fn read_row(&mut self, packet: &[u8]) -> Result<(), Error> {
        let cost = packet.len() + self.result.columns.len() * size_of::<Cell>();
        self.remaining_bytes = self
            .remaining_bytes
            .checked_sub(cost)
            .ok_or(Error::TooLarge)?;
        let mut reader = Reader::new(packet);
        for column in &self.result.columns {
            let cell = reader.cell()?;
            if self.error.is_some() {
                continue;
            }
            match cell.map_or(Ok(Cell::Null), |bytes| column.kind.decode(bytes)) {
                Ok(cell) => self.result.cells.push(cell),
                Err(reason) => {
                    self.error = Some(Error::Decode {
                        column: column.name.clone(),
                        reason,
                    });
                }
            }
        }
        if reader.is_empty() {
            Ok(())
        } else {
            Err(Error::protocol("a row with more values than columns"))
        }
    }
}

/// Reads the warnings and the status of an EOF packet.
fn read_eof(packet: &[u8]) -> Result<(u16, u16), Error> {
    let mut reader = Reader::new(packet);
    if packet.len() > 8 || reader.u8()? != 0xfe {
        return Err(Error::protocol(
            "no EOF packet after the column definitions",
        ));
    }
    let warnings = reader.u16()?;
    Ok((warnings, check_status(reader.u16()?)?))
}

/// Rejects a status that the client cannot work with.
fn check_status(status: u16) -> Result<u16, Error> {
    let flags = StatusFlags::from_bits_retain(status);
    if flags.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS) {
        return Err(Error::protocol("more than one result for one statement"));
    }
    if flags.contains(StatusFlags::SERVER_STATUS_NO_BACKSLASH_ESCAPES) {
        return Err(Error::Refused(
            "the session is in the SQL mode NO_BACKSLASH_ESCAPES, which changes the meaning of statements".to_owned(),
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
    fn rows_count_by_their_size_in_memory() {
        let mut reader = ResultReader::new(true, 100 * size_of::<Cell>());
        let definition = b"\x03def\0\0\0\x01a\0\x0c\x2d\0\0\0\0\0\xfd\0\0\0\0\0";
        for packet in [&[1][..], definition] {
            assert!(!reader.read(packet).unwrap());
        }
        let accepted = (0..200)
            .take_while(|_| reader.read(&[0xfb]).is_ok())
            .count();
        assert!((90..100).contains(&accepted), "{accepted}");
    }
}
