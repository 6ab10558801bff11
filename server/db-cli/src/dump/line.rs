//! A row as a line of JSON, the same whatever engine it comes from, and the hash of a table's rows.
//!
//! Whole numbers that a double does not hold are strings, so that no reader rounds them; bytes are hexadecimal; times are
//! milliseconds.

use std::fmt::Write as _;

use anyhow::{Result, anyhow, bail, ensure};
use db::schema::{Column, Table};
use db::{FromValue, Kind, Value};
use domain::Timestamp;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The largest whole number that every reader of JSON, and D1, holds exactly.
pub(super) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Takes the cells of a row as their columns declare them.
///
/// # Errors
/// Names the column and the row of a value that no dump can hold.
pub(super) fn declared(table: &Table, cells: Vec<Value>) -> Result<Vec<Value>> {
    let mut row = Vec::with_capacity(cells.len());
    let mut failure = None;
    for (column, cell) in table.columns.iter().zip(cells) {
        match value(column, cell) {
            Ok(value) => row.push(value),
            Err(why) => {
                row.push(Value::Null);
                failure.get_or_insert((column.name, why));
            }
        }
    }
    match failure {
        None => Ok(row),
        Some((column, why)) => bail!(
            "{}.{column} of the row {} holds {why}",
            table.name,
            key(table, &row)
        ),
    }
}

/// A row's key, for messages.
pub(super) fn key(table: &Table, row: &[Value]) -> String {
    let cells = table.columns.iter().zip(row);
    let keys = cells.filter(|(column, _)| column.is_key);
    let keys: Vec<String> = keys.map(|(_, value)| json(value).to_string()).collect();
    keys.join(", ")
}

fn value(column: &Column, cell: Value) -> Result<Value, String> {
    if cell == Value::Null {
        return match column.is_nullable {
            true => Ok(Value::Null),
            false => Err("NULL, which is not allowed".to_owned()),
        };
    }
    Ok(match column.kind {
        Kind::Bool => Value::Bool(bool::from_value(cell)?),
        Kind::Int => Value::Int(match cell {
            // As it was asked for where numbers are doubles.
            Value::Text(digits) => digits.parse().map_err(|_| "text".to_owned())?,
            cell => i64::from_value(cell)?,
        }),
        Kind::Float => match f64::from_value(cell)? {
            number if number.is_finite() => Value::Float(number),
            number => return Err(format!("{number}, which not every engine has")),
        },
        Kind::Text => match String::from_value(cell)? {
            text if text.contains('\0') => {
                return Err("text with a NUL character, which not every engine has".to_owned());
            }
            text => Value::Text(text),
        },
        Kind::Bytes => Value::Bytes(Vec::<u8>::from_value(cell)?),
        Kind::Uuid => Value::Uuid(Uuid::from_value(cell)?),
        Kind::Time => match cell {
            Value::Time(time) => Value::Time(time),
            cell => {
                let millis = i64::from_value(cell)?;
                let time = Timestamp::from_millis(millis);
                if time.as_millis() != millis {
                    return Err("a time that is beyond the year 9999".to_owned());
                }
                Value::Time(time)
            }
        },
    })
}

/// Writes a row as a line, with its end.
pub(super) fn write(row: &[Value]) -> Vec<u8> {
    let mut line = Json::Array(row.iter().map(json).collect()).to_string();
    line.push('\n');
    line.into_bytes()
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) if number.unsigned_abs() > MAX_SAFE_INTEGER => {
            Json::String(number.to_string())
        }
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => Json::String(hex(bytes)),
        Value::Uuid(id) => Json::String(id.to_string()),
        Value::Time(time) => Json::from(time.as_millis()),
    }
}

/// Reads a row from a line.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn read(table: &Table, line: &[u8]) -> Result<Vec<Value>> {
    let cells: Vec<Json> = serde_json::from_slice(line)?;
    let (found, declared) = (cells.len(), table.columns.len());
    ensure!(found == declared, "{found} values for {declared} columns");
    let cells = cells.into_iter().zip(table.columns);
    cells
        .map(|(cell, column)| {
            let found = from_json(column, cell).and_then(|cell| value(column, cell));
            found.map_err(|why| anyhow!("`{}` is {why}", column.name))
        })
        .collect()
}

fn from_json(column: &Column, cell: Json) -> Result<Value, String> {
    Ok(match (cell, column.kind) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(truth), Kind::Bool) => Value::Bool(truth),
        (Json::Number(number), Kind::Int | Kind::Time) => {
            Value::Int(number.as_i64().ok_or("no whole number of 64 bits")?)
        }
        (Json::Number(number), Kind::Float) => Value::Float(number.as_f64().ok_or("no double")?),
        (Json::String(text), Kind::Bytes) => {
            Value::Bytes(from_hex(&text).ok_or("not hexadecimal")?)
        }
        (Json::String(text), Kind::Text | Kind::Uuid | Kind::Int) => Value::Text(text),
        (_, kind) => return Err(format!("not of the type {kind:?}").to_lowercase()),
    })
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| {
            let is_pair = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
            let text = std::str::from_utf8(pair).ok().filter(|_| is_pair)?;
            u8::from_str_radix(text, 16).ok()
        })
        .collect()
}

/// A hash of a table's rows that does not depend on their order, which is not the same on every engine: the sum of the
/// lines' SHA-256, modulo 2^256.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowsHash {
    sum: [u8; 32],
    rows: u64,
}

impl RowsHash {
    /// Adds a row.
    pub(super) fn add(&mut self, line: &[u8]) {
        let digest = Sha256::digest(line);
        let mut carry = 0;
        for (sum, byte) in self.sum.iter_mut().zip(digest).rev() {
            let all = u16::from(*sum) + u16::from(byte) + carry;
            *sum = all.to_le_bytes()[0];
            carry = all >> 8;
        }
        self.rows += 1;
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The hash in hexadecimal digits.
    pub(super) fn text(&self) -> String {
        hex(&self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Column; 8] = [
        Column::new::<String>("all", "key").key(),
        Column::new::<Option<i64>>("all", "whole"),
        Column::new::<Option<f64>>("all", "number"),
        Column::new::<Option<bool>>("all", "truth"),
        Column::new::<Option<Vec<u8>>>("all", "bytes"),
        Column::new::<Option<String>>("all", "text"),
        Column::new::<Option<domain::UserId>>("all", "id"),
        Column::new::<Option<Timestamp>>("all", "at"),
    ];
    const TABLE: Table = Table::new("all", &ALL, &[]);

    fn row(n: usize, value: Value) -> Vec<Value> {
        let mut row = vec![Value::Null; ALL.len()];
        row[0] = Value::Text("k".to_owned());
        row[n] = value;
        row
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn values_come_back_from_a_line() {
        let values = [
            (1, Value::Int(9_007_199_254_740_993)),
            (1, Value::Int(i64::MIN)),
            (1, Value::Int(i64::MAX)),
            (1, Value::Int(-3)),
            (2, Value::Float(0.1)),
            (2, Value::Float(-0.0)),
            (2, Value::Float(f64::MAX)),
            (2, Value::Float(5e-324)),
            (2, Value::Float(3.0)),
            (3, Value::Bool(false)),
            (4, Value::Bytes(Vec::new())),
            (4, Value::Bytes((0..=255).collect())),
            (5, text("")),
            (5, text("\"'\\ \r\n\u{202e}שלום 🏴‍☠️ 夜\u{7f}\u{2028}")),
            (6, Value::Uuid(Uuid::from_u128(7))),
            (7, Value::Time(Timestamp::from_millis(-1))),
            (1, Value::Null),
        ];
        for (n, value) in values {
            let row = row(n, value);
            let line = write(&row);
            let read = read(&TABLE, &line).map_err(|error| error.to_string());
            // Debug tells 0.0 from -0.0.
            assert_eq!(format!("{read:?}"), format!("{:?}", Ok::<_, String>(row)));
            assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        }
        let line = write(&row(1, Value::Int(9_007_199_254_740_993)));
        assert!(String::from_utf8_lossy(&line).contains("\"9007199254740993\""));
    }

    #[test]
    fn what_is_not_as_declared_is_refused() {
        for (n, value, why) in [
            (
                5,
                text("a\0b"),
                "all.text of the row \"k\" holds text with a NUL character",
            ),
            (
                2,
                Value::Float(f64::NAN),
                "all.number of the row \"k\" holds NaN",
            ),
            (
                7,
                Value::Int(i64::MAX),
                "all.at of the row \"k\" holds a time that is beyond the year 9999",
            ),
            (
                3,
                Value::Int(2),
                "all.truth of the row \"k\" holds a whole number",
            ),
            (0, Value::Null, "all.key of the row null holds NULL"),
        ] {
            let refused = declared(&TABLE, row(n, value)).map_err(|error| error.to_string());
            assert!(
                refused.as_ref().is_err_and(|said| said.starts_with(why)),
                "{refused:?}"
            );
        }
        for (line, why) in [
            (
                r#"["k",1.5,null,null,null,null,null,null]"#,
                "`whole` is no whole number",
            ),
            (
                r#"["k",null,null,1,null,null,null,null]"#,
                "`truth` is not of the type bool",
            ),
            (
                r#"["k",null,null,null,"abc",null,null,null]"#,
                "`bytes` is not hexadecimal",
            ),
            (
                r#"["k",null,null,null,null,"\u0000",null,null]"#,
                "`text` is text with a NUL",
            ),
            (
                r#"["k",null,null,null,null,null,"1-2",null]"#,
                "`id` is text",
            ),
            (r#"["k"]"#, "1 values for 8 columns"),
            (r#"["k",null"#, "EOF"),
        ] {
            let refused = read(&TABLE, line.as_bytes()).map_err(|error| error.to_string());
            assert!(
                refused.as_ref().is_err_and(|said| said.starts_with(why)),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn the_hash_of_rows_knows_each_row_and_no_order() {
        let hash = |lines: &[&str]| {
            let mut hash = RowsHash::default();
            for line in lines {
                hash.add(line.as_bytes());
            }
            hash
        };
        assert_eq!(hash(&["a", "b", "c"]), hash(&["c", "a", "b"]));
        assert_ne!(hash(&["a", "b"]).text(), hash(&["a", "c"]).text());
        assert_ne!(hash(&["a", "b", "b"]).text(), hash(&["a"]).text());
        assert_eq!(hash(&["a"]).text(), hex(&Sha256::digest("a")));
    }
}
