//! Statements as one text for mysql_async, and its responses as rows, with the literals and the decoding of our own client:
//! a value is the same here and in a Worker.

use std::sync::Arc;

use mysql_async::{Column, Row, Value as Wire};
use mysql_wire::{ColumnKind, Param, interpolate_next};

use crate::drivers::mysql::{failed, parameter, value};
use crate::{DbError, Rows, Statement, Value};

/// The most bytes of a text of several statements. Every server is configured to accept that much.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Joins as many of the first statements as fit, at least one, to one text. Returns it and their number.
pub(super) fn text(statements: &[Statement]) -> Result<(Vec<u8>, usize), DbError> {
    let mut text = Vec::new();
    for (count, statement) in statements.iter().enumerate() {
        let before = text.len();
        let parameters: Vec<Param<'_>> = statement.values.iter().map(parameter).collect();
        interpolate_next(&mut text, &statement.sql, &parameters).map_err(failed)?;
        if count > 0 && text.len() > MAX_TEXT_BYTES {
            text.truncate(before);
            return Ok((text, count));
        }
    }
    Ok((text, statements.len()))
}

/// The response to one statement, not decoded yet.
pub(super) struct Answer {
    /// `None` for a statement that gives no rows.
    pub(super) columns: Arc<[Column]>,
    pub(super) rows: Vec<Row>,
    /// The number of rows inserted, deleted, or matched by an update.
    pub(super) affected: u64,
}

impl Answer {
    /// Decodes the cells by the types of their columns.
    pub(super) fn decode(self) -> Result<Rows, DbError> {
        let kinds = self
            .columns
            .iter()
            .map(|column| {
                let number = column.column_type() as u8;
                ColumnKind::from_column_type(number, column.character_set(), column.decimals())
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let width = kinds.len();
        let mut cells = Vec::with_capacity(width * self.rows.len());
        for row in self.rows {
            for ((wire, kind), column) in row.unwrap_raw().iter().zip(&kinds).zip(&*self.columns) {
                cells.push(cell(wire.as_ref(), *kind, column)?);
            }
        }
        Ok(Rows {
            width,
            cells,
            affected: if width == 0 { self.affected } else { 0 },
        })
    }
}

fn cell(wire: Option<&Wire>, kind: ColumnKind, column: &Column) -> Result<Value, DbError> {
    let decoded = match wire {
        None | Some(Wire::NULL) => return Ok(Value::Null),
        Some(Wire::Bytes(bytes)) => kind.decode(bytes),
        // The text protocol has none of these.
        Some(
            Wire::Int(_)
            | Wire::UInt(_)
            | Wire::Float(_)
            | Wire::Double(_)
            | Wire::Date(..)
            | Wire::Time(..),
        ) => Err("not text"),
    };
    decoded.map(value).map_err(|reason| {
        failed(mysql_wire::Error::Decode {
            column: column.name_str().into_owned(),
            reason,
        })
    })
}
